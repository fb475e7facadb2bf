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
  /** Position among the shared connections of a backend that has so many of each kind. */
  private final int index;

  private final int connectionsPerNode;
  private final long clientId;
  final boolean resp3;
  final int database;

  /** Has the connections, if they are this client's own. */
  final @Nullable OwnConnections own;

  /** What decides from where the client reads; null: its pool reads from primaries alone. */
  private @Nullable Reading reading;

  /** Which routes of its pool decide where keys belong. */
  private int routes;

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
    this.clientId = clientId;
    this.connectionsPerNode = connectionsPerNode;
    index = indexAmong(connectionsPerNode);
  }

  private int indexAmong(int perNode) {
    return kind() * perNode + (int) (clientId % perNode);
  }

  /** Position among the shared connections of a backend. */
  int index(int perNode) {
    return perNode == connectionsPerNode ? index : indexAmong(perNode);
  }

  /** The same, on connections of the client's own. */
  Lane on(OwnConnections connections) {
    Lane its = new Lane(clientId, connectionsPerNode, resp3, database, connections);
    its.reading = reading;
    its.routes = routes;
    return its;
  }

  /** Has keys belong where these routes say, of those that its pool has for its users. */
  public Lane goesBy(int ofUser) {
    routes = ofUser;
    return this;
  }

  /** See {@link #goesBy}. */
  public int routes() {
    return routes;
  }

  /** Whether its connections are those that clients share. */
  public boolean isShared() {
    return own == null;
  }

  // ---------------------------------------------------------------- what is read from replicas

  /** What decides from where the client reads; null: its pool reads from primaries alone. */
  public @Nullable Reading reading() {
    return reading;
  }

  /** A request of the client is on its way, which may write or only reads. */
  public void isOnItsWay(boolean writes) {
    Reading of = reading;
    if (of != null && writes) {
      of.writeBegins();
    }
  }

  /** The reply to one of them is over. */
  public void isOver(boolean wrote) {
    Reading of = reading;
    if (of != null && wrote) {
      of.writeIsOver(System.nanoTime());
    }
  }

  /** Its pool reads from replicas, too. */
  public Lane readsFromReplicas(Reading how) {
    reading = how;
    return this;
  }

  /** Whether requests of both take the same connections. */
  public boolean goesAs(Lane other) {
    return index == other.index && own == other.own;
  }

  /** For what no database is needed, nor its SELECT, which a busy node refuses. */
  public Lane ofNoDatabase() {
    return new Lane(0, 1, resp3, 0, null);
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
    if (!written.contains(node.fullName())) {
      Set<String> more = new HashSet<>(written);
      more.add(node.fullName());
      written = more;
    }
  }

  /** Takes over what the client has written in another lane, and from where it has read. */
  public void continues(Lane before) {
    written = before.written;
    Reading now = reading;
    if (before.reading != null) {
      reading = now == null ? null : before.reading;
    } else if (now != null) { // when it has written is not known
      now.writeIsOver(System.nanoTime());
    }
  }

  /** Whether the client has written to the node of this name, whichever its server was. */
  public boolean hasWritten(Node node) {
    return written.contains(node.fullName());
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
