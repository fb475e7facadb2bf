package io.cashew.proxy.insight;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The largest requests and replies of the last minutes, one for each key. Confined to a worker.
 *
 * <p>There are two windows of five minutes: the present one, and the one before it. The smallest
 * that counts rises with what is noted, so that of many large ones few are.
 */
public final class BigKeys {
  private static final int KEPT = 16;
  private static final long WINDOW_MILLIS = 300_000;
  private static final Comparator<BigKey> LARGEST_FIRST =
      Comparator.comparingLong(BigKey::bytes).reversed();

  private final long largerThan;
  private List<BigKey> present = new ArrayList<>();
  private List<BigKey> before = List.of();
  private long windowMillis;
  private long least;

  /** What {@link #top} says; null: it has to be found again. */
  private @Nullable List<BigKey> top = List.of();

  /**
   * Has noted nothing yet.
   *
   * @param largerThan bytes that are not large
   */
  public BigKeys(long largerThan, long nowMillis) {
    this.largerThan = largerThan;
    windowMillis = nowMillis;
    least = largerThan;
  }

  /** Whether so many bytes are worth an {@link #add}. */
  public boolean counts(long bytes) {
    return bytes > least;
  }

  /** Notes a request or reply. */
  public void add(BigKey big) {
    top = null;
    for (int i = 0; i < present.size(); i++) {
      BigKey other = present.get(i);
      if (other.isReply() == big.isReply() && Arrays.equals(other.key(), big.key())) {
        if (big.bytes() > other.bytes()) {
          present.set(i, big);
          present.sort(LARGEST_FIRST);
        }
        return;
      }
    }
    present.add(big);
    present.sort(LARGEST_FIRST);
    if (present.size() > KEPT) {
      present.remove(KEPT);
    }
    if (present.size() == KEPT) {
      least = present.get(KEPT - 1).bytes();
    }
  }

  /** Lets time pass. */
  public void tick(long nowMillis) {
    if (nowMillis - windowMillis >= WINDOW_MILLIS) {
      windowMillis = nowMillis;
      top = null;
      before = present;
      present = new ArrayList<>();
      least = largerThan;
    }
  }

  /** The largest of both windows, largest first. */
  public List<BigKey> top() {
    List<BigKey> found = top;
    if (found == null) {
      top = found = merge(List.of(present, before));
    }
    return found;
  }

  /** The largest of several lists, each key once as request and once as reply. */
  public static List<BigKey> merge(List<List<BigKey>> lists) {
    BigKeys merged = new BigKeys(0, 0);
    lists.forEach(list -> list.forEach(merged::add));
    return List.copyOf(merged.present);
  }
}
