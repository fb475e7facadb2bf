package io.cashew.hashing.distribution;

/**
 * A run of Redis Cluster slots.
 *
 * @param first first slot, 0 to 16383
 * @param last last slot, inclusive, not below {@code first}
 */
public record SlotRange(int first, int last) {

  /** Slots of a Redis Cluster: 0 to 16383. */
  public static final int SLOTS = 16_384;

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if a slot is out of range, or the last is below the first
   */
  public SlotRange {
    if (first < 0 || last < first || last >= SLOTS) {
      throw new IllegalArgumentException(
          "a range of slots goes from a lower to a higher number within 0 to %d: got %d to %d"
              .formatted(SLOTS - 1, first, last));
    }
  }
}
