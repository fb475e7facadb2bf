package io.cashew.proxy.command;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One key spec as {@code COMMAND} shows it.
 *
 * @param begin {@code index}, {@code keyword} or {@code unknown}: how the first key is found
 * @param beginSpec names and values in turn; values are strings or integers
 * @param find {@code range}, {@code keynum} or {@code unknown}: how the others follow from it
 * @param findSpec names and values in turn
 * @param range the keys' places if they are fixed
 */
record PublishedKeySpec(
    Set<KeyFlag> flags,
    String begin,
    List<Object> beginSpec,
    String find,
    List<Object> findSpec,
    @Nullable KeyRange range) {

  /** A range from {@code first} to {@code last}; a negative {@code last} counts from the end. */
  static PublishedKeySpec range(Set<KeyFlag> flags, KeyRange range) {
    int relative = range.last() < 0 ? range.last() : range.last() - range.first();
    return new PublishedKeySpec(
        flags,
        "index",
        List.of("index", range.first()),
        "range",
        List.of("lastkey", relative, "keystep", range.step(), "limit", 0),
        range);
  }

  /** A spec without fixed places. */
  static PublishedKeySpec of(
      Set<KeyFlag> flags,
      String begin,
      List<Object> beginSpec,
      String find,
      List<Object> findSpec) {
    return new PublishedKeySpec(flags, begin, beginSpec, find, findSpec, null);
  }

  static PublishedKeySpec unknown(Set<KeyFlag> flags) {
    return of(flags, "unknown", List.of(), "unknown", List.of());
  }
}
