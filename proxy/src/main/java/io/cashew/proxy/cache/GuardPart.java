package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.Guard;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a pool as one worker has them: it looks keys up in all, and builds those of the
 * servers that it hears. Confined to the worker.
 */
public final class GuardPart {
  private final NearCache cache;
  private final Worker worker;
  private final KeyBytes key = new KeyBytes();
  private final Map<Node, FilterBuilder> builders = new HashMap<>();

  GuardPart(NearCache cache, Worker worker) {
    this.cache = cache;
    this.worker = worker;
  }

  /** This worker hears a server. */
  void hears(Backend backend, Source source) {
    builders.put(backend.node(), new FilterBuilder(cache, worker, backend, source));
  }

  /** It no longer does. */
  void hearsNoMore(Node node) {
    FilterBuilder builder = builders.remove(node);
    if (builder != null) {
      builder.close();
    }
  }

  void onTick(long tickMillis) {
    assert worker.inThread();
    builders.values().forEach(builder -> builder.onTick(tickMillis));
  }

  void close() {
    assert worker.inThread();
    builders.values().forEach(FilterBuilder::close);
    builders.clear();
  }

  /** A server tells that a key has changed, for which it may have been made. */
  void changed(Node at, KeyBytes which, ByteBuf buf, int index, int length) {
    CacheRule rule = cache.rules().of(buf, index, length);
    if (rule != null && rule.guard() == Guard.EXISTING) {
      cache.filters().of(at).add(which);
    }
  }

  /** The rule of a key if it is guarded; null: it is not. Looks at the key then. */
  public @Nullable CacheRule ruleOf(RequestFrame frame, int argument) {
    ByteBuf buf = frame.buf();
    CacheRule rule = cache.rules().of(buf, frame.offset(argument), frame.length(argument));
    if (rule == null || rule.guard() != Guard.EXISTING) {
      return null;
    }
    key.set(buf, frame.offset(argument), frame.length(argument));
    return rule;
  }

  /** Whether the key that was looked at surely does not exist at its server. */
  public boolean isAbsent(Node at) {
    assert worker.inThread();
    return cache
        .filters()
        .of(at)
        .isWithout(key, cache.source(at), cache.ownership(), System.nanoTime());
  }

  /** The key that was looked at exists at its server, or is about to. */
  public void exists(Node at) {
    cache.filters().of(at).add(key);
  }

  /** The same of a key that was queued before. */
  public void exists(Node at, byte[] queued) {
    key.set(Unpooled.wrappedBuffer(queued), 0, queued.length);
    exists(at);
  }
}
