package io.cashew.proxy.control;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has the names of nodes looked up now and then, as {@code resolve-every} of their pool says: a
 * name may move while all connections to its former server stay open. Confined to the control
 * thread.
 *
 * @param pools of the proxy, as they are at the moment
 */
record NameWatch(List<Pool> pools) implements Runnable {
  /** How often it is looked whether one is due. */
  static final long LOOK_MILLIS = 250;

  @Override
  public void run() {
    long nowNanos = System.nanoTime();
    for (Pool pool : pools) {
      long ageNanos = TimeUnit.MILLISECONDS.toNanos(pool.settings().health().resolveEveryMillis());
      pool.state()
          .nodes()
          .forEach(each -> each.node().address().refreshIfOlder(nowNanos, ageNanos));
    }
  }
}
