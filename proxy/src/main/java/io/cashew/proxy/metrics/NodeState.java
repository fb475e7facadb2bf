package io.cashew.proxy.metrics;

import org.jspecify.annotations.Nullable;

/**
 * What has been decided about one node of one pool, for all workers. Written by the control thread
 * alone, read by a scrape; each field stands for itself, so a scrape that falls between two writes
 * shows a node with an open circuit that is not ejected yet, which is what it is.
 */
public final class NodeState {

  /**
   * Why a node was last found to be down.
   *
   * @param text as clients are told
   * @param atMillis when, since 1970
   */
  public record Failure(String text, long atMillis) {}

  /**
   * An operator has taken the node out.
   *
   * @param how {@code drain} or {@code offline}
   * @param by who has: an address
   * @param sinceMillis since 1970
   */
  public record Maintenance(String how, String by, long sinceMillis) {}

  private volatile boolean circuitOpen;
  private volatile boolean ejected;
  private volatile long circuitOpenings;
  private volatile long ejections;
  private volatile int slots;
  private volatile @Nullable Failure lastFailure;
  private volatile @Nullable Maintenance maintenance;
  private final PrimaryState primary = new PrimaryState();

  /** Who takes the node's writes. */
  public PrimaryState primary() {
    return primary;
  }

  /** The circuit is open: requests for the node get an error at once. */
  public boolean circuitOpen() {
    return circuitOpen;
  }

  /** The node's keys go to other nodes. */
  public boolean ejected() {
    return ejected;
  }

  /** Since when the node is out, because an operator wants it; null: it is not. */
  public @Nullable Maintenance maintenance() {
    return maintenance;
  }

  /** The node is out from now on, or, with null, in use. Control thread only. */
  public void maintenance(@Nullable Maintenance now) {
    maintenance = now;
  }

  /** Times the circuit went from closed to open. */
  public long circuitOpenings() {
    return circuitOpenings;
  }

  /** Times the node was taken out of its distribution. */
  public long ejections() {
    return ejections;
  }

  /** Slots of a Cluster that are the node's; 0 where its server is of none. */
  public int slots() {
    return slots;
  }

  /** It has so many slots from now on. Control thread only. */
  public void slots(int count) {
    slots = count;
  }

  /** What opened the circuit, or went wrong with the last probe after that; null: nothing yet. */
  public @Nullable Failure lastFailure() {
    return lastFailure;
  }

  /** Notes why the node is down. Control thread only. */
  public void failed(String text, long atMillis) {
    lastFailure = new Failure(text, atMillis);
    primary.isAway(atMillis);
  }

  /** Opens the circuit; again is nothing. Control thread only. */
  // One thread writes, so that read and write need not be one step.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  public void openCircuit() {
    if (!circuitOpen) {
      circuitOpenings++;
      circuitOpen = true;
    }
  }

  /** Closes the circuit; again is nothing. Control thread only. */
  public void closeCircuit() {
    circuitOpen = false;
    primary.serves();
  }

  /** The node was taken out of its distribution; again is nothing. Control thread only. */
  // One thread writes, so that read and write need not be one step.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  public void eject() {
    if (!ejected) {
      ejections++;
      ejected = true;
    }
  }

  /** The node is back in its distribution; again is nothing. Control thread only. */
  public void readmit() {
    ejected = false;
  }
}
