package io.cashew.proxy.cache.expiry;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;

/** The time to live that one request sets. Filled again by the next; confined to one thread. */
final class Expiry {
  private static final int MOST_DIGITS = 18;

  /** Index of the argument with the time. */
  private int index;

  /** Index of the word in front of it; 0: there is none. */
  private int word;

  private boolean isAbsolute;
  private long millis;

  /** Finds it. @return false if there is none, or none that the server would take */
  boolean find(ExpiryForm form, RequestFrame frame) {
    word = 0;
    if (form.isOption()) {
      return findOption(form, frame);
    }
    return frame.argc() > form.index && read(frame, form.index, form.unitMillis, form.isAbsolute);
  }

  /**
   * Of a request with several servers refuse some and take the last of others: it stays as it is.
   */
  private boolean findOption(ExpiryForm form, RequestFrame frame) {
    for (int i = form.index; i + 1 < frame.argc(); i++) {
      if (isTime(frame, i)) {
        if (word > 0) {
          return false;
        }
        word = i;
        i++;
      } else if (isCondition(frame, i)) {
        i++; // what the value is compared with may be any word
      }
    }
    if (word == 0) {
      return false;
    }
    boolean seconds = frame.argEquals(word, "EX") || frame.argEquals(word, "EXAT");
    boolean absolute = frame.argEquals(word, "EXAT") || frame.argEquals(word, "PXAT");
    return read(frame, word + 1, seconds ? 1000 : 1, absolute);
  }

  private static boolean isTime(RequestFrame frame, int at) {
    return frame.argEquals(at, "EX")
        || frame.argEquals(at, "PX")
        || frame.argEquals(at, "EXAT")
        || frame.argEquals(at, "PXAT");
  }

  private static boolean isCondition(RequestFrame frame, int at) {
    return frame.argEquals(at, "IFEQ")
        || frame.argEquals(at, "IFNE")
        || frame.argEquals(at, "IFDEQ")
        || frame.argEquals(at, "IFDNE");
  }

  private boolean read(RequestFrame frame, int at, int unitMillis, boolean absolute) {
    long number = number(frame.buf(), frame.offset(at), frame.length(at));
    index = at;
    isAbsolute = absolute;
    millis = number * unitMillis;
    return number > 0 && number <= Long.MAX_VALUE / 2 / unitMillis;
  }

  /** A number as Redis reads it: digits without a sign or leading zeros; else -1. */
  private static long number(ByteBuf buf, int offset, int length) {
    if (length < 1 || length > MOST_DIGITS || buf.getByte(offset) == '0') {
      return -1;
    }
    long number = 0;
    for (int i = offset; i < offset + length; i++) {
      int digit = buf.getByte(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  int index() {
    return index;
  }

  int word() {
    return word;
  }

  /** The word in front of it for a time in milliseconds. */
  String wordInMillis() {
    return isAbsolute ? "PXAT" : "PX";
  }

  /** The same time in milliseconds, made longer. */
  long longer(Jitter jitter, int percent, long clockMillis) {
    return isAbsolute
        ? clockMillis + jitter.longer(millis - clockMillis, percent)
        : jitter.longer(millis, percent);
  }
}
