package io.cashew.proxy.insight;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a request of which only the beginning was kept, shortened as Redis's slow log
 * shortens them: 32 arguments of 128 bytes, and how much more there was. What was not kept counts
 * as shortened too: its length stands before it.
 */
public final class RequestText {
  private static final int ARGUMENTS_MAX = 32;
  private static final int ARGUMENT_BYTES_MAX = 128;

  private final byte[] bytes;
  private final int length;
  private int at;

  /**
   * @param bytes begin with a request in RESP, or with a line of words of memcached
   * @param length how many of them were kept
   */
  public RequestText(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
  }

  /** The arguments; none if not even their number was kept. */
  public List<byte[]> arguments() {
    if (isLine()) {
      return shortened(words());
    }
    at = 0;
    long count = number('*');
    List<byte[]> arguments = new ArrayList<>();
    long shown = count > ARGUMENTS_MAX ? ARGUMENTS_MAX - 1 : count;
    while (arguments.size() < shown) {
      byte[] argument = argument();
      if (argument == null) {
        break;
      }
      arguments.add(argument);
    }
    if (arguments.size() < count) {
      arguments.add(ascii("... (" + (count - arguments.size()) + " more arguments)"));
    }
    return arguments;
  }

  /** The argument of this index as far as it was kept, not shortened; null if nothing of it was. */
  public byte @Nullable [] argument(int index) {
    if (isLine()) {
      List<byte[]> words = words();
      return index < words.size() ? words.get(index) : null;
    }
    at = 0;
    if (index >= number('*')) {
      return null;
    }
    for (int i = 0; ; i++) {
      long size = number('$');
      if (size < 0) {
        return null;
      }
      if (i == index) {
        return Arrays.copyOfRange(bytes, at, at + (int) Math.min(size, length - at));
      }
      skip(size);
    }
  }

  private boolean isLine() {
    return length > 0 && bytes[0] != '*';
  }

  private List<byte[]> words() {
    int end = 0;
    while (end < length && bytes[end] != '\r' && bytes[end] != '\n') {
      end++;
    }
    List<byte[]> words = new ArrayList<>();
    for (int from = 0; from < end; from++) {
      int to = from;
      while (to < end && bytes[to] != ' ') {
        to++;
      }
      if (to > from) {
        words.add(Arrays.copyOfRange(bytes, from, to));
      }
      from = to;
    }
    return words;
  }

  private static List<byte[]> shortened(List<byte[]> words) {
    if (words.size() <= ARGUMENTS_MAX) {
      return words;
    }
    List<byte[]> shown = new ArrayList<>(words.subList(0, ARGUMENTS_MAX - 1));
    shown.add(ascii("... (" + (words.size() - ARGUMENTS_MAX + 1) + " more arguments)"));
    return shown;
  }

  private byte @Nullable [] argument() {
    long size = number('$');
    if (size < 0) {
      return null;
    }
    int shown = (int) Math.min(Math.min(size, ARGUMENT_BYTES_MAX), length - at);
    byte[] argument = Arrays.copyOfRange(bytes, at, at + shown);
    skip(size);
    if (shown == size) {
      return argument;
    }
    byte[] more = ascii("... (" + (size - shown) + " more bytes)");
    byte[] shortened = Arrays.copyOf(argument, shown + more.length);
    System.arraycopy(more, 0, shortened, shown, more.length);
    return shortened;
  }

  private void skip(long size) {
    at = (int) Math.min(length, at + size + 2);
  }

  /** The number of a line that begins so, and goes behind it; -1 if it was not kept whole. */
  private long number(char first) {
    if (at >= length || bytes[at] != first) {
      return -1;
    }
    long number = 0;
    for (int i = at + 1; i + 1 < length; i++) {
      if (bytes[i] == '\r') {
        at = i + 2;
        return number;
      }
      number = number * 10 + (bytes[i] - '0');
    }
    return -1;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
