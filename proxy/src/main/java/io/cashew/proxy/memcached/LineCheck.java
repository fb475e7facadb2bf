package io.cashew.proxy.memcached;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the words of a request's line, and says what memcached 1.6.18 answers to one that is none.
 * Used again by the next line; confined to a worker.
 *
 * <p>Numbers are stricter than memcached's own: digits only, and of 32 bits where one of its
 * versions is content with that. A server that read them otherwise would take the data that follow
 * for commands.
 */
final class LineCheck {
  /** With more flags a server does not take the data that follow. */
  private static final int META_SET_WORDS_MAX = 19;

  private static final long DATA_MAX = Integer.MAX_VALUE - 2L;
  private static final long UINT_MAX = 0xffff_ffffL;

  private static final byte[] NOREPLY = "noreply".getBytes(StandardCharsets.US_ASCII);
  private static final byte[][] LONG_LINES = {
    "get ".getBytes(StandardCharsets.US_ASCII),
    "gets ".getBytes(StandardCharsets.US_ASCII),
    "gat ".getBytes(StandardCharsets.US_ASCII),
    "gats ".getBytes(StandardCharsets.US_ASCII)
  };

  private Verb verb = Verb.MN;
  private boolean noReply;
  private boolean quiet;
  private boolean base64;
  private long dataLength;

  Verb verb() {
    return verb;
  }

  boolean noReply() {
    return noReply;
  }

  boolean quiet() {
    return quiet;
  }

  boolean base64() {
    return base64;
  }

  long dataLength() {
    return dataLength;
  }

  /** Whether a line that begins so may have many keys. */
  static boolean mayBeLong(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to && in.getByte(at) == ' ') {
      at++;
    }
    for (byte[] beginning : LONG_LINES) {
      if (to - at >= beginning.length && ReplyShape.is(beginning, in, at, beginning.length)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Looks at a line.
   *
   * @param clean whether it has no control characters
   * @return the answer if it is no request
   */
  byte @Nullable [] check(RequestFrame line, boolean clean) {
    noReply = false;
    quiet = false;
    base64 = false;
    Verb found = line.argc() == 0 ? null : Verb.of(line.buf(), line.offset(0), line.length(0));
    if (found == null || !found.takes(line.argc())) {
      return Words.ERROR;
    }
    verb = found;
    byte[] wrong =
        switch (found.form()) {
          case KEYS -> keys(line, 1);
          case KEYS_BEHIND_TIME -> isTime(line, 1) ? keys(line, 2) : Words.BAD_TIME;
          case STORAGE -> storage(line);
          case DELETE -> delete(line);
          case NUMBER -> number(line);
          case TOUCH -> touch(line);
          case META -> meta(line, 2);
          case META_SET -> metaSet(line);
          case FLUSH -> flush(line);
          case VERBOSITY -> verbosity(line);
          case DEBUG -> line.argc() > 1 && isKey(line, 1) ? null : Words.BAD_FORMAT;
          case WORDS -> null;
        };
    return wrong == null && !clean ? Words.BAD_FORMAT : wrong;
  }

  private static byte @Nullable [] keys(RequestFrame line, int first) {
    for (int i = first; i < line.argc(); i++) {
      if (!isKey(line, i)) {
        return Words.BAD_FORMAT;
      }
    }
    return null;
  }

  private byte @Nullable [] storage(RequestFrame line) {
    endsInNoReply(line);
    dataLength = numberOf(line, 4, DATA_MAX);
    boolean good =
        isKey(line, 1)
            && numberOf(line, 2, UINT_MAX) >= 0
            && isTime(line, 3)
            && dataLength >= 0
            && (verb != Verb.CAS || isLong(line, 5));
    return good ? null : Words.BAD_FORMAT;
  }

  private byte @Nullable [] delete(RequestFrame line) {
    endsInNoReply(line);
    int words = line.argc() - (noReply ? 1 : 0);
    boolean zero = words == 3 && line.length(2) == 1 && line.buf().getByte(line.offset(2)) == '0';
    if (words != 2 && !zero) {
      return Words.BAD_DELETE;
    }
    return isKey(line, 1) ? null : Words.BAD_FORMAT;
  }

  private byte @Nullable [] number(RequestFrame line) {
    endsInNoReply(line);
    if (!isKey(line, 1)) {
      return Words.BAD_FORMAT;
    }
    return isLong(line, 2) ? null : Words.BAD_DELTA;
  }

  private byte @Nullable [] touch(RequestFrame line) {
    endsInNoReply(line);
    if (!isKey(line, 1)) {
      return Words.BAD_FORMAT;
    }
    return isTime(line, 2) ? null : Words.BAD_TIME;
  }

  private byte @Nullable [] meta(RequestFrame line, int firstFlag) {
    for (int i = firstFlag; i < line.argc(); i++) {
      byte flag = line.buf().getByte(line.offset(i));
      quiet |= flag == 'q';
      base64 |= flag == 'b';
    }
    return isKey(line, 1) ? null : Words.BAD_FORMAT;
  }

  private byte @Nullable [] metaSet(RequestFrame line) {
    byte[] wrong = meta(line, 3);
    dataLength = line.argc() < 3 ? -1 : numberOf(line, 2, DATA_MAX);
    if (wrong != null || dataLength < 0) {
      return Words.BAD_FORMAT;
    }
    return line.argc() > META_SET_WORDS_MAX ? Words.TOO_MANY_FLAGS : null;
  }

  private byte @Nullable [] flush(RequestFrame line) {
    noReply = line.argc() > 1 && isNoReply(line, line.argc() - 1);
    int words = line.argc() - (noReply ? 1 : 0);
    return words == 1 || isTime(line, 1) ? null : Words.BAD_TIME;
  }

  private byte @Nullable [] verbosity(RequestFrame line) {
    endsInNoReply(line);
    return numberOf(line, 1, UINT_MAX) >= 0 ? null : Words.BAD_FORMAT;
  }

  // ---------------------------------------------------------------- words

  /** Whether no reply is wanted: only a third word or a later one says so. */
  private void endsInNoReply(RequestFrame line) {
    noReply = line.argc() > 2 && isNoReply(line, line.argc() - 1);
  }

  private static boolean isNoReply(RequestFrame line, int word) {
    return ReplyShape.is(NOREPLY, line.buf(), line.offset(word), line.length(word));
  }

  private static boolean isKey(RequestFrame line, int word) {
    return line.length(word) <= MemcachedDecoder.MAX_KEY;
  }

  /** A number of digits alone; -1 if it is none, or above {@code most}. */
  private static long numberOf(RequestFrame line, int word, long most) {
    int length = line.length(word);
    return length > 10 ? -1 : digits(line, line.offset(word), length, most);
  }

  private static long digits(RequestFrame line, int offset, int length, long most) {
    long value = length == 0 ? -1 : 0;
    for (int i = 0; i < length; i++) {
      byte b = line.buf().getByte(offset + i);
      if (b < '0' || b > '9') {
        return -1;
      }
      value = value * 10 + (b - '0');
    }
    return value > most ? -1 : value;
  }

  /** Seconds, or a moment; below 0: at once. */
  private static boolean isTime(RequestFrame line, int word) {
    int offset = line.offset(word);
    int length = line.length(word);
    if (length > 0 && line.buf().getByte(offset) == '-') {
      offset++;
      length--;
    }
    return length <= 10 && digits(line, offset, length, Integer.MAX_VALUE) >= 0;
  }

  /** Whether a word is a number of 64 bits without a sign. */
  private static boolean isLong(RequestFrame line, int word) {
    int length = line.length(word);
    if (length == 0 || length > 20) {
      return false;
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      byte b = line.buf().getByte(line.offset(word) + i);
      if (b < '0' || b > '9') {
        return false;
      }
      long next = value * 10 + (b - '0');
      if (i == 19
          && (Long.compareUnsigned(value, Long.divideUnsigned(-1, 10)) > 0
              || Long.compareUnsigned(next, value) < 0)) {
        return false;
      }
      value = next;
    }
    return true;
  }
}
