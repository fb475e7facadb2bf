package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.loop.Worker;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connections on which one worker hears of keys that change: of each server on one worker.
 * Confined to it.
 */
final class SourceLinks {
  private final NearCache cache;
  private final Worker worker;
  private final @Nullable GuardPart guard;
  private final Changes changes;
  private final Map<Node, SourceLink> links = new HashMap<>();

  /** Hears of keys that have changed. */
  interface Changes {
    /**
     * A server says that one has.
     *
     * @param buf holds its bytes as well; borrowed
     */
    void invalidated(Node by, KeyBytes key, ByteBuf buf, int index, int length);
  }

  /**
   * None.
   *
   * @param guard hears of them first; null: no rule has one
   */
  SourceLinks(NearCache cache, Worker worker, @Nullable GuardPart guard, Changes changes) {
    this.cache = cache;
    this.worker = worker;
    this.guard = guard;
    this.changes = changes;
  }

  /** These are this worker's sides of the primaries. */
  void follow(List<Backend> backends) {
    for (Iterator<Map.Entry<Node, SourceLink>> all = links.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Node, SourceLink> each = all.next();
      if (backends.stream().noneMatch(backend -> backend.node() == each.getKey())) {
        all.remove();
        each.getValue().close();
        if (guard != null) {
          guard.hearsNoMore(each.getKey());
        }
      }
    }
    for (Backend backend : backends) {
      Node node = backend.node();
      boolean ours = Math.floorMod(node.name().hashCode(), cache.workers()) == worker.index();
      if (ours && !links.containsKey(node)) {
        List<byte[]> prefixes = cache.rules().literalPrefixes();
        Source source = cache.source(node);
        SourceLink.Changes changes = changesOf(node);
        links.put(node, new SourceLink(changes, worker, backend, source, cache.leases(), prefixes));
        if (guard != null) {
          guard.hears(backend, source);
        }
      }
    }
  }

  private SourceLink.Changes changesOf(Node node) {
    GuardPart filters = guard;
    return filters == null
        ? (which, buf, index, length) -> changes.invalidated(node, which, buf, index, length)
        : (which, buf, index, length) -> {
          filters.changed(node, which, buf, index, length);
          changes.invalidated(node, which, buf, index, length);
        };
  }

  void onTick(long tickMillis) {
    if (!links.isEmpty()) {
      links.values().forEach(link -> link.onTick(tickMillis));
      if (guard != null) {
        guard.onTick(tickMillis);
      }
    }
  }

  void close() {
    links.values().forEach(SourceLink::close);
    if (guard != null) {
      guard.close();
    }
    links.clear();
  }

  /**
   * Runs a task when all has been heard that servers have to tell now.
   *
   * @param of which server; null: all of them
   */
  void whenHeard(@Nullable Node of, Runnable task) {
    Countdown countdown = new Countdown(task);
    Iterable<Source> sources = of == null ? cache.sources() : List.of(cache.source(of));
    for (Source source : sources) {
      Hearing link = source.hearing();
      if (link != null) {
        countdown.more();
        link.whenHeard(worker, countdown::one);
      }
    }
    countdown.one();
  }
}
