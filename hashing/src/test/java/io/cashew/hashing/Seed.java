package io.cashew.hashing;

import java.util.Random;

/**
 * Chance that can be repeated: run again with {@code -Dcashew.seed=}, the number that was printed.
 */
public final class Seed {
  private static final long SEED = Long.getLong("cashew.seed", System.nanoTime());

  private Seed() {}

  /** A new source of random numbers; the same ones for the same seed. */
  public static Random random() {
    System.out.println("cashew.seed=" + SEED);
    return new Random(SEED);
  }
}
