package io.cashew.proxy.backend;

import io.cashew.proxy.metrics.FailureKind;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The question whether a node may have requests, on a connection of its own: handshake, then PING.
 * The connection is closed when the node has answered. Confined to the worker.
 */
final class Probe implements RequestConnection.Owner {
  private final Node node;
  private final Opener opener;
  private final ConnectionSet connections;
  private final Consumer<@Nullable NodeFailure> done;
  private @Nullable NodeFailure result;
  private boolean answered;
  private boolean told;

  /**
   * A question that is not asked yet.
   *
   * @param connections has the probe's, while it has one
   * @param done is told the answer on this worker's thread: null if the node may have requests
   */
  Probe(Node node, Opener opener, ConnectionSet connections, Consumer<@Nullable NodeFailure> done) {
    this.node = node;
    this.opener = opener;
    this.connections = connections;
    this.done = done;
  }

  /** Asks the node. */
  void ask() {
    RequestConnection connection = opener.open(this, opener.finiteSettings(), false);
    if (connection != null) {
      connections.add(connection);
    } else if (!told) {
      done.accept(opener.whyNone());
    }
  }

  @Override
  public void onReady(RequestConnection connection) {
    connection.ping(this::answered);
  }

  private void answered(String text) {
    answered = true;
    boolean busy = opener.settings().protocol().isBusy(text);
    result = busy ? node.failure(FailureKind.CLOSED, text.substring(1)) : null;
    if (busy) {
      node.address().doesNotServe();
    }
  }

  @Override
  public void onIdle(RequestConnection connection) {
    connection.fail(opener.ending(), false);
  }

  @Override
  public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
    connections.remove(connection);
    if (!answered) {
      node.address().doesNotServe();
    }
    told = true;
    done.accept(answered ? result : cause);
  }
}
