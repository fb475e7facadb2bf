package io.cashew.proxy.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Shards that are as they are configured but for their primaries: of each it is configured where it
 * is learnt who that is. Confined to the control thread, but for {@link #whyNobody}.
 */
public final class FollowedShards implements TopologySource {

  /**
   * Where it is learnt who the primary of a shard is. Equal ones learn the same, in the same way.
   */
  public interface Origin {
    /** Watches it; it has not begun. */
    PrimaryWatch watch();
  }

  private record Followed(Origin origin, PrimaryWatch watch) {}

  private final Function<Shard, Optional<Origin>> origins;
  private final Map<String, Followed> followed = new HashMap<>();

  /** Written by the control thread. */
  private final Map<String, PrimaryWatch.Found> found = new ConcurrentHashMap<>();

  private Topology configured;
  private @Nullable Sink sink;

  /**
   * Begins nothing.
   *
   * @param configured where to begin
   * @param origins of a shard as it is configured at the moment; empty: it stays as it is
   */
  public FollowedShards(Topology configured, Function<Shard, Optional<Origin>> origins) {
    this.configured = configured;
    this.origins = origins;
  }

  @Override
  public void start(Sink to, Asker asker) {
    sink = to;
    follow();
    publish();
  }

  @Override
  public void configured(Topology pool) {
    configured = pool;
    if (sink != null) {
      follow();
      publish();
    }
  }

  /** Begins to watch what is new, and ends what is no longer configured. */
  private void follow() {
    Map<String, Origin> now = new HashMap<>();
    configured
        .shards()
        .forEach(shard -> origins.apply(shard).ifPresent(origin -> now.put(shard.name(), origin)));
    for (Map.Entry<String, Followed> each : List.copyOf(followed.entrySet())) {
      if (!each.getValue().origin().equals(now.get(each.getKey()))) {
        followed.remove(each.getKey());
        found.remove(each.getKey());
        each.getValue().watch().close();
      }
    }
    now.forEach(
        (name, origin) -> {
          if (!followed.containsKey(name)) {
            PrimaryWatch watch = origin.watch();
            followed.put(name, new Followed(origin, watch));
            watch.start(
                here -> {
                  found.put(name, here);
                  publish();
                });
          }
        });
  }

  private void publish() {
    Sink to = sink;
    if (to == null) {
      return;
    }
    List<Shard> shards = new ArrayList<>();
    for (Shard shard : configured.shards()) {
      PrimaryWatch.Found here = found.get(shard.name());
      shards.add(
          here == null
              ? shard
              : new Shard(
                  shard.name(),
                  shard.weight(),
                  here.primary().map(at -> new ServerId(at, 0)).orElse(ServerId.NOBODY),
                  shard.replicas()));
    }
    to.publish(Topology.of(shards, configured.placement(), configured.traits()));
  }

  @Override
  public String whyNobody(String shard) {
    PrimaryWatch.Found here = found.get(shard);
    return here == null ? "it is not known yet who that is" : here.why();
  }

  @Override
  public void hint(Hint hint) {
    ServerId server = null;
    if (hint instanceof Hint.Lost lost) {
      server = lost.server();
    } else if (hint instanceof Hint.Refused refused) {
      server = refused.server();
    }
    for (Map.Entry<String, Followed> each : List.copyOf(followed.entrySet())) {
      PrimaryWatch.Found here = found.get(each.getKey());
      if (server != null
          && (here == null || here.primary().equals(Optional.of(server.address())))) {
        each.getValue().watch().hint(hint);
      }
    }
  }

  @Override
  public void close() {
    sink = null;
    followed.values().forEach(each -> each.watch().close());
    followed.clear();
    found.clear();
  }
}
