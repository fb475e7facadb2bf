package io.cashew.proxy.metrics;

/**
 * What became of the configuration. Written by the thread that reloads alone, read by a scrape;
 * each field stands for itself.
 */
public final class ConfigState {
  private volatile boolean lastReloadSucceeded = true;
  private volatile boolean lags;
  private volatile long lastSuccessSeconds;
  private volatile long reloads;
  private volatile long failures;

  /** One that was taken over when the proxy started. */
  public ConfigState(long startSeconds) {
    lastSuccessSeconds = startSeconds;
  }

  /** 1 if the last attempt to load the configuration succeeded. */
  public boolean lastReloadSucceeded() {
    return lastReloadSucceeded;
  }

  /** Whether the file says something else than what runs. */
  public boolean lags() {
    return lags;
  }

  /** When a configuration was taken over last, or found to be the one that runs; Unix time. */
  public long lastSuccessSeconds() {
    return lastSuccessSeconds;
  }

  /** Attempts that succeeded. */
  public long reloads() {
    return reloads;
  }

  /** Attempts that failed. */
  public long failures() {
    return failures;
  }

  /** An attempt has succeeded. */
  // One thread writes, so that read and write need not be one step.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  public void succeeded(long nowSeconds) {
    reloads++;
    lastReloadSucceeded = true;
    lastSuccessSeconds = nowSeconds;
  }

  /** An attempt has failed. */
  // One thread writes, so that read and write need not be one step.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  public void failed() {
    failures++;
    lastReloadSucceeded = false;
  }

  /** What the file says was compared with what runs. */
  public void lags(boolean now) {
    lags = now;
  }
}
