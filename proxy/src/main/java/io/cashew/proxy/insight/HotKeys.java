package io.cashew.proxy.insight;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the keys that come most often among those that it is shown. Confined to a worker.
 *
 * <p>HeavyKeeper (Gong et al., USENIX ATC 2018): each key has a place in each of two rows, where
 * its fingerprint counts up. Another key that comes by counts it down, the less likely the higher
 * the count is, and takes the place at 0. So rare keys push each other out and frequent ones stay,
 * in 64 KiB whatever the number of keys. Those with the highest counts are kept by name.
 *
 * <p>Every ten seconds all counts are halved: what was hot a minute ago weighs a sixtieth. Nothing
 * is allocated for a key, but when one that is longer than those before it comes among the kept.
 */
public final class HotKeys {
  /** Of longer keys the beginning is kept; keys that begin so and are of one length are one. */
  public static final int KEY_BYTES_MAX = 256;

  private static final int ROWS = 2;
  private static final int COLUMNS = 1 << 12;
  private static final int KEPT = 64;
  private static final long HALF_LIFE_MILLIS = 10_000;

  /** The paper's: a place with this count is counted down once in 1.08^count times. */
  private static final double DECAY = 1.08;

  private static final int[] DECAY_CHANCES = decayChances();
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int sample;
  private final int[] fingerprints = new int[ROWS * COLUMNS];
  private final int[] counts = new int[ROWS * COLUMNS];
  private final long[] hashes = new long[KEPT];
  private final int[] keptCounts = new int[KEPT];
  private final byte[][] keys = new byte[KEPT][];
  private final int[] lengths = new int[KEPT];
  private int kept;
  private int leastKept;

  /** Keys shown, and milliseconds gone by, halved as counts are. */
  private long shown;

  private long weightMillis;
  private long lastMillis;
  private long halvedMillis;
  private long random;

  /**
   * Finds nothing yet.
   *
   * @param sample one key of so many is shown
   * @param seed of what is random in it
   * @param nowMillis the time, on any clock that does not go back
   */
  public HotKeys(int sample, long seed, long nowMillis) {
    this.sample = sample;
    random = seed * 2 + 1;
    lastMillis = nowMillis;
    halvedMillis = nowMillis;
    for (int i = 0; i < KEPT; i++) {
      keys[i] = new byte[64];
    }
  }

  private static int[] decayChances() {
    int[] chances = new int[256];
    for (int i = 0; i < chances.length; i++) {
      chances[i] = (int) (Integer.MAX_VALUE * Math.pow(DECAY, -i));
    }
    return chances;
  }

  /** How many keys to leave out before the next is shown: at random, so that no pattern is met. */
  public int gap() {
    return sample <= 1 ? 0 : Math.floorMod(nextRandom(), 2 * sample - 1);
  }

  private int nextRandom() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return (int) (random >>> 32);
  }

  /**
   * Counts a key.
   *
   * @param key holds its bytes from index 0 on, at least {@link #KEY_BYTES_MAX} if there are so
   *     many
   * @param length of the key, which may be more than there is
   */
  public void add(byte[] key, int length) {
    shown++;
    int present = Math.min(length, KEY_BYTES_MAX);
    long hash = hash(key, present, length);
    int count = count(hash);
    if (kept == KEPT && count <= leastKept) {
      return; // it is none of the kept, or its count there is no smaller
    }
    for (int i = 0; i < kept; i++) {
      if (hashes[i] == hash) {
        keptCounts[i] = Math.max(count, keptCounts[i]);
        return;
      }
    }
    if (kept < KEPT) {
      keep(kept++, hash, count, key, present);
    } else if (count > leastKept + (leastKept >>> 3)) { // not to and fro with one of the like
      keep(indexOfLeast(), hash, count, key, present);
      leastKept = keptCounts[indexOfLeast()];
    }
  }

  private void keep(int index, long hash, int count, byte[] key, int length) {
    hashes[index] = hash;
    keptCounts[index] = count;
    lengths[index] = length;
    if (keys[index].length < length) {
      keys[index] = new byte[KEY_BYTES_MAX];
    }
    System.arraycopy(key, 0, keys[index], 0, length);
  }

  private int indexOfLeast() {
    int least = 0;
    for (int i = 1; i < kept; i++) {
      if (keptCounts[i] < keptCounts[least]) {
        least = i;
      }
    }
    return least;
  }

  private int count(long hash) {
    int fingerprint = (int) (hash >>> 32) | 1; // 0 is nobody's
    int best = 0;
    for (int row = 0; row < ROWS; row++) {
      int place = row * COLUMNS + ((int) (hash >>> (12 * row)) & (COLUMNS - 1));
      if (fingerprints[place] == fingerprint) {
        best = Math.max(best, ++counts[place]);
      } else if (counts[place] == 0) {
        fingerprints[place] = fingerprint;
        counts[place] = 1;
        best = Math.max(best, 1);
      } else if (isCountedDown(counts[place]) && --counts[place] == 0) {
        fingerprints[place] = fingerprint;
        counts[place] = 1;
        best = Math.max(best, 1);
      }
    }
    return best;
  }

  private boolean isCountedDown(int count) {
    return count < DECAY_CHANCES.length
        && (nextRandom() & Integer.MAX_VALUE) <= DECAY_CHANCES[count];
  }

  /** Mixes eight bytes at a time; 64 bits, so that no two keys of a pool meet by chance. */
  private static long hash(byte[] key, int present, int length) {
    long hash = 0x9e3779b97f4a7c15L ^ length;
    int i = 0;
    for (; i + 8 <= present; i += 8) {
      hash = mix(hash ^ (long) LONGS.get(key, i));
    }
    long rest = 0;
    for (; i < present; i++) {
      rest = rest << 8 | (key[i] & 0xff);
    }
    return mix(hash ^ rest);
  }

  /** The finalizer of MurmurHash3. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }

  /** Lets time pass. */
  public void tick(long nowMillis) {
    weightMillis += nowMillis - lastMillis;
    lastMillis = nowMillis;
    while (nowMillis - halvedMillis >= HALF_LIFE_MILLIS) {
      halvedMillis += HALF_LIFE_MILLIS;
      halve();
    }
  }

  private void halve() {
    weightMillis /= 2;
    shown /= 2;
    for (int i = 0; i < counts.length; i++) {
      counts[i] >>>= 1;
    }
    for (int i = kept - 1; i >= 0; i--) {
      keptCounts[i] >>>= 1;
      if (keptCounts[i] == 0) {
        forget(i);
      }
    }
    leastKept = kept < KEPT ? 0 : keptCounts[indexOfLeast()];
  }

  private void forget(int index) {
    int last = --kept;
    byte[] spare = keys[index];
    hashes[index] = hashes[last];
    keptCounts[index] = keptCounts[last];
    keys[index] = keys[last];
    lengths[index] = lengths[last];
    keys[last] = spare;
  }

  /** Whether there is any key to tell of. */
  public boolean isEmpty() {
    return kept == 0;
  }

  /** About how many keys there are each second, shown or not. */
  public double keysPerSecond() {
    return (double) shown * sample * 1000 / Math.max(1, weightMillis);
  }

  /** The keys that come most often, most often first. A key that came once is none of them. */
  public List<HotKey> top() {
    List<HotKey> top = new ArrayList<>();
    double seconds = Math.max(1, weightMillis) / 1000.0;
    for (int i = 0; i < kept; i++) {
      if (keptCounts[i] > 1) {
        top.add(
            new HotKey(
                Arrays.copyOf(keys[i], lengths[i]),
                (double) keptCounts[i] * sample / seconds,
                (double) keptCounts[i] / Math.max(1, shown)));
      }
    }
    top.sort(Comparator.comparingDouble(HotKey::perSecond).reversed());
    return top;
  }
}
