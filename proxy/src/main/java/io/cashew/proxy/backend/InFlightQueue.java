package io.cashew.proxy.backend;

import io.cashew.proxy.metrics.NodeRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for their replies on one connection, in the order in which they were
 * written. Confined to the connection's worker.
 *
 * <p>Replies have no names: the first to arrive belongs to the first request. That a reply reaches
 * the request that it answers, and no other, rests on this queue: requests are added at its end and
 * removed at its beginning, each once, and a request is in one queue at a time.
 *
 * <p>A ring, so that a request costs no object: a request's place is its number modulo the length.
 * When a request was sent stands in the request, which is read then anyway. These times are in
 * ascending order, so only the first request can be the latest.
 */
final class InFlightQueue {
  private static final int INITIAL_LENGTH = 16;

  /** A ring longer than this is given back when nothing has been sent for a tick. */
  private static final int KEPT_LENGTH = 1024;

  private final NodeRecorder recorder;
  private final Stall stall;

  private @Nullable InFlight[] requests = new InFlight[INITIAL_LENGTH];

  /** Number of the first request, and of the next to be added; they count from 0. */
  private long first;

  private long end;

  /** The first request that was added since bytes last left, and how often bytes had left then. */
  private long unsentFrom;

  private long unsentSince = -1;
  private long endAtLastTick;

  /**
   * An empty queue.
   *
   * @param recorder counts clients' requests in flight, not the proxy's own
   * @param stall of the connection: a request that leaves the queue no longer stalls it
   */
  InFlightQueue(NodeRecorder recorder, Stall stall) {
    this.recorder = recorder;
    this.stall = stall;
  }

  boolean isEmpty() {
    return first == end;
  }

  int size() {
    return (int) (end - first);
  }

  /** The request to which the next reply belongs; null: none. */
  @Nullable InFlight first() {
    return first == end ? null : requests[index(first)];
  }

  private int index(long number) {
    return (int) number & (requests.length - 1);
  }

  private InFlight get(long number) {
    InFlight request = requests[index(number)];
    assert request != null;
    return request;
  }

  /**
   * Adds a request at the end.
   *
   * @param nanos now, as {@code System.nanoTime}
   * @param tickMillis now, in ticks of the worker
   * @param flushes how often bytes have left the connection: those of this request have not
   */
  void add(InFlight request, long nanos, long tickMillis, long flushes) {
    assert request.queue == null : "a request cannot wait for two replies";
    if (size() == requests.length) {
      resize(2 * requests.length);
    }
    requests[index(end)] = request;
    request.queue = this;
    request.sentNanos = nanos;
    request.sentTickMillis = tickMillis;
    if (unsentSince != flushes) {
      unsentFrom = end;
      unsentSince = flushes;
    }
    end++;
    if (!request.proxysOwn) {
      recorder.inFlight++;
    }
  }

  /** Removes the first request, which is not in flight any more. */
  InFlight remove() {
    InFlight request = get(first);
    requests[index(first)] = null;
    first++;
    stall.end(request);
    leaves(request);
    return request;
  }

  private void leaves(InFlight request) {
    request.queue = null;
    if (!request.proxysOwn) {
      recorder.inFlight--;
    }
  }

  private void resize(int length) {
    int mask = length - 1;
    @Nullable InFlight[] newRequests = new InFlight[length];
    for (long number = first; number < end; number++) {
      newRequests[(int) number & mask] = requests[index(number)];
    }
    requests = newRequests;
  }

  /** The receiver of a reply that is being read cannot take more. */
  void stall(InFlight request) {
    if (request == first()) {
      stall.begin(request);
    }
  }

  /** The receiver of a reply can take more. */
  void unstall(InFlight request) {
    stall.end(request);
  }

  /** Gives the memory of a burst back when nothing follows it. */
  void onTick() {
    if (requests.length > KEPT_LENGTH && isEmpty() && end == endAtLastTick) {
      resize(INITIAL_LENGTH);
    }
    endAtLastTick = end;
  }

  /**
   * How many requests, the last ones, have not left: not a byte of them.
   *
   * @param flushes how often bytes have left the connection
   */
  int unsent(long flushes) {
    return unsentSince == flushes ? (int) (end - Math.max(first, unsentFrom)) : 0;
  }

  /** Whether a reply may come: there is a request, and bytes of it have left. */
  boolean firstHasLeft(long flushes) {
    return size() > unsent(flushes);
  }

  /** When the first request was written, in ticks of the worker; there is one. */
  long firstSentTickMillis() {
    return get(first).sentTickMillis;
  }

  /** Until now all requests have waited for the connection. */
  void allSentAt(long nanos) {
    for (long number = first; number < end; number++) {
      get(number).sentNanos = nanos;
    }
  }

  /** Until now the last request was being received. */
  void lastSentAt(long nanos) {
    if (!isEmpty()) {
      get(end - 1).sentNanos = nanos;
    }
  }

  /**
   * Whether a request that runs a script was sent by a moment, and so was all that is before it.
   *
   * @param tickMillis the moment, in ticks of the worker
   */
  boolean scriptSentBy(long tickMillis) {
    for (long number = first; number < end; number++) {
      InFlight request = get(number);
      if (request.sentTickMillis > tickMillis) {
        return false; // nor has any behind it waited longer
      }
      if (request.runsScript()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Moves the last requests to the end of another queue, in their order.
   *
   * @param count how many
   * @param nanos as for {@link #add}, like what follows
   */
  void moveLast(int count, InFlightQueue to, long nanos, long tickMillis, long flushes) {
    long from = end - count;
    for (long number = from; number < end; number++) {
      InFlight request = get(number);
      requests[index(number)] = null;
      leaves(request);
      to.add(request, nanos, tickMillis, flushes);
    }
    end = from;
  }

  /**
   * Fails all requests, in their order.
   *
   * @param cause what those are told of which not a byte has left
   * @param inDoubt what the others are told
   * @param unsent how many have not left
   * @param replyBegan whether a part of the first one's reply has come
   */
  void failAll(NodeFailure cause, NodeFailure inDoubt, int unsent, boolean replyBegan) {
    boolean begun = replyBegan;
    NodeFailure told = inDoubt.beforeReplyBegan();
    while (!isEmpty()) {
      if (size() == unsent) {
        told = cause.beforeReplyBegan();
      }
      InFlight request = remove();
      if (!request.proxysOwn) {
        recorder.failed(cause.kind());
      }
      request.onFailure(begun ? inDoubt : told);
      begun = false;
    }
  }
}
