package io.cashew.proxy.route.computed;

import java.util.List;
import java.util.Locale;

/** The arguments of a request, read in order; characters are bytes. Used once. */
final class Arguments {
  private final List<String> all;
  private final ReplyStyle style;
  private int at = 1;

  Arguments(List<String> all, ReplyStyle style) {
    this.all = all;
    this.style = style;
  }

  /** How the reply is written. */
  ReplyStyle style() {
    return style;
  }

  boolean hasMore() {
    return at < all.size();
  }

  /** How many are left. */
  int left() {
    return all.size() - at;
  }

  String next() {
    if (!hasMore()) {
      throw RefusedRead.syntaxError();
    }
    return all.get(at++);
  }

  void skip(int count) {
    at += count;
  }

  /** The next one as a word of the syntax. */
  String word() {
    return next().toUpperCase(Locale.ROOT);
  }

  /** The next one as an integer. */
  long number(String error) {
    try {
      return Long.parseLong(next());
    } catch (NumberFormatException e) {
      throw new RefusedRead(error);
    }
  }

  /** Skips the number of keys and the keys. @return how many keys */
  int skipCountedKeys() {
    int keys = (int) number("ERR value is not an integer or out of range");
    skip(keys);
    return keys;
  }
}
