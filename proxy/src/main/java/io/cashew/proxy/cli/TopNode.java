package io.cashew.proxy.cli;

/**
 * A node of a pool, as {@code cashew top} shows it.
 *
 * @param state in a word: {@code up}, {@code down}, {@code drain} …
 * @param requests a second, as are bytes, error replies and failures
 */
record TopNode(
    String pool,
    String name,
    String address,
    String state,
    long connections,
    double requests,
    double requestBytes,
    double replyBytes,
    long inFlight,
    double errorReplies,
    double failures,
    TopQuantile p50,
    TopQuantile p99) {

  /** Nothing is wrong with it. */
  boolean isUp() {
    return state.equals("up");
  }
}
