package io.cashew.proxy.loop;

/** Something of a worker that looks at the time now and then. */
public interface TickListener {

  /**
   * One tick.
   *
   * @param tickMillis the worker's {@link Worker#tickMillis()}
   */
  void onTick(long tickMillis);
}
