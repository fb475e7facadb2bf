package io.cashew.proxy.metrics;

import org.jspecify.annotations.Nullable;

/**
 * Whether the certificates of one side of a pool can be used as they are on the disk. Written by
 * the control thread alone, read by a scrape and by the admin address.
 */
public final class TlsState {

  /**
   * Why changed files cannot be used, so that the former ones stay in use.
   *
   * @param text what is wrong with them
   * @param atMillis since when, since 1970
   */
  public record Failure(String text, long atMillis) {}

  private volatile @Nullable Failure failure;

  /** What is wrong with the files; null: nothing. */
  public @Nullable Failure failure() {
    return failure;
  }

  /** The files have changed and cannot be used. Control thread only. */
  public void failed(String text, long atMillis) {
    failure = new Failure(text, atMillis);
  }

  /** The files are in use as they are. Control thread only. */
  public void works() {
    failure = null;
  }
}
