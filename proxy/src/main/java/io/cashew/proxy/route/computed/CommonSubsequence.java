package io.cashew.proxy.route.computed;

import io.cashew.proxy.resp.ReplyValue;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code LCS} of two strings: the table of lengths, walked back from its end as Redis does, since
 * of several longest subsequences the way decides which one is found. Used once.
 */
final class CommonSubsequence {
  private static final int CELLS_OF_ELEMENT = 1000;

  private final String one;
  private final String other;
  private final int[] lengths;
  private final StringBuilder found = new StringBuilder();
  private final List<ReplyValue> matches = new ArrayList<>();

  /** What a request asks for behind its keys. */
  private record Options(boolean index, boolean length, boolean withLengths, long least) {
    static Options of(Arguments request) {
      request.skip(2);
      boolean index = false;
      boolean length = false;
      boolean withLengths = false;
      long least = 0;
      while (request.hasMore()) {
        switch (request.word()) {
          case "IDX" -> index = true;
          case "LEN" -> length = true;
          case "WITHMATCHLEN" -> withLengths = true;
          case "MINMATCHLEN" ->
              least = Math.max(0, request.number("ERR value is not an integer or out of range"));
          default -> throw RefusedRead.syntaxError();
        }
      }
      if (index && length) {
        throw new RefusedRead("ERR If you want both the length and indexes, please just use IDX.");
      }
      return new Options(index, length, withLengths, least);
    }
  }

  private CommonSubsequence(String one, String other) {
    this.one = one;
    this.other = other;
    lengths = new int[(one.length() + 1) * (other.length() + 1)];
  }

  static ReplyValue of(List<ReplyValue> keys, Arguments request, ComputeLimit limit) {
    Options options = Options.of(request);
    String one = keys.get(0).isNil() ? "" : keys.get(0).text();
    String other = keys.get(1).isNil() ? "" : keys.get(1).text();
    long cells = (one.length() + 1L) * (other.length() + 1L);
    if (cells > Math.min((long) limit.elements() * CELLS_OF_ELEMENT, Integer.MAX_VALUE / 8)
        || cells * Integer.BYTES > limit.bytes()) {
      throw new RefusedRead(
          "ERR the keys are on several nodes and too long together for cross-shard-limit: keep them"
              + " on one node by a hash tag");
    }
    CommonSubsequence common = new CommonSubsequence(one, other);
    common.fill();
    int length = common.length(one.length(), other.length());
    if (options.length) {
      return ReplyValue.integer(length);
    }
    common.walk(options);
    return options.index
        ? new ReplyValue(request.style().resp3() ? '%' : '*', "", common.index(length), false)
        : text(common.found.reverse().toString());
  }

  private List<ReplyValue> index(int length) {
    return List.of(
        text("matches"), ReplyValue.array(matches), text("len"), ReplyValue.integer(length));
  }

  private static ReplyValue text(String text) {
    return new ReplyValue('$', text, List.of(), false);
  }

  private int length(int i, int j) {
    return lengths[i * (other.length() + 1) + j];
  }

  private void fill() {
    int width = other.length() + 1;
    for (int i = 1; i <= one.length(); i++) {
      for (int j = 1; j < width; j++) {
        lengths[i * width + j] =
            one.charAt(i - 1) == other.charAt(j - 1)
                ? length(i - 1, j - 1) + 1
                : Math.max(length(i - 1, j), length(i, j - 1));
      }
    }
  }

  /** Goes back from the end; a match is a run in both, and is noted where it begins. */
  private void walk(Options options) {
    int i = one.length();
    int j = other.length();
    int run = 0;
    while (i > 0 && j > 0) {
      boolean equal = one.charAt(i - 1) == other.charAt(j - 1);
      if (equal) {
        found.append(one.charAt(i - 1));
        run++;
        i--;
        j--;
      }
      if (run > 0 && (!equal || i == 0 || j == 0)) {
        note(i, j, run, options);
        run = 0;
      }
      if (!equal) {
        if (length(i - 1, j) > length(i, j - 1)) {
          i--;
        } else {
          j--;
        }
      }
    }
  }

  private void note(int i, int j, int run, Options options) {
    if (run < options.least) {
      return;
    }
    List<ReplyValue> match = new ArrayList<>();
    match.add(range(i, run));
    match.add(range(j, run));
    if (options.withLengths) {
      match.add(ReplyValue.integer(run));
    }
    matches.add(ReplyValue.array(match));
  }

  private static ReplyValue range(int from, int length) {
    return ReplyValue.array(
        List.of(ReplyValue.integer(from), ReplyValue.integer(from + length - 1L)));
  }
}
