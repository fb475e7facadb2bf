package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster as its servers tell of it, for whoever asks them once. Confined to its owner's
 * thread.
 */
public final class ClusterPicture {
  /** What a server is asked. */
  public static final List<List<String>> QUESTIONS = ClusterReply.QUESTIONS;

  private final Map<String, String> elsewhere;
  private ClusterMap map = ClusterMap.NOTHING;

  /**
   * Nothing is known.
   *
   * @param elsewhere addresses of servers that are reached at others, as told → reached
   */
  public ClusterPicture(Map<String, String> elsewhere) {
    this.elsewhere = elsewhere;
  }

  /**
   * A server has answered {@link #QUESTIONS}.
   *
   * @return why it says nothing; empty: it does
   */
  public Optional<String> add(String address, @Nullable List<ReplyValue> replies) {
    ClusterReply reply = ClusterReply.of(replies, new ClusterAddresses(address, elsewhere));
    if (reply instanceof ClusterReply.View view) {
      if (map.isStrange(view)) {
        return Optional.of("belongs to another Cluster than the others");
      }
      map = map.after(view);
      return Optional.empty();
    }
    return Optional.of("answers " + ((ClusterReply.Unknown) reply).why());
  }

  /** The primaries as shards, and whose the slots are. */
  public Topology topology() {
    return ClusterShards.of(map.believingAll(), map.databases(), Map.of());
  }

  /** How many slots nobody has. */
  public int uncovered() {
    return map.uncovered();
  }

  /** Of the Cluster; 0: not known. */
  public long epoch() {
    return map.epoch();
  }

  /** Whether a shard of {@link #topology()} stands for slots that nobody has. */
  public static boolean isUnserved(Shard shard) {
    return shard.primary().equals(ServerId.NOBODY);
  }

  /** Addresses of servers that most primaries, or one of them, find not to answer. */
  public List<String> suspected() {
    List<String> addresses = new ArrayList<>();
    for (ClusterServer server : map.servers()) {
      if (server.condition() == ClusterServer.Condition.FAILED
          || server.condition() == ClusterServer.Condition.SUSPECTED) {
        addresses.add(server.hasAddress() ? server.address() : server.id());
      }
    }
    return addresses;
  }
}
