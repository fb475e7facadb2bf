package io.cashew.proxy.cache;

import com.google.common.hash.BloomFilter;
import com.google.common.hash.Funnel;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one server that exist, as far as rules guard them: says of a key that it surely does
 * not. Shared by all threads, without a lock.
 *
 * <p>It is a Bloom filter (Guava's, which several threads may fill at one time). A server tells
 * that a key has changed, and not whether it is still there, so keys are only added: those that are
 * deleted cost a request each until the filter is built anew. So nothing would be gained by one
 * that can forget.
 *
 * <p>It says something only while it is {@link Complete}: made of all keys that there were, and of
 * all that were heard of since, by a server that has been heard all the while and is still theirs.
 * While another is being built, keys are added to both. Whoever adds looks for that one first: when
 * it is complete it is put in the place of the former before it stops being the one that grows, so
 * no key gets past both.
 */
final class KeyFilter {
  /** Of so many keys that do not exist one costs a request. */
  private static final double FALSE_POSITIVES = 0.002;

  @SuppressWarnings("NullAway") // no key that is put or asked for is null
  private static final Funnel<KeyBytes> BYTES =
      (key, into) -> into.putBytes(key.bytes(), 0, key.length());

  private record Complete(BloomFilter<KeyBytes> keys, long era, Ownership ownership, long most) {}

  private volatile @Nullable Complete complete;
  private volatile @Nullable BloomFilter<KeyBytes> growing;
  private volatile long mostOfGrowing;

  /** Bytes that a filter for so many keys takes. */
  static long bytes(long keys) {
    return (long) (keys * -Math.log(FALSE_POSITIVES) / (Math.log(2) * Math.log(2)) / Byte.SIZE);
  }

  /** A key exists, or is about to. */
  void add(KeyBytes key) {
    BloomFilter<KeyBytes> next = growing;
    if (next != null) {
      next.put(key);
    }
    Complete now = complete;
    if (now != null) {
      now.keys.put(key);
    }
  }

  /**
   * Whether a key surely does not exist.
   *
   * @param source the server that would have it
   * @param ownership as it is now
   */
  boolean isWithout(KeyBytes key, Source source, Ownership ownership, long nowNanos) {
    Complete now = complete;
    if (now == null || !source.isBelieved(now.era, nowNanos)) {
      return false;
    }
    int group = ownership.group(key);
    return ownership.stamp(group) == now.ownership.stamp(group) && !now.keys.mightContain(key);
  }

  // ---------------------------------------------------------------- building

  /** From now on keys are added to another one as well, which has room for so many. */
  void begin(long most) {
    mostOfGrowing = most;
    growing = BloomFilter.create(BYTES, most, FALSE_POSITIVES);
  }

  /** All keys have been added to it that the server had in an era. */
  void complete(long era, Ownership ownership) {
    BloomFilter<KeyBytes> next = growing;
    if (next != null) {
      complete = new Complete(next, era, ownership, mostOfGrowing);
      growing = null;
    }
  }

  /** That one will not be complete. */
  void abandon() {
    growing = null;
  }

  /** Whether it is complete of this era and ownership, and not too full. */
  boolean isFit(long era, Ownership ownership) {
    Complete now = complete;
    return now != null
        && now.era == era
        && now.ownership == ownership
        && now.keys.approximateElementCount() <= now.most;
  }

  /** About how many keys are in it. */
  long size() {
    Complete now = complete;
    return now == null ? 0 : now.keys.approximateElementCount();
  }
}
