package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.GuardPart;
import io.cashew.proxy.client.Client;
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
import io.cashew.proxy.route.computed.ComputeLimit;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Takes the requests of a pool's clients on one worker: finds the row of the command, has it
 * checked, and hands it to the handler of its kind. Confined to the worker.
 */
public class Dispatch implements ClientProtocol {
  private final PoolPart pool;
  private final PoolRecorder recorder;
  private final RequestInsight insight;
  private final PrimaryCheck primaryCheck;
  private final DepartureCheck departureCheck;
  private final AccessGuard guard;
  private Checks checks;

  /** Null: the pool has no rates. */
  private @Nullable RateCheck rates;

  private Forward forward;
  private Split split;

  /** Null: no rule of the pool ever had deletions repeated. */
  private @Nullable Redeletes redeletes;

  private final Keyspace keyspace;
  private final Local local;
  private final Administration administration;
  private final BlockingRequests blocking;
  private final PartialRequests partialRequests;
  private PubSubRequests pubSub;

  /** The way past the near cache; null: the pool has none. */
  private @Nullable CachedRequests cached;

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
    this.guard = guard;
    partialRequests = new PartialRequests(pool, guard);
    checks = checks();
    forward = forwardWithLives();
    split = splitWithRedeletes();
  }

  /** The pool has other commands. */
  public void install(LocalCommands newAnswers, PubSubRequests newPubSub) {
    assert pool.worker().inThread();
    local.install(newAnswers);
    pubSub = newPubSub;
    if (cached != null) {
      cached.forgetCommands();
    }
    departureCheck.install(newPubSub);
    primaryCheck.install(newPubSub);
    settingsChanged();
  }

  @Override
  public Intake intake(Intake.Owner owner, ConnectedClient client, Gate gate, Channel channel) {
    return new RespIntake(owner, client, gate, channel, this);
  }

  @Override
  public void settingsChanged() {
    assert pool.worker().inThread();
    checks = checks();
    forward = forwardWithLives();
    split = splitWithRedeletes();
  }

  /** What waits to be repeated is, whatever becomes of the rules. */
  private Split splitWithRedeletes() {
    if (!Redeletes.isNeeded(pool)) {
      return new Split(pool);
    }
    Redeletes known = redeletes;
    if (known == null) {
      redeletes = known = new Redeletes(pool);
    }
    return new RedeletingSplit(pool, known);
  }

  @Override
  public void close() {
    if (redeletes != null) {
      redeletes.close();
    }
  }

  /** That of a pool without rules about times to live does not know that there are such. */
  private Forward forwardWithLives() {
    LongerLives lives = LongerLives.isNeeded(pool) ? new LongerLives(pool) : null;
    partialRequests.install(lives);
    Forward one = lives == null ? new Forward(pool) : new JitteredForward(pool, lives);
    ComputeLimit limit = pool.settings().computes();
    return limit == null ? one : new ComputingForward(pool, one, limit);
  }

  /** Those of a pool without rates do not know that there are such. */
  private Checks checks() {
    RateCheck needed = RateCheck.isNeeded(pool) ? new RateCheck(pool) : null;
    rates = needed;
    partialRequests.install(needed);
    return needed == null
        ? new Checks(pool, guard, primaryCheck, departureCheck)
        : new RatedChecks(pool, guard, primaryCheck, departureCheck, needed);
  }

  @Override
  public void left(Client client) {
    if (rates != null) {
      rates.left(client);
    }
  }

  /** The pool has this near cache from now on; null: none. */
  public void install(@Nullable CachePart cache) {
    assert pool.worker().inThread();
    GuardPart filters = cache == null ? null : cache.guard();
    cached =
        cache == null
            ? null
            : filters == null
                ? new CachedRequests(pool, cache, forward)
                : new GuardedRequests(pool, cache, filters, forward);
    partialRequests.install(cached);
  }

  @Override
  public void onTick() {
    primaryCheck.onTick();
    if (redeletes != null) {
      redeletes.onTick();
    }
  }

  @Override
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
      if (cached != null) {
        cached.comes(client, command);
      }
      switch (checks.check(client, command, frame)) {
        case LATER -> {
          return false;
        }
        case PASS -> {
          if (cached != null && cached.holds(client, command, frame)) {
            if (rates != null) {
              rates.waits(client, true);
            }
            return false;
          }
          carryOut(client, command, frame);
        }
        case ANSWERED -> {
          if (cached != null) {
            cached.queued(client, command, frame);
          }
        }
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
    CachedRequests memory = cached;
    if (memory == null) {
      handle(kind, client, command, frame);
    } else if (!memory.answers(client, command, frame)) {
      handle(kind, client, command, frame);
      memory.sent(client);
    }
    client.hasBegun(kind);
  }

  private void handle(Kind kind, ConnectedClient client, Command command, RequestFrame frame) {
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
  }
}
