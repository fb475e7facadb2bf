package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.RequestInsight;
import io.cashew.proxy.client.answer.AccessGuard;
import io.cashew.proxy.client.answer.LocalCommands;
import io.cashew.proxy.client.blocking.BlockingRequests;
import io.cashew.proxy.client.blocking.Departures;
import io.cashew.proxy.client.pubsub.PubSubRequests;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;
import org.jspecify.annotations.Nullable;

/**
 * Takes the requests of a pool's clients on one worker: finds the row of the command, has it
 * checked, and hands it to the handler of its kind. Confined to the worker.
 */
public final class Dispatch {
  private final PoolPart pool;
  private final PoolRecorder recorder;
  private final RequestInsight insight;
  private final PrimaryCheck primaryCheck;
  private final DepartureCheck departureCheck;
  private final Checks checks;
  private final Forward forward;
  private final Split split;
  private final Keyspace keyspace;
  private final Local local;
  private final Administration administration;
  private final BlockingRequests blocking;
  private final PartialRequests partialRequests;
  private PubSubRequests pubSub;

  public Dispatch(
      PoolPart pool,
      AccessGuard guard,
      Departures departures,
      LocalCommands answers,
      PubSubRequests pubSub) {
    this.pool = pool;
    this.pubSub = pubSub;
    recorder = pool.recorder();
    insight = pool.insight();
    forward = new Forward(pool);
    split = new Split(pool);
    keyspace = new Keyspace(pool);
    local = new Local(pool, answers);
    administration = new Administration(pool, forward, keyspace, local);
    blocking = new BlockingRequests(pool);
    departureCheck = new DepartureCheck(pool, departures, pubSub);
    primaryCheck = new PrimaryCheck(pool, pubSub);
    checks = new Checks(pool, guard, primaryCheck, departureCheck);
    partialRequests = new PartialRequests(pool, guard);
  }

  /** The pool has other commands. */
  public void install(LocalCommands newAnswers, PubSubRequests newPubSub) {
    assert pool.worker().inThread();
    local.install(newAnswers);
    pubSub = newPubSub;
    departureCheck.install(newPubSub);
    primaryCheck.install(newPubSub);
  }

  /** Some time has passed. */
  public void onTick() {
    primaryCheck.onTick();
  }

  /** Nodes may have other servers. */
  public void topologyChanged() {
    primaryCheck.topologyChanged();
  }

  /**
   * Takes a request, unless it must wait.
   *
   * @return whether it has been taken; if not, the client's gate has a {@link Hold}, and the
   *     request comes again when that is over
   */
  boolean take(ConnectedClient client, RequestFrame frame) {
    if (frame.argc() == 0) {
      return true;
    }
    Command command = find(client, frame);
    if (command != null) {
      switch (checks.check(client, command, frame)) {
        case LATER -> {
          return false;
        }
        case PASS -> carryOut(client, command, frame);
        case ANSWERED -> {}
      }
    }
    recorder.requests++;
    client.requestTaken();
    return true;
  }

  /** Knows where requests go of which only the beginning is there. */
  PartialRequests partialRequests() {
    return partialRequests;
  }

  /** The row of what a client asks for; null if there is none, of which the client is told. */
  private @Nullable Command find(ConnectedClient client, RequestFrame frame) {
    CommandTable commands = pool.commands();
    Command command = commands.find(frame.buf(), frame.offset(0), frame.length(0));
    client.asks(command);
    if (command == null) {
      client.refuse(RefusalKind.UNKNOWN_COMMAND, CommandErrors.unknownCommand(frame));
      return null;
    }
    if (!command.isContainer() || frame.argc() == 1) {
      return command;
    }
    Command subcommand = commands.findSubcommand(command, frame);
    if (subcommand == null) {
      client.refuse(RefusalKind.UNKNOWN_COMMAND, CommandErrors.unknownSubcommand(command, frame));
    } else {
      client.asks(subcommand);
    }
    return subcommand;
  }

  private void carryOut(ConnectedClient client, Command command, RequestFrame frame) {
    Kind kind = command.kind(frame);
    insight.begins(frame, command);
    client.begins(command, kind);
    switch (kind) {
      case FORWARD -> forward.take(client, command, frame);
      case SPLIT -> split.take(client, command, frame);
      case LOCAL -> local.take(client, command, frame);
      case KEYSPACE -> keyspace.take(client, command, frame);
      case ONE_NODE -> forward.takeOfOneNode(client, command, frame);
      case ADMIN -> administration.take(client, command, frame);
      case BLOCKING -> blocking.take(client, command, frame);
      case TRANSACTION -> client.transaction().run(command, frame);
      case PUBSUB -> pubSub.run(command, client, frame);
      case REFUSED -> client.refuse(RefusalKind.REFUSED_COMMAND, CommandErrors.refused(command));
    }
    client.hasBegun(kind);
  }
}
