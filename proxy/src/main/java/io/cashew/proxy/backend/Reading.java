package io.cashew.proxy.backend;

import org.jspecify.annotations.Nullable;

/**
 * What decides which servers one client may read from: when it has written, and which replicas it
 * has read from so far. Confined to the client's worker.
 */
public final class Reading {
  private final long clientId;
  private @Nullable Node[] replicas = {};
  private int writesInFlight;
  private boolean hasWritten;
  private long wroteNanos;
  private boolean atReplicas;

  /** Of a client that has done nothing yet. */
  public Reading(long clientId) {
    this.clientId = clientId;
  }

  // ---------------------------------------------------------------- writes

  /** A request of the client that may write is on its way. */
  public void writeBegins() {
    writesInFlight++;
  }

  /**
   * It is over.
   *
   * @param nanos now, by {@link System#nanoTime} and no earlier reading of it
   */
  public void writeIsOver(long nanos) {
    writesInFlight = Math.max(0, writesInFlight - 1); // it may have begun before this was counted
    hasWritten = true;
    wroteNanos = nanos;
  }

  /** Whether a request that may write has no reply yet. */
  public boolean isWriting() {
    return writesInFlight > 0;
  }

  /** Whether the client has had the reply to a write within the last so many nanoseconds. */
  public boolean hasWrittenWithin(long nanos, long nowNanos) {
    return hasWritten && nowNanos - wroteNanos < nanos;
  }

  /** Whether a replica has all that the client has written. */
  public boolean isKnownTo(ReadState replica) {
    return !hasWritten || replica.hasAllUntilNanos() - wroteNanos >= 0;
  }

  // ---------------------------------------------------------------- reads

  /** A request of the client goes to a replica. */
  public void readsAtReplica() {
    atReplicas = true;
  }

  /** Whether one may be in flight there, if the client is owed a reply. */
  public boolean mayBeAtReplicas() {
    return atReplicas;
  }

  /** The client is owed nothing. */
  public void isIdle() {
    atReplicas = false;
  }

  /** The replica of a shard that it reads from; null: none so far. */
  public @Nullable Node replicaOf(int shard) {
    return shard < replicas.length ? replicas[shard] : null;
  }

  /** It reads a shard there from now on; once for each shard this allocates. */
  public void staysAt(Node replica, int shard) {
    if (shard >= replicas.length) {
      @Nullable Node[] longer = new Node[shard + 1];
      System.arraycopy(replicas, 0, longer, 0, replicas.length);
      replicas = longer;
    }
    replicas[shard] = replica;
  }

  /** Where it begins to look among so many servers: clients are spread over them. */
  public int firstOf(int servers) {
    return (int) Math.floorMod(clientId, (long) servers);
  }
}
