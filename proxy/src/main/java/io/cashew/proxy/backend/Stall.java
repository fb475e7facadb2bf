package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection to a node stands still because the receiver of a reply cannot take more of
 * it. Confined to the connection's worker.
 *
 * <p>This is where the back-pressure of clients ends. Bytes of a reply go straight to the client
 * whose turn it is; the client's channel keeps what the client has not taken. Bytes that come
 * before their turn, or are to be merged with others, are held for the client. Both together are
 * bounded, so there are three steps:
 *
 * <ol>
 *   <li>A client that has taken too little (its channel is not writable) is not read from: it sends
 *       no more requests, and {@code Window} bounds the replies that are still under way. No node
 *       waits.
 *   <li>A client that has left half of {@code limits.unsent-per-client-hard} is waited for: the
 *       request whose reply is being read {@linkplain #begin stalls} the connection, which is not
 *       read from. The kernel's buffers fill, and the node stops sending. Everybody else whose
 *       requests are on that connection waits, too, so this must end:
 *   <li>When the connection has stood still for the pool's time-out, the receiver gives up ({@link
 *       InFlight#onStallTimeout}): a client that has begun to get the reply is closed; if the reply
 *       is held before its turn, it becomes an error, and what still comes of it is dropped. No
 *       node waits for that client again before it has taken something.
 * </ol>
 *
 * <p>Only the first request in flight can stall its connection, since bytes come for no other.
 * While the connection stands still nothing on it is late; a look a tick asks the receiver whether
 * it can go on.
 */
final class Stall {
  /** Begins, or ends, to read from the connection. */
  interface Reading {
    void read(boolean on);
  }

  private final Worker worker;
  private final Reading reading;
  private @Nullable InFlight receiver;
  private long sinceTickMillis;

  /** A connection that is read from. */
  Stall(Worker worker, Reading reading) {
    this.worker = worker;
    this.reading = reading;
  }

  /** The receiver of a reply, that of the first request in flight, cannot take more. */
  void begin(InFlight request) {
    assert worker.inThread();
    if (receiver == null) {
      receiver = request;
      sinceTickMillis = worker.tickMillis();
      reading.read(false);
    }
  }

  /** The receiver can take more, or has all of its reply; nothing if it is another that cannot. */
  void end(InFlight request) {
    if (receiver == request) {
      receiver = null;
      reading.read(true);
    }
  }

  /** The connection has ended. */
  void forget() {
    receiver = null;
  }

  /**
   * Looks whether the connection has stood still for too long.
   *
   * @param mostMillis how long it may
   * @return whether it stood still when this was called: then nothing on it is late
   */
  boolean onTick(long tickMillis, long mostMillis) {
    InFlight stalling = receiver;
    if (stalling == null) {
      return false;
    }
    if (tickMillis - sinceTickMillis > mostMillis) {
      end(stalling);
      stalling.onStallTimeout();
    } else {
      stalling.onStalledTick();
    }
    return true;
  }
}
