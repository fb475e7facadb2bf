package io.cashew.proxy.tracing;

import org.jspecify.annotations.Nullable;

/**
 * A request that is to become a span. Made on a worker, of what is there already: no text is put
 * together, and no clock is read.
 *
 * @param pool that its client has connected to
 * @param command its row's name: lower case, {@code container|subcommand}
 * @param times when it ended, and how long it took
 * @param client address of the client, {@code host:port}
 * @param database that the client has selected; 0: the one that the pool has
 * @param node that answered, the last of several; null: none was asked
 * @param hops how often it was sent again, since the server before had not executed it
 * @param requestBytes of the request
 * @param replyBytes of the reply
 * @param error the first word of the error that it got; null: it got none
 * @param isSlow whether it is one because of the time that it took
 * @param key the first key, printable and shortened; null: it is not to be shown, or there is none
 */
public record TracedRequest(
    TracedPool pool,
    String command,
    Times times,
    String client,
    int database,
    @Nullable Place node,
    int hops,
    long requestBytes,
    long replyBytes,
    @Nullable String error,
    boolean isSlow,
    @Nullable String key) {

  /**
   * When it ended, and how long it took, in nanoseconds.
   *
   * @param endNanos as {@link System#nanoTime()}
   * @param nanos from its arrival to the end of its reply
   * @param queueNanos of these, until it was handed to a connection that was ready
   * @param writeBackNanos of these, while its reply waited for the client or for earlier replies
   */
  public record Times(long endNanos, long nanos, long queueNanos, long writeBackNanos) {
    /** Of a request that went to no node. */
    public static Times here(long endNanos, long nanos) {
      return new Times(endNanos, nanos, 0, 0);
    }
  }

  /**
   * A node.
   *
   * @param name as clients of the pool know it
   * @param address as the file has it: {@code host:port}, or {@code unix:/path}
   */
  public record Place(String name, String address) {}
}
