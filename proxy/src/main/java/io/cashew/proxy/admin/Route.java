package io.cashew.proxy.admin;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One row: what answers a method on a path.
 *
 * @param method of HTTP, upper case; {@code HEAD} is answered wherever {@code GET} is
 * @param path compared as a whole, after decoding; what varies goes into the query
 * @param help one clause for the index; empty: it is part of another row, and not in the index
 * @param handler answers
 */
public record Route(String method, String path, String help, Handler handler) {

  /** Answers requests, now or later, but never blocks: it runs on the one admin thread. */
  @FunctionalInterface
  public interface Handler {

    /**
     * Answers one request. A failure, thrown or in the stage, becomes status 500 and a line of the
     * log.
     *
     * @return the reply; may be completed on any thread. The next request of the same connection
     *     waits for it, other connections do not.
     */
    CompletionStage<AdminReply> answer(AdminRequest request) throws Exception;
  }

  /** Answers on the admin thread, at once. */
  @FunctionalInterface
  public interface DirectHandler {
    AdminReply answer(AdminRequest request) throws Exception;
  }

  /** A {@code GET} that is answered at once. */
  public static Route get(String path, String help, DirectHandler handler) {
    return new Route(
        "GET", path, help, request -> CompletableFuture.completedFuture(handler.answer(request)));
  }
}
