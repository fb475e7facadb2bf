package io.cashew.proxy.client.connection;

/**
 * How far a client's connection is on its way to its end. Stages follow each other in the order in
 * which they are declared; some may be left out, and none comes back.
 */
enum Closing {
  /** Requests are taken. */
  OPEN,

  /** Requests are taken; the connection ends as soon as the client is between two of them. */
  LEAVING,

  /** No more requests are taken; the connection ends with the last reply that is owed. */
  LAST_REPLIES,

  /** The client has been given all that it will be; its end of the connection is waited for. */
  FINISHING,

  /** Nothing is read or written any more. */
  CLOSED;

  /** The later of this stage and another. */
  Closing to(Closing next) {
    return next.compareTo(this) > 0 ? next : this;
  }

  /** Whether this stage or a later one has come. */
  boolean reached(Closing stage) {
    return compareTo(stage) >= 0;
  }

  /** Whether a request that comes now is taken. */
  boolean takesRequests() {
    return !reached(LAST_REPLIES);
  }

  /** Whether the client gets nothing more: to all others it is gone. */
  boolean over() {
    return reached(FINISHING);
  }
}
