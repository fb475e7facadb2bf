package io.cashew.proxy.client.reply;

/**
 * Numbers the slots of one queue from 1, in their order, and notes up to which of them something is
 * so. Confined to the worker.
 */
final class SlotNumbers {
  /** Slots that have been in the queue. */
  long added;

  /** Those of them that are given. */
  long given;

  private long lastUnsettled;
  private long lastOfManyKeys;

  /** All that are there now are unsettled, until the last of them is given. */
  void unsettle() {
    lastUnsettled = added;
  }

  boolean isSettled() {
    return given >= lastUnsettled;
  }

  /** The last one is for several keys. */
  void takesManyKeys() {
    lastOfManyKeys = added;
  }

  /** Whether one that is for several keys may not be given. */
  boolean hasManyKeys() {
    return given < lastOfManyKeys;
  }
}
