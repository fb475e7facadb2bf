package io.cashew.proxy.backend;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of the connections to each node a client's requests take: always the same, so that they are
 * executed in the order sent, and ones that speak the client's protocol and have selected its
 * database. Confined to the client's worker; it also notes to which nodes the client has written.
 */
public final class Lane {
  /** Position among a backend's shared connections. */
  final int index;

  final boolean resp3;
  final int database;

  /** Has the connections, if they are this client's own. */
  final @Nullable OwnConnections own;

  private boolean writing;
  private @Nullable Node lastWritten;
  private Set<String> written = Set.of();

  Lane(
      long clientId,
      int connectionsPerNode,
      boolean resp3,
      int database,
      @Nullable OwnConnections own) {
    this.own = own;
    this.resp3 = resp3;
    this.database = database;
    index = kind() * connectionsPerNode + (int) (clientId % connectionsPerNode);
  }

  /** The same, on connections of the client's own. */
  Lane on(OwnConnections connections) {
    return new Lane(index, resp3, database, connections);
  }

  /** For what no database is needed, nor its SELECT, which a busy node refuses. */
  public Lane ofNoDatabase() {
    return new Lane(0, 1, resp3, 0, null);
  }

  private Lane(int index, boolean resp3, int database, OwnConnections own) {
    this.index = index;
    this.resp3 = resp3;
    this.database = database;
    this.own = own;
  }

  // ---------------------------------------------------------------- what was written

  /** The client's next requests may write, or only read. */
  public void begins(boolean writes) {
    writing = writes;
  }

  /** A request goes to a node. */
  void goesTo(Node node) {
    if (writing && node != lastWritten) {
      wrote(node);
    }
  }

  /** The client has written to a node. */
  public void wrote(Node node) {
    lastWritten = node;
    if (!written.contains(node.name())) {
      Set<String> more = new HashSet<>(written);
      more.add(node.name());
      written = more;
    }
  }

  /** Takes over what the client has written in another lane. */
  public void continues(Lane before) {
    written = before.written;
  }

  /** Whether the client has written to the node of this name, whichever its server was. */
  public boolean hasWritten(Node node) {
    return written.contains(node.name());
  }

  // ---------------------------------------------------------------- kinds

  /** Numbers the ways in which connections differ, from 0. */
  int kind() {
    return kind(resp3, database);
  }

  static int kind(boolean resp3, int database) {
    return 2 * database + (resp3 ? 1 : 0);
  }

  static boolean resp3(int kind) {
    return kind % 2 == 1;
  }

  static int database(int kind) {
    return kind / 2;
  }

  /** How many kinds there are with so many databases. */
  static int kinds(int databases) {
    return 2 * databases;
  }
}
