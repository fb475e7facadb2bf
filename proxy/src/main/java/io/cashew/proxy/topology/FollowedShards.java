package io.cashew.proxy.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Shards that are as they are configured but for their servers: of each it is configured where it
 * is learnt who its primary and its replicas are. Confined to the control thread, but for {@link
 * #whyNobody} and {@link #rivals}.
 */
public final class FollowedShards extends LearningSource {

  /**
   * Where it is learnt who the primary of a shard is. Equal ones learn the same, in the same way.
   */
  public interface Origin {
    /** Watches it; it has not begun. */
    PrimaryWatch watch();
  }

  private record Followed(Origin origin, PrimaryWatch watch) {}

  private final Function<Shard, Optional<Origin>> origins;

  /** Written by the control thread. */
  private final Map<String, Followed> followed = new ConcurrentHashMap<>();

  /** Written by the control thread. */
  private final Map<String, PrimaryWatch.Found> found = new ConcurrentHashMap<>();

  /**
   * Begins nothing.
   *
   * @param configured where to begin
   * @param origins of a shard as it is configured at the moment; empty: it stays as it is
   */
  public FollowedShards(Topology configured, Function<Shard, Optional<Origin>> origins) {
    super(configured);
    this.origins = origins;
  }

  @Override
  void follow(Topology pool) {
    Map<String, Origin> now = new HashMap<>();
    pool.shards()
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

  @Override
  Topology known(Topology pool) {
    List<Shard> shards = new ArrayList<>();
    for (Shard shard : pool.shards()) {
      PrimaryWatch.Found here = found.get(shard.name());
      shards.add(
          here == null
              ? shard
              : new Shard(
                  shard.name(),
                  shard.weight(),
                  here.primary().map(at -> new ServerId(at, 0)).orElse(ServerId.NOBODY),
                  here.replicas().stream().map(at -> new ServerId(at, 0)).toList()));
    }
    return Topology.of(shards, pool.placement(), pool.traits());
  }

  @Override
  Set<ServerId> beingReplaced() {
    return found.values().stream()
        .filter(PrimaryWatch.Found::isBeingReplaced)
        .flatMap(each -> each.primary().stream())
        .map(at -> new ServerId(at, 0))
        .collect(Collectors.toSet());
  }

  @Override
  public String whyNobody(String shard) {
    PrimaryWatch.Found here = found.get(shard);
    return here == null ? "it is not known yet who that is" : here.why();
  }

  @Override
  public List<String> rivals(String shard) {
    Followed its = followed.get(shard);
    return its == null ? List.of() : its.watch().rivals();
  }

  @Override
  public void settle(String shard, Consumer<Optional<String>> doubt) {
    Followed its = followed.get(shard);
    if (its == null) {
      doubt.accept(Optional.empty());
    } else {
      its.watch().settle(doubt);
    }
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
  void end() {
    followed.values().forEach(each -> each.watch().close());
    followed.clear();
    found.clear();
  }
}
