package io.cashew.proxy.loop;

/**
 * Whether the replies that a client has so far wait for those that nodes still owe it, so that what
 * belongs to one pipeline leaves in one write instead of one for each node. Confined to the worker.
 *
 * <p>They wait only while many clients are active: with few of them there is time for each write,
 * and every reply leaves at the end of its iteration. They wait for {@link #NANOS} at most,
 * whatever a node does: replies of nodes that are well are as far apart as that.
 */
final class BatchDelay {
  /** How long the first of them waits at most. */
  static final long NANOS = 125_000;

  /** Clients that have sent something within a tick from which on there is a delay. */
  static final int FROM_CLIENTS = 16;

  private int activeClients;
  private boolean on;

  /** Whether there is a delay now. */
  boolean on() {
    return on;
  }

  /** A client has sent something, for the first time within this tick. */
  void clientActive() {
    activeClients++;
  }

  void tick() {
    on = activeClients >= FROM_CLIENTS;
    activeClients = 0;
  }
}
