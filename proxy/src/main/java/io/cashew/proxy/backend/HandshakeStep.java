package io.cashew.proxy.backend;

/**
 * A command that a new connection sends before any request.
 *
 * @param name for the log: no password in it
 * @param frame the command in RESP
 * @param refusal what it means if the node answers with an error
 */
public record HandshakeStep(String name, byte[] frame, Refusal refusal) {

  /** What it means if a node refuses a step. */
  public enum Refusal {
    /** Nothing: the connection is used as it is. */
    HARMLESS,
    /** This kind of connection cannot be had; the node is well. */
    ENDS_CONNECTION,
    /** The node cannot be used. */
    NODE_IS_DOWN
  }

  /** Asks for RESP3. A node before Redis 6 refuses it, and is well all the same. */
  static final HandshakeStep HELLO_3 = of(Refusal.ENDS_CONNECTION, "HELLO 3", "HELLO", "3");

  /** A command of these arguments. */
  public static HandshakeStep of(Refusal refusal, String name, String... arguments) {
    return new HandshakeStep(name, OwnCommands.of(arguments), refusal);
  }

  /** Selects a database. */
  public static HandshakeStep select(Refusal refusal, int database) {
    String number = Integer.toString(database);
    return of(refusal, "SELECT " + number, "SELECT", number);
  }
}
