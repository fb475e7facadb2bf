package io.cashew.proxy.command;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Where the keys of a command are among its arguments: Redis's "key specifications". A command's
 * keys are those of all its specs, in their order. Immutable; finding keys allocates nothing.
 *
 * <p>Indexes count from the command's name, which is 0; for a subcommand the container's name is 0.
 */
public sealed interface KeySpec {

  /** What the command does with these keys. */
  Set<KeyFlag> flags();

  /**
   * Adds the keys of a request whose arity is right.
   *
   * @param command the command's name, for errors
   * @return false if the request is malformed; {@code out} then has the error
   */
  boolean find(String command, RequestFrame frame, KeyPositions out);

  /** As {@code COMMAND} shows it to clients; empty if Redis does not publish it. */
  List<PublishedKeySpec> published();

  /** No keys. */
  static List<KeySpec> none() {
    return List.of();
  }

  /** One key. */
  static List<KeySpec> key(int index, KeyFlag... flags) {
    return List.of(new Range(new KeyRange(index, index, 1), true, setOf(flags)));
  }

  /** Keys from {@code first} to {@code last}; a negative {@code last} counts from the end. */
  static List<KeySpec> keys(int first, int last, int step, KeyFlag... flags) {
    return List.of(new Range(new KeyRange(first, last, step), true, setOf(flags)));
  }

  /** Channels, of which Redis publishes nothing although they choose a node. */
  static List<KeySpec> channels(int first, int last) {
    return List.of(new Range(new KeyRange(first, last, 1), false, setOf(KeyFlag.NOT_KEY)));
  }

  /** Argument {@code at} says how many keys follow it. */
  static List<KeySpec> numkeys(int at, int step, CountErrors errors, KeyFlag... flags) {
    return List.of(new Counted(at, step, errors, setOf(flags)));
  }

  /** After each {@code keyword} (upper case) come {@code count} keys. */
  static List<KeySpec> keyword(String keyword, int from, int count, KeyFlag... flags) {
    return List.of(new AfterKeyword(keyword, from, count, setOf(flags)));
  }

  /** {@code STREAMS key… id…}. */
  static List<KeySpec> streams(int from, KeyFlag... flags) {
    return List.of(new Streams(from, setOf(flags)));
  }

  /** {@code SORT key [BY pattern] [LIMIT offset count] [GET pattern…] [STORE key]}. */
  static List<KeySpec> sortOptions(boolean store, KeyFlag... flags) {
    return List.of(new SortOptions(store, setOf(flags)));
  }

  /** {@code MIGRATE host port key|"" db timeout … [KEYS key…]}. */
  static List<KeySpec> migrateKeys(KeyFlag... flags) {
    return List.of(new MigrateKeys(setOf(flags)));
  }

  /** The keys of all these, in this order. */
  @SafeVarargs
  static List<KeySpec> all(List<KeySpec>... parts) {
    List<KeySpec> specs = new ArrayList<>();
    for (List<KeySpec> part : parts) {
      specs.addAll(part);
    }
    return List.copyOf(specs);
  }

  private static Set<KeyFlag> setOf(KeyFlag... flags) {
    EnumSet<KeyFlag> set = EnumSet.noneOf(KeyFlag.class);
    set.addAll(List.of(flags));
    return Collections.unmodifiableSet(set);
  }

  /** Keys at fixed places. */
  record Range(KeyRange range, boolean isPublished, Set<KeyFlag> flags) implements KeySpec {
    @Override
    public boolean find(String command, RequestFrame frame, KeyPositions out) {
      int end = range.last() < 0 ? frame.argc() + range.last() : range.last();
      for (int i = range.first(); i <= end; i += range.step()) {
        out.add(i);
      }
      return true;
    }

    @Override
    public List<PublishedKeySpec> published() {
      return isPublished ? List.of(PublishedKeySpec.range(flags, range)) : List.of();
    }
  }

  /** A number of keys, said by the argument in front of them. */
  record Counted(int at, int step, CountErrors errors, Set<KeyFlag> flags) implements KeySpec {
    @Override
    public boolean find(String command, RequestFrame frame, KeyPositions out) {
      long count = integer(frame, at);
      if (count == Long.MIN_VALUE) {
        return out.fail(errors.notAnInteger());
      }
      if (count < errors.least) {
        return out.fail(errors.tooFew(command));
      }
      if (count > (frame.argc() - at - 1 - errors.following) / step) {
        return out.fail(errors.tooMany());
      }
      for (int i = 0, index = at + 1; i < count; i++, index += step) {
        out.add(index);
      }
      return true;
    }

    @Override
    public List<PublishedKeySpec> published() {
      return List.of(
          PublishedKeySpec.of(
              flags,
              "index",
              List.of("index", at),
              "keynum",
              List.of("keynumidx", 0, "firstkey", 1, "keystep", step)));
    }

    /** As Redis reads integers: no sign but a minus, no leading zeros; MIN_VALUE if it is none. */
    private static long integer(RequestFrame frame, int index) {
      ByteBuf buf = frame.buf();
      int offset = frame.offset(index);
      int end = offset + frame.length(index);
      boolean negative = offset < end && buf.getByte(offset) == '-';
      int digit = negative ? offset + 1 : offset;
      int digits = end - digit;
      if (digits < 1 || digits > 19 || (buf.getByte(digit) == '0' && (digits > 1 || negative))) {
        return Long.MIN_VALUE;
      }
      long value = 0;
      for (; digit < end; digit++) {
        int d = buf.getByte(digit) - '0';
        if (d < 0 || d > 9) {
          return Long.MIN_VALUE;
        }
        value = value * 10 + d;
        if (value < 0) { // beyond 64 bits
          return Long.MIN_VALUE;
        }
      }
      return negative ? -value : value;
    }
  }

  /**
   * Keys after a keyword. Redis's own spec looks at its first occurrence only; the command obeys
   * the last one, so each of them counts here: a key may be asked for needlessly, none is missed.
   */
  record AfterKeyword(String keyword, int from, int count, Set<KeyFlag> flags) implements KeySpec {
    @Override
    public boolean find(String command, RequestFrame frame, KeyPositions out) {
      for (int i = from; i + count < frame.argc(); i++) {
        if (frame.argEquals(i, keyword)) {
          for (int key = 1; key <= count; key++) {
            out.add(i + key);
          }
          i += count;
        }
      }
      return true;
    }

    @Override
    public List<PublishedKeySpec> published() {
      return List.of(
          PublishedKeySpec.of(
              flags,
              "keyword",
              List.of("keyword", keyword, "startfrom", from),
              "range",
              List.of("lastkey", count - 1, "keystep", 1, "limit", 0)));
    }
  }

  /** The first half of what follows {@code STREAMS}. */
  record Streams(int from, Set<KeyFlag> flags) implements KeySpec {
    @Override
    public boolean find(String command, RequestFrame frame, KeyPositions out) {
      int argc = frame.argc();
      int keyword = from;
      while (keyword < argc && !frame.argEquals(keyword, "STREAMS")) {
        keyword++;
      }
      int rest = argc - keyword - 1;
      if (rest <= 0) {
        return out.fail("ERR syntax error");
      }
      if (rest % 2 != 0) {
        return out.fail(
            "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be"
                + " specified.");
      }
      for (int i = keyword + 1; i <= keyword + rest / 2; i++) {
        out.add(i);
      }
      return true;
    }

    @Override
    public List<PublishedKeySpec> published() {
      return List.of(
          PublishedKeySpec.of(
              flags,
              "keyword",
              List.of("keyword", "STREAMS", "startfrom", from),
              "range",
              List.of("lastkey", -1, "keystep", 1, "limit", 2)));
    }
  }

  /**
   * The last {@code STORE} of a {@code SORT}, and the patterns of its {@code BY} and {@code GET}.
   */
  record SortOptions(boolean store, Set<KeyFlag> flags) implements KeySpec {
    @Override
    public boolean find(String command, RequestFrame frame, KeyPositions out) {
      int argc = frame.argc();
      int destination = 0;
      for (int i = 2; i < argc; i++) {
        if (frame.argEquals(i, "LIMIT")) {
          i += 2;
        } else if (frame.argEquals(i, "BY") || frame.argEquals(i, "GET")) {
          i++;
          if (i < argc && hasStar(frame, i)) {
            out.addPattern(i);
          }
        } else if (store && frame.argEquals(i, "STORE") && i + 1 < argc) {
          destination = ++i;
        }
      }
      if (destination > 0) {
        out.add(destination);
      }
      return true;
    }

    /** Without a star {@code BY} does not sort, and {@code GET} gets nil or the element itself. */
    private static boolean hasStar(RequestFrame frame, int index) {
      int offset = frame.offset(index);
      int end = offset + frame.length(index);
      return frame.buf().indexOf(offset, end, (byte) '*') >= 0;
    }

    @Override
    public List<PublishedKeySpec> published() {
      PublishedKeySpec patterns = PublishedKeySpec.unknown(EnumSet.of(KeyFlag.RO, KeyFlag.ACCESS));
      return store ? List.of(patterns, PublishedKeySpec.unknown(flags)) : List.of(patterns);
    }
  }

  /** The third argument of a {@code MIGRATE}, or, if that is empty, all after {@code KEYS}. */
  record MigrateKeys(Set<KeyFlag> flags) implements KeySpec {
    @Override
    public boolean find(String command, RequestFrame frame, KeyPositions out) {
      if (frame.length(3) > 0) {
        out.add(3);
        return true;
      }
      int i = 6;
      while (i < frame.argc() && !frame.argEquals(i, "KEYS")) {
        i += frame.argEquals(i, "AUTH") ? 2 : frame.argEquals(i, "AUTH2") ? 3 : 1;
      }
      while (++i < frame.argc()) {
        out.add(i);
      }
      return true;
    }

    @Override
    public List<PublishedKeySpec> published() {
      EnumSet<KeyFlag> incomplete = EnumSet.copyOf(flags);
      incomplete.add(KeyFlag.INCOMPLETE);
      return List.of(
          PublishedKeySpec.range(flags, new KeyRange(3, 3, 1)),
          PublishedKeySpec.of(
              incomplete,
              "keyword",
              List.of("keyword", "KEYS", "startfrom", -2),
              "range",
              List.of("lastkey", -1, "keystep", 1, "limit", 0)));
    }
  }
}
