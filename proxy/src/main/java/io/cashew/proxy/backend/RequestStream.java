package io.cashew.proxy.backend;

import io.cashew.proxy.metrics.NodeRecorder;
import io.netty.buffer.ByteBuf;

/**
 * A large request on its way to a node while it is still being received, on a connection that it
 * has to itself: its sender may be slow, or leave, without anybody else waiting or losing a reply.
 * Confined to the worker.
 */
public final class RequestStream {
  private final PinnedConnections connections;
  private final RequestConnection connection;
  private final NodeRecorder recorder;
  private final Runnable onWritable;
  private boolean waiting;

  RequestStream(
      PinnedConnections connections,
      RequestConnection connection,
      NodeRecorder recorder,
      Runnable onWritable) {
    this.connections = connections;
    this.connection = connection;
    this.recorder = recorder;
    this.onWritable = onWritable;
  }

  /** Writes the next bytes; borrows them. Bytes for a connection that has ended are dropped. */
  public void write(ByteBuf buf, int index, int length) {
    assert connection.inThread();
    if (!connection.closed()) {
      recorder.requestBytes += length;
      connection.stream(buf, index, length);
    }
  }

  /** Whether the node can take more; if not, {@code onWritable} runs when it can, or never will. */
  public boolean writable() {
    assert connection.inThread();
    if (mayWrite()) {
      return true;
    }
    if (!waiting) {
      waiting = true;
      if (connection.writable()) {
        connections.waitForRoom(this::mayResume);
      } else {
        connection.whenDrained(this::resume);
      }
    }
    return false;
  }

  private boolean mayWrite() {
    return connection.closed() || (connection.writable() && connections.roomFor(connection));
  }

  private void resume() {
    waiting = false;
    onWritable.run(); // and if others hold all the room by then, it waits again
  }

  private boolean mayResume() {
    boolean may = mayWrite() || !connection.writable();
    if (may) {
      resume();
    }
    return may;
  }

  /** The last byte was written. */
  public void end() {
    if (!connection.closed()) {
      connection.endSending();
    }
  }

  /**
   * The sender has left in the middle of the request.
   *
   * @return whether the request has failed with {@code cause}; if not, it has had its reply
   */
  public boolean abort(NodeFailure cause) {
    if (connection.closed()) {
      return false;
    }
    connection.fail(cause, false);
    return true;
  }
}
