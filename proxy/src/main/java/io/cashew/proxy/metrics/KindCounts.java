package io.cashew.proxy.metrics;

/**
 * One count for each constant of an enum: an array, because an {@code EnumMap} would box. Owned,
 * written and read as the recorder that holds it.
 */
// The ordinal is an index that lives as long as the process: nothing is stored by it.
@SuppressWarnings("EnumOrdinal")
final class KindCounts<K extends Enum<K> & Kind> {

  private final long[] counts;

  KindCounts(Class<K> kinds) {
    counts = new long[kinds.getEnumConstants().length];
  }

  void add(K kind, long count) {
    counts[kind.ordinal()] += count;
  }

  long get(K kind) {
    return counts[kind.ordinal()];
  }
}
