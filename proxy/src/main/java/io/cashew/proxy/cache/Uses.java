package io.cashew.proxy.cache;

import java.util.SplittableRandom;

/**
 * Which look-ups of one worker count as uses of what they find: one of so many on the average, at
 * random, since keys that are asked for in turns would else be counted always or never.
 *
 * <p>Which entries stay is decided by how often they are used compared with others, for which a
 * sample does; and to note a use costs more than all else that a look-up does: every sixteenth has
 * the thread woken that does the upkeep. Confined to the worker.
 */
final class Uses {
  /** Look-ups to a use where there may soon be no room for something. */
  static final int GAP = 8;

  /** The same where there is room for as much again: nothing is compared by its uses yet. */
  static final int GAP_WITH_ROOM = 64;

  private final SplittableRandom random;
  private int others;

  Uses(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * Whether the next look-up counts.
   *
   * @param gap look-ups to a use, on the average
   */
  boolean next(int gap) {
    if (others > 0) {
      others--;
      return false;
    }
    others = random.nextInt(2 * gap - 1);
    return true;
  }
}
