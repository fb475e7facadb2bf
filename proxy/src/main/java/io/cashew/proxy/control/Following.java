package io.cashew.proxy.control;

import java.util.concurrent.CompletableFuture;

/**
 * How far a pool is that follows a file: for the thread that reads it.
 *
 * @param installed done when every worker has gone over
 * @param ended done when nothing is left of what is no longer used
 */
record Following(CompletableFuture<Void> installed, CompletableFuture<Void> ended) {
  Following() {
    this(new CompletableFuture<>(), new CompletableFuture<>());
  }

  /** There is nothing to do. */
  void nothing() {
    installed.complete(null);
    ended.complete(null);
  }

  /** Neither will be. */
  void fail(Throwable cause) {
    installed.completeExceptionally(cause);
    ended.completeExceptionally(cause);
  }
}
