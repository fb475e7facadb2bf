package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.ReadState;
import io.cashew.proxy.backend.Reading;
import org.jspecify.annotations.Nullable;

/**
 * Which server of a shard answers a request that only reads. Immutable; what is known of a client
 * is its {@link Reading}.
 *
 * <p>A client stays with one replica of a shard while that is well, so that time does not run
 * backwards for it. What it has written itself it reads at the primary: while its write has no
 * reply, for a while after that, and until its replica is known to have it.
 *
 * @param from which servers of a shard may answer
 * @param readYourWritesNanos how long after a write a client reads at the primary; 0: it need not
 *     read what it has written
 */
public record ReadPreference(From from, long readYourWritesNanos) {

  /** From which servers. */
  public enum From {
    /** The primary alone. */
    PRIMARY,

    /** The primary; replicas while it cannot be reached. */
    PREFER_PRIMARY,

    /** Replicas; the primary while none of them is well. */
    PREFER_REPLICA,

    /** Replicas, or nobody. */
    REPLICA,

    /** Primary and replicas alike. */
    ANY,

    /** Primary and replicas that are near; any while none of these is well. */
    NEAREST
  }

  /** What pools do that say nothing. */
  public static final ReadPreference PRIMARY = new ReadPreference(From.PRIMARY, 0);

  /** Whether replicas may be read from. */
  public boolean usesReplicas() {
    return from != From.PRIMARY;
  }

  /** Whether what no replica answers may be asked of the primary. */
  boolean fallsBackToPrimary() {
    return from != From.REPLICA;
  }

  /**
   * Chooses a server.
   *
   * @param shard index of the shard
   * @param primary of the shard
   * @param replicas of the shard, whether they are well or not
   * @param but one that has just not answered; null: none has
   * @return null: no server may answer
   */
  @Nullable Backend choose(
      int shard,
      Backend primary,
      Backend[] replicas,
      Reading client,
      long nowNanos,
      @Nullable Backend but) {
    if (from == From.PRIMARY
        || (from == From.PREFER_PRIMARY && serves(primary))
        || client.isWriting()
        || (readYourWritesNanos > 0 && client.hasWrittenWithin(readYourWritesNanos, nowNanos))) {
      return primary;
    }
    Backend stays = of(client.replicaOf(shard), replicas);
    if (stays == null || stays == but || !isWell(stays)) {
      stays = find(primary, replicas, client, but);
      if (stays == null) {
        return fallsBackToPrimary() || anyIsUnknown(replicas) ? primary : null;
      }
      if (stays == primary) {
        return primary;
      }
      client.staysAt(stays.node(), shard);
    }
    return knowsWrites(stays, client) ? stays : primary;
  }

  private static boolean serves(Backend backend) {
    return !backend.node().circuitOpen();
  }

  private boolean mayReadAtPrimary() {
    return from == From.ANY || from == From.NEAREST;
  }

  /** Whether nobody has looked yet how a replica is, which takes a moment. */
  private static boolean anyIsUnknown(Backend[] replicas) {
    for (Backend replica : replicas) {
      if (replica.node().reads().equals(ReadState.UNKNOWN) && serves(replica)) {
        return true;
      }
    }
    return false;
  }

  /** The backend of a replica; null: the shard has no such replica any more. */
  private static @Nullable Backend of(@Nullable Node node, Backend[] replicas) {
    for (Backend replica : replicas) {
      if (replica.node() == node) {
        return replica;
      }
    }
    return null;
  }

  private static boolean isWell(Backend replica) {
    return serves(replica) && replica.node().reads().isWell();
  }

  private boolean knowsWrites(Backend replica, Reading client) {
    ReadState state = replica.node().reads();
    return readYourWritesNanos == 0 || client.isKnownTo(state);
  }

  private @Nullable Backend find(
      Backend primary, Backend[] replicas, Reading client, @Nullable Backend but) {
    Backend near = from == From.NEAREST ? findAmong(primary, replicas, client, but, true) : null;
    return near == null ? findAmong(primary, replicas, client, but, false) : near;
  }

  private @Nullable Backend findAmong(
      Backend primary,
      Backend[] replicas,
      Reading client,
      @Nullable Backend but,
      boolean onlyNear) {
    int count = replicas.length + (mayReadAtPrimary() ? 1 : 0);
    int first = count == 0 ? 0 : client.firstOf(count);
    for (int i = 0; i < count; i++) {
      int index = (first + i) % count;
      Backend server = index == replicas.length ? primary : replicas[index];
      if (server != but
          && (server == primary ? serves(primary) : isWell(server))
          && (!onlyNear || server.node().reads().isNear())) {
        return server;
      }
    }
    return null;
  }

  /** Why nobody may answer, as a client is told. */
  String noReplica(Backend primary, Backend[] replicas) {
    StringBuilder text = new StringBuilder("ERR node '");
    text.append(primary.node().name()).append("' of pool '").append(primary.node().pool());
    text.append("' has no replica to read from (read-from = replica)");
    String separator = ": ";
    for (Backend replica : replicas) {
      String why = serves(replica) ? replica.node().reads().why() : "it cannot be reached";
      text.append(separator).append(replica.node().address().text()).append(' ').append(why);
      separator = ", ";
    }
    return text.toString();
  }
}
