package io.cashew.proxy.metrics;

import io.cashew.proxy.resp.Verdict;

/**
 * What one worker counts for one node of one pool. Owned by that worker: it alone writes, with
 * plain {@code field++}; a scrape reads from another thread without synchronisation.
 *
 * <p>What that race costs: a scrape may see a count that is a moment old, or the request of a pair
 * without its reply; the next scrape has both, because a counter only moves on and the loop's
 * system calls leave no compiler room to keep a field in a register for long. Halves of a 64-bit
 * value could be seen apart (JLS 17.7) on a 32-bit JVM only, which is not supported.
 *
 * <p>Fields that count are never reset or lowered; fields called gauges go up and down and are
 * never negative.
 */
public final class NodeRecorder {

  /** Requests and fragments handed to the node, whether or not they were written. */
  public long requests;

  /** Their bytes. */
  public long requestBytes;

  /** Replies of the node to these, errors included. */
  public long replies;

  /** Their bytes. */
  public long replyBytes;

  /** Those of the replies that were errors ({@code -ERR …}). */
  public long errorReplies;

  /** Gauge: requests written or queued that have no reply yet. */
  public long inFlight;

  /** Gauge: bytes for the node that the kernel has not taken yet. */
  public long queuedBytes;

  /** Gauge: connections that are open and have finished their handshake. */
  public long connections;

  /** Gauge: those of the connections that listen to channels and patterns. */
  public long subscriberConnections;

  /** Messages that such connections have brought. */
  public long messages;

  /** Attempts to connect. */
  public long connects;

  /** Attempts to connect that failed, before or in the handshake. */
  public long connectFailures;

  /** Connections that ended after their handshake, for whatever reason. */
  public long disconnects;

  /** Replies that nobody had asked for: each closed its connection. */
  public long unexpectedReplies;

  /** PINGs of the proxy itself to find out whether the node is back. */
  public long probes;

  /**
   * 1: this worker is to hear from the node of keys that change, for the near cache, and does not.
   */
  public long unheard;

  /** Time from the write of a request to the end of its reply. */
  public final LatencyRecorder latency = new LatencyRecorder();

  private final KindCounts<FailureKind> failures = new KindCounts<>(FailureKind.class);

  private final KindCounts<ReadKind> reads = new KindCounts<>(ReadKind.class);

  // The ordinal is an index that lives as long as the process: nothing is stored by it.
  private final long[] verdicts = new long[Verdict.values().length];

  /** Counts what an error of the node says of its request. */
  @SuppressWarnings("EnumOrdinal")
  public void verdict(Verdict verdict) {
    verdicts[verdict.ordinal()]++;
  }

  /** How many errors of the node said so. */
  @SuppressWarnings("EnumOrdinal")
  public long verdicts(Verdict verdict) {
    return verdicts[verdict.ordinal()];
  }

  /** Counts a request that any copy of its keys may answer. */
  public void read(ReadKind where) {
    reads.add(where, 1);
  }

  /** How many of these there were. */
  public long reads(ReadKind where) {
    return reads.get(where);
  }

  /** Counts one request that got no reply of the node. */
  public void failed(FailureKind kind) {
    failures.add(kind, 1);
  }

  /** Counts requests that failed together, such as all that were in flight on a connection. */
  public void failed(FailureKind kind, long count) {
    failures.add(kind, count);
  }

  /** How many requests failed in this way. */
  public long failures(FailureKind kind) {
    return failures.get(kind);
  }
}
