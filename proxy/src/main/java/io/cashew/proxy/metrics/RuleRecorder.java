package io.cashew.proxy.metrics;

/**
 * What one worker counts for one rule of a pool's cache. Owned by that worker, written and read as
 * a {@link NodeRecorder} is.
 */
public final class RuleRecorder {
  /** Requests refused because of a rate. */
  public long rateLimited;

  /** Values given from memory. */
  public long hits;

  /** Times that memory said that there is no such key. */
  public long missingHits;

  /** Requests that memory might have answered and could not. */
  public long misses;

  /** Bytes that are kept, and how many values; one worker counts for all. */
  public long bytes;

  public long entries;

  /** What was forgotten to make room. */
  public long evictions;

  /** Replies that were not kept since something was heard of their key meanwhile. */
  public long fillsDropped;

  /** Requests that waited until another client had loaded their key. */
  public long leaseWaits;

  /** Those of them whose time was over before anybody had loaded it. */
  public long leaseTimeouts;

  /** Values given although their keys had ended. */
  public long stale;

  /** Values given since their server could not answer. */
  public long staleOnError;

  /** Messages of servers that a key has changed. */
  public long invalidations;

  /** Requests answered since their keys surely do not exist. */
  public long guarded;

  /** Deletions that were repeated. */
  public long redeleted;

  /** Deletions that were to be repeated and were not. */
  public long redeletesLost;

  /** Gauge: deletions that wait to be repeated. */
  public long redeletesPending;
}
