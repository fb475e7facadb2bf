package io.cashew.proxy.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The stripes of the keys of a request, or of all requests of a transaction. Used again. */
final class Stripes {
  /** A transaction with more keys ends everything that is kept. */
  private static final int MAX = 4096;

  private static final int MAX_SPARE = 64;

  private int[] stripes = new int[4];
  private int count;
  private boolean tooMany;

  /** Those whose values may be given although they have ended: that is known of each by itself. */
  private final List<KeyBytes> keys = new ArrayList<>(0);

  /** A key whose value may be given although it has ended. */
  void add(KeyBytes key) {
    if (!tooMany) {
      keys.add(key);
    }
  }

  /** Those that were added with their bytes. */
  List<KeyBytes> keys() {
    return keys;
  }

  void add(int stripe) {
    if (count == MAX) {
      tooMany = true;
      return;
    }
    if (count == stripes.length) {
      stripes = Arrays.copyOf(stripes, count * 2);
    }
    stripes[count++] = stripe;
  }

  /** All keys, whichever they are. */
  void addAll() {
    tooMany = true;
  }

  void addAll(Stripes others) {
    for (int i = 0; i < others.count; i++) {
      add(others.stripes[i]);
    }
    keys.addAll(others.keys);
    tooMany |= others.tooMany;
  }

  boolean isEmpty() {
    return count == 0 && !tooMany;
  }

  /** Whether it is all keys, whichever they are. */
  boolean areAll() {
    return tooMany;
  }

  int count() {
    return count;
  }

  int stripe(int index) {
    return stripes[index];
  }

  void clear() {
    count = 0;
    tooMany = false;
    if (!keys.isEmpty()) {
      keys.clear();
    }
    if (stripes.length > MAX_SPARE) {
      stripes = new int[4];
    }
  }
}
