package io.cashew.proxy.backend;

/**
 * What a connection remembers of being lent: whether one client has it to itself, what it may wait
 * for, and what the node calls it. Confined to the connection's worker.
 */
final class LeaseState {
  private boolean leased;

  /** How much longer than others what is in flight may take; below 0: for ever. */
  private long patienceMillis;

  /** How many waits of blocking commands have begun. */
  private int waits;

  /** What the node calls this connection; 0 until it has been asked. */
  private long idOnNode;

  void begin() {
    leased = true;
  }

  void end() {
    leased = false;
  }

  /** Whether one client has the connection to itself. */
  boolean leased() {
    return leased;
  }

  /** The request that is sent next may take so much longer than others; 0: no longer. */
  void patience(long millis) {
    patienceMillis = millis;
    waits += millis == 0 ? 0 : 1;
  }

  long patienceMillis() {
    return patienceMillis;
  }

  /** Whether what is in flight may take as long as it likes. */
  boolean waitsForEver() {
    return patienceMillis < 0;
  }

  /** Numbers the waits of blocking commands, from 1. */
  int waits() {
    return waits;
  }

  /** Whether a wait, by its number, is not over, if the connection has not ended. */
  boolean isIn(int wait) {
    return wait == waits && patienceMillis != 0 && leased;
  }

  /** What the node calls the connection, for {@code CLIENT KILL} and the like; 0: not known. */
  long idOnNode() {
    return idOnNode;
  }

  /** Takes the node's answer to CLIENT ID; one that has no such command is asked again. */
  void idOnNode(String reply) {
    if (reply.startsWith(":")) {
      idOnNode = Long.parseLong(reply.substring(1));
    }
  }
}
