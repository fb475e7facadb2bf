package io.cashew.proxy.topology;

import io.cashew.proxy.event.Events;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.Requests;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Asks the primaries of a pool and their replicas, twice a second, how far they are, and says
 * whether each replica may be read from. Confined to the control thread.
 *
 * <p>The replicas of a shard are asked when its primary has answered: so one that is well has
 * everything that the primary had.
 */
public final class ReplicaWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaWatch.class);

  /** From the begin of a round of questions to that of the next. */
  static final long EVERY_MILLIS = 500;

  /** A server that has not answered by then is not waited for: it may be frozen. */
  static final long PATIENCE_MILLIS = 300;

  /** Every so many rounds servers are asked for their zones. */
  private static final int ROUNDS_OF_ZONES = 120;

  private static final byte[] ASKS_ZONE = Requests.of("INFO", "server");
  private static final String ZONE = "availability_zone:";

  /**
   * What is known of a server.
   *
   * @param isWell of a replica: whether it may be read from
   * @param hasAllUntilNanos of a replica: it has all that its primary had executed by then, as
   *     {@link System#nanoTime}; {@link Long#MIN_VALUE}: not known
   * @param lagMillis of a replica: how long it has been behind; -1: not known
   * @param zone that it says it is in; empty: it does not say
   * @param why a replica is not well, in words; empty: it is
   */
  public record Standing(
      boolean isWell, long hasAllUntilNanos, long lagMillis, String zone, String why) {}

  /** Hears what is found. */
  public interface Listener {
    /** A replica, or a primary, stands like this; said time and again. */
    void stands(ServerId server, Standing standing);
  }

  private final String pool;
  private final Asking asking;
  private final ScheduledExecutorService control;
  private final Listener listener;
  private final Map<String, AskedServer> servers = new HashMap<>();
  private final Map<String, String> zones = new HashMap<>();
  private List<Watched> shards = List.of();
  private long maxLagNanos;
  private boolean closed;

  /** A shard and what is known of its servers. */
  private final class Watched {
    private final Shard shard;
    private final PrimaryOffsets offsets;
    private final Map<ServerId, ReplicaJudgement> judgements = new HashMap<>();

    /** Each of its replicas was there before. */
    private boolean isKnown = true;

    Watched(Shard shard, @Nullable Watched before) {
      this.shard = shard;
      boolean samePrimary = before != null && before.shard.primary().equals(shard.primary());
      offsets = before != null && samePrimary ? before.offsets : new PrimaryOffsets();
      for (ServerId replica : shard.replicas()) {
        ReplicaJudgement known = before == null ? null : before.judgements.get(replica);
        judgements.put(replica, known == null ? new ReplicaJudgement() : known);
        isKnown &= known != null;
      }
    }

    void look() {
      long askedNanos = System.nanoTime();
      if (shard.primary().equals(ServerId.NOBODY)) {
        offsets.isSilent();
        lookAtReplicas();
        return;
      }
      ask(
          shard.primary(),
          state -> {
            if (state != null && state.isPrimary()) {
              offsets.said(state, askedNanos);
            } else {
              offsets.isSilent();
            }
            lookAtReplicas();
          });
    }

    private void lookAtReplicas() {
      judgements.forEach(
          (replica, judgement) -> ask(replica, state -> judge(replica, judgement, state)));
    }

    private void judge(
        ServerId replica, ReplicaJudgement judgement, @Nullable ReplicationState state) {
      if (judgements.get(replica) != judgement || !shards.contains(this)) {
        return;
      }
      boolean before = judgement.isWell();
      judgement.look(state, offsets, maxLagNanos, System.nanoTime());
      if (before != judgement.isWell()) {
        tell(replica, judgement);
      }
      if (!judgement.isKnown()) {
        return; // as if it had not been asked
      }
      long lag = judgement.lagNanos();
      listener.stands(
          replica,
          new Standing(
              judgement.isWell(),
              judgement.hasAllUntilNanos(),
              lag < 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(lag),
              zones.getOrDefault(replica.address(), ""),
              judgement.why()));
    }

    private void tell(ServerId replica, ReplicaJudgement judgement) {
      if (judgement.isWell()) {
        event(LOG.atInfo())
            .log("pool {}: node {}: {} is read from", pool, shard.name(), replica.address());
      } else {
        event(LOG.atWarn())
            .log(
                "pool {}: node {}: {} is not read from: {}",
                pool,
                shard.name(),
                replica.address(),
                judgement.why());
      }
    }

    private LoggingEventBuilder event(LoggingEventBuilder line) {
      return line.addMarker(Events.REPLICA)
          .addKeyValue(Events.POOL, pool)
          .addKeyValue(Events.NODE, shard.name());
    }
  }

  /** Hears the answer to one question, or that none came in time, once. */
  private final class Answer {
    private @Nullable StateListener to;

    Answer(StateListener to) {
      this.to = to;
    }

    void came(@Nullable ReplicationState state) {
      StateListener hears = to;
      to = null;
      if (hears != null && !closed) {
        hears.said(state);
      }
    }
  }

  private interface StateListener {
    void said(@Nullable ReplicationState state);
  }

  /**
   * Watches nobody yet.
   *
   * @param pool for messages
   * @param asking with the credentials of the pool's servers
   */
  public ReplicaWatch(
      String pool, Asking asking, ScheduledExecutorService control, Listener listener) {
    this.pool = pool;
    this.asking = asking;
    this.control = control;
    this.listener = listener;
  }

  /** Begins; nobody is asked before something is followed. */
  public void start() {
    assert ControlThread.isHere(control);
    look(0);
  }

  /**
   * Watches these shards from now on. What is known of those that it had stays.
   *
   * @param maxLagMillis a replica that has been behind for longer is not read from
   */
  public void follow(List<Shard> of, long maxLagMillis) {
    assert ControlThread.isHere(control);
    maxLagNanos = TimeUnit.MILLISECONDS.toNanos(maxLagMillis);
    Map<String, Watched> before = new HashMap<>();
    shards.forEach(each -> before.put(each.shard.name(), each));
    List<Watched> now = new ArrayList<>();
    Set<String> addresses = new HashSet<>();
    for (Shard shard : of) {
      if (!shard.replicas().isEmpty()) {
        now.add(new Watched(shard, before.get(shard.name())));
        addresses.add(shard.primary().address());
        shard.replicas().forEach(replica -> addresses.add(replica.address()));
      }
    }
    shards = List.copyOf(now);
    servers
        .entrySet()
        .removeIf(
            each -> {
              boolean gone = !addresses.contains(each.getKey());
              if (gone) {
                each.getValue().close();
              }
              return gone;
            });
    zones.keySet().retainAll(addresses);
    addresses.stream()
        .filter(address -> !address.isEmpty() && !zones.containsKey(address))
        .forEach(this::askZone);
    now.stream().filter(each -> !each.isKnown).forEach(Watched::look);
  }

  private void look(int round) {
    if (closed) {
      return;
    }
    shards.forEach(Watched::look);
    if (round > 0 && round % ROUNDS_OF_ZONES == 0) {
      List.copyOf(servers.keySet()).forEach(this::askZone);
    }
    var unused = control.schedule(() -> look(round + 1), EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private AskedServer server(String address) {
    return servers.computeIfAbsent(address, where -> new AskedServer(asking, where));
  }

  private void ask(ServerId server, StateListener to) {
    Answer answer = new Answer(to);
    server(server.address())
        .ask(
            ReplicationState.REQUEST,
            reply -> answer.came(ReplicationState.of(reply).orElse(null)));
    var unused = control.schedule(() -> answer.came(null), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void askZone(String address) {
    server(address).ask(ASKS_ZONE, reply -> zoneCame(address, reply));
  }

  private void zoneCame(String address, @Nullable ReplyValue reply) {
    if (closed || reply == null || !reply.isText()) {
      return;
    }
    String zone =
        reply
            .words()
            .lines()
            .filter(line -> line.startsWith(ZONE))
            .map(line -> line.substring(ZONE.length()).trim())
            .findFirst()
            .orElse("");
    zones.put(address, zone);
    for (Watched each : shards) {
      if (each.shard.primary().address().equals(address)) {
        listener.stands(each.shard.primary(), new Standing(true, Long.MIN_VALUE, 0, zone, ""));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    servers.values().forEach(AskedServer::close);
  }
}
