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
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.computed.ComputeLimit;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
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

  /** The rules of the pools to which routes lead. */
  private List<TargetRules> targets = List.of();

  /** What the pool keeps itself on this worker; null: nothing. */
  private @Nullable CachePart cache;

  /** The way past what is kept; null: nothing is. */
  private @Nullable CacheWay cached;

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
    List<RedeletingSplit.OfPool> all = new ArrayList<>();
    if (Redeletes.isNeeded(pool)) {
      Redeletes known = redeletes;
      if (known == null) {
        redeletes = known = new Redeletes(pool);
      }
      all.add(new RedeletingSplit.OfPool(known, KeyOwner::hasAll));
    }
    for (int place = 0; place < targets.size(); place++) {
      Redeletes ofTarget = targets.get(place).redeletes();
      if (ofTarget != null) {
        all.add(new RedeletingSplit.OfPool(ofTarget, ownerAt(place)));
      }
    }
    return all.isEmpty() ? new Split(pool) : new RedeletingSplit(pool, all);
  }

  private KeyOwner ownerAt(int place) {
    Router router = pool.router();
    return (frame, argument) -> router.poolOf(frame, argument) == place;
  }

  @Override
  public void close() {
    if (redeletes != null) {
      redeletes.close();
    }
  }

  /** That of a pool without rules about times to live does not know that there are such. */
  private Forward forwardWithLives() {
    boolean isNeeded = LongerLives.isNeeded(pool, targets);
    LongerLives lives = isNeeded ? new LongerLives(pool, targets) : null;
    partialRequests.install(lives);
    Forward one = lives == null ? new Forward(pool) : new JitteredForward(pool, lives);
    ComputeLimit limit = pool.settings().computes();
    return limit == null ? one : new ComputingForward(pool, one, limit);
  }

  /** Those of a pool without rates do not know that there are such. */
  private Checks checks() {
    boolean isNeeded = RateCheck.isNeeded(pool, targets);
    RateCheck needed = isNeeded ? new RateCheck(pool, targets) : null;
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
  public void install(@Nullable CachePart newCache) {
    assert pool.worker().inThread();
    cache = newCache;
    cached = newCache == null ? null : requests(newCache, KeyOwner::hasAll);
    partialRequests.install(cached);
  }

  private CachedRequests requests(CachePart of, KeyOwner owner) {
    GuardPart filters = of.guard();
    return filters == null
        ? new CachedRequests(pool, of, owner, forward)
        : new GuardedRequests(pool, of, filters, owner, forward);
  }

  /** What the rules of this pool do for those who come by routes of others. */
  private TargetRules asTarget() {
    Redeletes repeats = Redeletes.isNeeded(pool) ? redeletes : null;
    return new TargetRules(pool, pool.settings().rules(), cache, repeats);
  }

  @Override
  public void leadsTo(List<ClientProtocol> pools) {
    assert pool.worker().inThread();
    List<TargetRules> next =
        pools.stream().map(Dispatch.class::cast).map(Dispatch::asTarget).toList();
    if (next.equals(targets)) {
      return;
    }
    targets = next;
    settingsChanged();
    @Nullable CachedRequests[] ofPools = new @Nullable CachedRequests[next.size()];
    boolean any = false;
    for (int place = 0; place < ofPools.length; place++) {
      CachePart part = next.get(place).cache();
      ofPools[place] = part == null ? null : requests(part, ownerAt(place));
      any |= part != null;
    }
    cached = any ? new RoutedCaches(pool, ofPools) : null;
    partialRequests.install(cached);
  }

  @Override
  public void onTick(long tickMillis) {
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
      CacheWay memory = cached != null && cached.concerns(client, command, frame) ? cached : null;
      if (memory != null) {
        memory.comes(client, command);
      }
      switch (checks.check(client, command, frame)) {
        case LATER -> {
          return false;
        }
        case PASS -> {
          if (memory != null && memory.holds(client, command, frame)) {
            if (rates != null) {
              rates.waits(client, true);
            }
            return false;
          }
          carryOut(client, command, frame, memory);
        }
        case ANSWERED -> {
          if (memory != null) {
            memory.queued(client, command, frame);
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

  private void carryOut(
      ConnectedClient client, Command command, RequestFrame frame, @Nullable CacheWay memory) {
    Kind kind = command.kind(frame);
    insight.begins(frame, command);
    client.begins(command, kind);
    if (memory == null) {
      handle(kind, client, command, frame);
    } else if (!memory.answers(client, command, frame)) {
      if (memory.givesElements()) {
        split.take(client, command, frame, true);
      } else {
        handle(kind, client, command, frame);
      }
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
