package io.cashew.proxy.backend;

import org.jspecify.annotations.Nullable;

/**
 * Which of the connections to each node a client's requests take: always the same, so that they are
 * executed in the order sent, and ones that speak the client's protocol and have selected its
 * database. Immutable.
 */
public final class Lane {
  /** Position among a backend's shared connections. */
  final int index;

  final boolean resp3;
  final int database;

  /** Has the connections, if they are this client's own. */
  final @Nullable OwnConnections own;

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
