package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.OwnRequest;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.cache.rule.Guard;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.Requests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the {@link KeyFilter} of one server, and builds it anew when it has aged, has become full,
 * or the server is another or was not heard. Confined to the worker that hears the server.
 *
 * <p>First the filter begins to grow: all that is heard of the server from then on, and all that
 * clients of this process write, is added. What they had sent before may be executed later, so the
 * longest that a request may take is waited for. Then {@code SCAN} goes through all keys; it
 * returns each that is there from its beginning to its end. What was written meanwhile has been
 * heard of when the server has answered a {@code PING} that is sent behind it.
 */
final class FilterBuilder {
  private static final Logger LOG = LoggerFactory.getLogger(FilterBuilder.class);

  private static final long REBUILD_MILLIS = 10 * 60 * 1000;
  private static final long AGAIN_MILLIS = 1000;

  /** Beyond what a request may take, for what passes until somebody notices. */
  private static final long GRACE_MILLIS = 200;

  private static final long ROOM_FOR_NEW = 10_000;
  private static final byte[] DBSIZE = Requests.of("DBSIZE");

  private final NearCache cache;
  private final Worker worker;
  private final Backend backend;
  private final Source source;
  private final KeyFilter filter;
  private final KeyBytes key = new KeyBytes();
  private long nextTickMillis;

  /** After what has failed, it is not tried again at once. */
  private long earliestTickMillis;

  private @Nullable Build build;

  FilterBuilder(NearCache cache, Worker worker, Backend backend, Source source) {
    this.cache = cache;
    this.worker = worker;
    this.backend = backend;
    this.source = source;
    filter = cache.filters().of(backend.node());
  }

  void onTick(long tickMillis) {
    assert worker.inThread();
    Build current = build;
    long era = source.era();
    if (current != null) {
      if (current.isInVain()) {
        abandon(current);
      } else {
        current.onTick(tickMillis);
      }
    } else if (source.isHeard(System.nanoTime())
        && (tickMillis >= nextTickMillis || !filter.isFit(era, cache.ownership()))
        && tickMillis >= earliestTickMillis) {
      build = current = new Build(era, cache.ownership());
      current.ask(DBSIZE);
    }
  }

  private void abandon(Build of) {
    if (build == of) {
      build = null;
      filter.abandon();
      earliestTickMillis = worker.tickMillis() + AGAIN_MILLIS;
    }
  }

  void close() {
    Build current = build;
    if (current != null) {
      abandon(current);
    }
  }

  private boolean isGuarded(ByteBuf buf, int index, int length) {
    CacheRules rules = cache.rules();
    CacheRule rule = rules.of(buf, index, length);
    return rule != null && rule.guard() == Guard.EXISTING;
  }

  /** One filter on its way. */
  private final class Build {
    private final long era;
    private final Ownership ownership;

    /** When {@code SCAN} begins; 0: that is not known yet, or it has. */
    private long scanTickMillis;

    private boolean sized;

    Build(long era, Ownership ownership) {
      this.era = era;
      this.ownership = ownership;
    }

    /** Whether the filter would not be believed. */
    boolean isInVain() {
      return !source.isBelieved(era, System.nanoTime()) || cache.ownership() != ownership;
    }

    private boolean isOver() {
      return build != this;
    }

    void onTick(long tickMillis) {
      if (scanTickMillis > 0 && tickMillis >= scanTickMillis) {
        scanTickMillis = 0;
        scan("0");
      }
    }

    private void scan(String cursor) {
      ask(Requests.of("SCAN", cursor, "COUNT", "1000"));
    }

    void ask(byte[] request) {
      ByteBuf bytes = Unpooled.wrappedBuffer(request);
      backend.send(bytes, 0, request.length, new Question(this), backend.lane(0, false, 0));
    }

    void onReply(ByteBuf reply) {
      if (isOver()) {
        return;
      }
      if (isInVain() || reply.getByte(0) == '-') {
        abandon(this);
      } else if (!sized) {
        onSize(new ScanReply(reply).integer());
      } else {
        onKeys(new ScanReply(reply));
      }
    }

    private void onSize(long keys) {
      sized = true;
      long most = keys + keys / 4 + ROOM_FOR_NEW;
      if (KeyFilter.bytes(most) > cache.filters().mostBytes()) {
        LOG.warn(
            "pool '{}': a filter of the {} keys of node '{}' does not fit into cache.memory; guard"
                + " does nothing there",
            cache.filters().pool(),
            keys,
            backend.node().name());
        abandon(this);
        earliestTickMillis = worker.tickMillis() + REBUILD_MILLIS;
        return;
      }
      filter.begin(most);
      scanTickMillis = worker.tickMillis() + longestMillis() + GRACE_MILLIS;
    }

    /** How long a request may take that was sent before the filter began to grow. */
    private long longestMillis() {
      return backend.timeoutMillis();
    }

    private void onKeys(ScanReply reply) {
      String cursor = reply.cursor();
      reply.forEachKey(
          (buf, index, length) -> {
            if (isGuarded(buf, index, length)) {
              key.set(buf, index, length);
              filter.add(key);
            }
          });
      Hearing hearing = source.hearing();
      if (!cursor.equals("0")) {
        scan(cursor);
      } else if (hearing == null) {
        abandon(this);
      } else {
        hearing.whenHeard(worker, this::allIsHeard);
      }
    }

    private void allIsHeard() {
      if (isOver()) {
        return;
      }
      if (isInVain()) {
        abandon(this);
        return;
      }
      filter.complete(era, ownership);
      build = null;
      nextTickMillis = worker.tickMillis() + REBUILD_MILLIS;
      LOG.info(
          "pool '{}' has a filter of about {} keys of node '{}'",
          cache.filters().pool(),
          filter.size(),
          backend.node().name());
    }
  }

  /** Takes the reply to a request of a build. */
  private final class Question extends OwnRequest {
    private final Build of;
    private final ByteBuf reply = Unpooled.buffer();

    Question(Build of) {
      this.of = of;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      reply.writeBytes(buf, index, length);
      if (last) {
        of.onReply(reply);
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      abandon(of);
    }
  }
}
