package io.cashew.proxy.backend;

/**
 * Whether requests of one worker wait for a script on the node that takes so long that it may not
 * end: the node refuses all else as busy then. Confined to the worker; {@link Node} has what all
 * workers say together.
 */
final class LongScripts {
  /** A script that takes longer than this may be one that does not end. */
  private static final long LONG_SCRIPT_MILLIS = 100;

  private final Node node;
  private final SharedConnections connections;

  /** What the node was told last. */
  private boolean waits;

  /** Scripts that requests on {@code connections} wait for. */
  LongScripts(Node node, SharedConnections connections) {
    this.node = node;
    this.connections = connections;
  }

  void onTick(long tickMillis) {
    // One that comes right after a long one may be the next that does not end.
    tell(connections.mayRunScriptFor(waits ? 0 : LONG_SCRIPT_MILLIS, tickMillis));
  }

  /** Nothing waits any more. */
  void close() {
    tell(false);
  }

  private void tell(boolean now) {
    if (now != waits) {
      waits = now;
      node.longScript(now);
    }
  }
}
