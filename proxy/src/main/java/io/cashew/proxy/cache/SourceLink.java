package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Invalidations;
import io.cashew.proxy.loop.Worker;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The connection on which one server tells of keys that change, and what follows from what it
 * tells. Confined to its worker, but for {@link #whenHeard}.
 */
final class SourceLink implements Hearing, Invalidations.Listener {
  private final Changes changes;
  private final Worker worker;
  private final Backend backend;
  private final Source source;
  private final Leases leases;
  private final Invalidations invalidations;
  private final KeyBytes key = new KeyBytes();

  /** Hears of keys that have changed. */
  interface Changes {
    /**
     * One has.
     *
     * @param buf holds its bytes as well; borrowed
     */
    void invalidated(KeyBytes key, ByteBuf buf, int index, int length);
  }

  SourceLink(
      Changes changes,
      Worker worker,
      Backend backend,
      Source source,
      Leases leases,
      List<byte[]> prefixes) {
    this.changes = changes;
    this.worker = worker;
    this.source = source;
    this.leases = leases;
    this.backend = backend;
    invalidations = new Invalidations(backend, prefixes, this);
  }

  void onTick(long tickMillis) {
    assert worker.inThread();
    invalidations.onTick(tickMillis, worker.nowNanos());
    backend.recorder().unheard = source.isHeard(System.nanoTime()) ? 0 : 1;
  }

  @Override
  public void whenHeard(Worker of, Runnable task) {
    if (of == worker && worker.inThread()) {
      invalidations.whenHeard(task);
    } else {
      worker.eventLoop().execute(() -> invalidations.whenHeard(() -> of.eventLoop().execute(task)));
    }
  }

  void close() {
    assert worker.inThread();
    backend.recorder().unheard = 0;
    invalidations.close();
  }

  // ---------------------------------------------------------------- what the server tells

  @Override
  public void onTracking(long askedNanos) {
    source.heardOn(this);
    source.listens(askedNanos);
    leases.heardOfAll(); // what was written while it was not heard has woken nobody
  }

  @Override
  public void onPong(long sentNanos) {
    source.heard(sentNanos);
  }

  @Override
  public void onInvalidated(ByteBuf buf, int index, int length) {
    key.set(buf, index, length);
    changes.invalidated(key, buf, index, length);
  }

  @Override
  public void onAllInvalidated() {
    source.forget();
  }

  @Override
  public void onLost() {
    source.heardOn(null);
    source.lost();
  }
}
