package io.cashew.proxy.backend;

import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy itself asks a node, and the connections that are opened for that alone. Confined
 * to the worker.
 */
final class ServerQueries {
  private final Node node;
  private final Opener opener;
  private final SharedConnections shared;
  private final ConnectionSet connections = new ConnectionSet();

  /** Nothing is asked. */
  ServerQueries(Node node, Opener opener, SharedConnections shared) {
    this.node = node;
    this.opener = opener;
    this.shared = shared;
  }

  /** Asks whether the node may have requests; see {@link Backend#probe}. */
  void probe(Consumer<@Nullable NodeFailure> done) {
    new Probe(node, opener, connections, done).ask();
  }

  /** Asks what the proxy wants to know of the server; see {@link Backend#query}. */
  void query(ServerQuery query) {
    query.whenClosed(connections::remove);
    RequestConnection connection =
        !opener.serves() || node.circuitOpen()
            ? null
            : opener.open(query, opener.finiteSettings(), false);
    if (connection != null) {
      connections.add(connection);
    } else {
      query.refused();
    }
  }

  /**
   * Sends a command on a shared connection.
   *
   * @param reply is given what the node says, a line
   * @param failed is told why it says nothing
   */
  void ask(Lane lane, byte[] command, Consumer<String> reply, Consumer<NodeFailure> failed) {
    ask(shared.get(lane), command, reply, failed);
  }

  /**
   * The same to the server of a connection that is lent, on another one: the shared connection, or,
   * if the name of the node has moved meanwhile, one of its own. What one server calls a connection
   * is another's on the next.
   */
  void askServerOf(
      RequestConnection lent,
      Lane lane,
      byte[] command,
      Consumer<String> reply,
      Consumer<NodeFailure> failed) {
    if (node.address().moved()) {
      ask(openForOneAnswer(lane, lent.server()), command, reply, failed);
    } else {
      ask(lane, command, reply, failed);
    }
  }

  private void ask(
      @Nullable RequestConnection connection,
      byte[] command,
      Consumer<String> reply,
      Consumer<NodeFailure> failed) {
    if (connection == null) {
      failed.accept(opener.whyNone());
    } else {
      connection.ask(command, reply, failed);
    }
  }

  private @Nullable RequestConnection openForOneAnswer(Lane lane, @Nullable SocketAddress server) {
    RequestConnection connection =
        server == null
            ? null
            : opener.open(
                new OneAnswer(), opener.settings(lane.resp3, lane.database), true, server);
    if (connection != null) {
      connections.add(connection);
    }
    return connection;
  }

  /** Has other limits from now on. */
  void adopt(BackendSettings newer) {
    connections.adopt(newer);
  }

  /** A tick; returns how many bytes wait for the node. */
  long onTick(long tickMillis) {
    return connections.onTick(tickMillis);
  }

  /** Ends those that owe nothing; the others end when they have their replies. */
  void retire() {
    connections.retire(opener.ending());
  }

  /** Ends all. */
  void close() {
    connections.fail(opener.ending());
  }

  boolean isEmpty() {
    return connections.isEmpty();
  }

  /** A connection that is closed when what was asked on it is answered. */
  private final class OneAnswer implements RequestConnection.Owner {
    @Override
    public void onReady(RequestConnection connection) {}

    @Override
    public void onIdle(RequestConnection connection) {
      connection.fail(opener.ending(), false);
    }

    /** It says nothing of where the node is now. */
    @Override
    public void onClosed(RequestConnection connection, NodeFailure cause, boolean early) {
      connections.remove(connection);
    }
  }
}
