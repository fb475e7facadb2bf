package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a client's request ends and where its arguments are, without an object per element
 * and without moving a byte. One per client, confined to its worker.
 *
 * <p>Resumable and linear: when bytes are missing it remembers the last header that it has passed
 * and how many bytes it needs beyond it, so that a request that arrives a byte at a time is not
 * read from its start each time. The positions of the arguments are then taken in one second pass.
 *
 * <p>It accepts the canonical form only: no leading zeros or plus signs, CR and LF after every line
 * and every argument. What is passed on to a node is therefore what this class has read; nothing
 * can be read there in another way. A request that does not begin with {@code *} is a line of words
 * ({@link InlineRequest}), and is written anew in that form.
 */
public final class RequestDecoder {
  private static final int MAX_DIGITS = 10;
  private static final short CRLF = 0x0a0d;
  private static final String INVALID_ARRAY = "Protocol error: invalid multibulk length";
  private static final String INVALID_BULK = "Protocol error: invalid bulk length";
  private static final String NO_LINE_END = "Protocol error: expected CRLF after an argument";

  /** {@code *N\r\n$M\r\n} as a little-endian long, without N and M. */
  private static final long SHORT_HEADER = 0x0a0d0024_0a0d002aL;

  private static final long SHORT_HEADER_MASK = 0xffff00ff_ffff00ffL;

  /** {@code $N\r\n} as a little-endian int, without N. */
  private static final int ONE_DIGIT = 0x0a0d0024;

  /** {@code $NN\r}. */
  private static final int TWO_DIGITS = 0x0d000024;

  private RespLimits limits;

  // Where a frame that is not complete was left; all 0 between frames.
  private int scanned;
  private int needed;
  private int argumentsLeft;
  private boolean begun;

  private int lastBulkLength;

  /** Made for the first client that types. */
  private @Nullable InlineRequest inline;

  /** Decodes within {@code limits}. */
  public RequestDecoder(RespLimits limits) {
    this.limits = limits;
  }

  /** Changes the limits. Not within a frame: its beginning was read within the old ones. */
  public void limits(RespLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads one request.
   *
   * @param in holds the bytes; borrowed
   * @param from index of the request's first byte, also when an earlier call has seen a part of it
   * @param to index after the last byte there is
   * @param frame gets the positions
   * @return whether the request is complete; if not, call again with the same bytes and more. An
   *     empty request ({@code *0}) is complete and has no arguments: it asks for no reply
   * @throws ProtocolException if this is no request; the connection cannot go on
   */
  public boolean decode(ByteBuf in, int from, int to, RequestFrame frame) {
    if (begun) {
      return resume(in, from, to, frame);
    }
    frame.begin(in, from);
    int position = shortHeader(in, from, to, frame);
    if (position < 0) {
      if (from < to && in.getByte(from) != '*') {
        return line(in, from, to, frame);
      }
      position = arrayHeader(in, from, to);
      if (position < 0) {
        return false;
      }
    }
    return arguments(in, from, position, to, argumentsLeft, frame);
  }

  /**
   * Takes what is known of a request that {@link #decode} has found incomplete: the arguments that
   * are there. The decoder stays where it is.
   */
  public void partial(ByteBuf in, int from, int to, RequestFrame frame) {
    RequestDecoder again = new RequestDecoder(limits);
    again.decode(in, from, to, frame);
    frame.finish(to);
  }

  /** Whether a request has been begun and its end is missing. */
  public boolean midFrame() {
    return begun;
  }

  /** Bytes of an incomplete request, from its start, that must be there before it gets further. */
  public int needed() {
    return needed;
  }

  /** Arguments of an incomplete request whose end has not been seen. */
  public int argumentsLeft() {
    return argumentsLeft;
  }

  /** Bytes of an incomplete request, from its start, up to the first header not yet passed. */
  public int scanned() {
    return scanned;
  }

  /** Forgets an incomplete request: somebody else takes the rest of it. */
  public void reset() {
    begun = false;
    scanned = 0;
    needed = 0;
    argumentsLeft = 0;
  }

  private boolean resume(ByteBuf in, int from, int to, RequestFrame frame) {
    if (to - from < needed) {
      return false;
    }
    frame.begin(in, from);
    int at = scanned;
    int left = argumentsLeft;
    if (left == 0) { // not even the header of the array was there, or it is a line
      begun = false;
      return decode(in, from, to, frame);
    }
    if (!arguments(in, from, from + at, to, left, frame)) {
      return false;
    }
    // Every byte is there and has been checked: once more, for the positions.
    return decode(in, from, to, frame);
  }

  /**
   * The common shape: one digit of arguments, one digit of length of the command's name.
   *
   * @return index of the second argument's header; -1 if the shape is another, or bytes are missing
   */
  private int shortHeader(ByteBuf in, int from, int to, RequestFrame frame) {
    if (to - from < 8) {
      return -1;
    }
    long head = in.getLongLE(from);
    if ((head & SHORT_HEADER_MASK) != SHORT_HEADER) {
      return -1;
    }
    int count = (int) (head >>> 8 & 0xff) - '0';
    int length = (int) (head >>> 40 & 0xff) - '0';
    int end = from + 8 + length;
    if (count < 1 || count > 9 || length < 0 || length > 9 || to < end + 2) {
      return -1;
    }
    if (in.getShortLE(end) != CRLF) {
      return -1; // the long way finds the words for it
    }
    frame.add(from + 8, length);
    argumentsLeft = count - 1;
    return end + 2;
  }

  private boolean line(ByteBuf in, int from, int to, RequestFrame frame) {
    InlineRequest request = inline;
    if (request == null) {
      inline = request = new InlineRequest();
    }
    if (request.decode(in, from, to, limits, frame)) {
      reset();
      return true;
    }
    begun = true;
    needed = to - from + 1;
    return false;
  }

  /** Reads {@code *N\r\n}. @return index after it, -1 if bytes are missing */
  private int arrayHeader(ByteBuf in, int from, int to) {
    if (from == to) {
      return -1;
    }
    // A negative or empty array is nothing at all to Redis: no command, no reply.
    boolean negative = from + 1 < to && in.getByte(from + 1) == '-';
    int digits = negative ? from + 2 : from + 1;
    if (negative && digits < to && in.getByte(digits) == '0') {
      throw new ProtocolException(INVALID_ARRAY);
    }
    int end = lineEnd(in, digits, to, INVALID_ARRAY);
    if (end < 0) {
      begun = true;
      scanned = 0;
      argumentsLeft = 0;
      needed = to - from + 1;
      return -1;
    }
    long count = negative ? 0 : number(in, digits, end);
    if (count > limits.arguments()) {
      boolean laterPerhaps = beforeAuth() && count <= Integer.MAX_VALUE;
      throw new ProtocolException(
          laterPerhaps ? "Protocol error: unauthenticated multibulk length" : INVALID_ARRAY);
    }
    argumentsLeft = (int) count;
    return end + 2;
  }

  private boolean arguments(
      ByteBuf in, int from, int start, int to, int count, RequestFrame frame) {
    int position = start;
    int left = count;
    while (left > 0) {
      if (position == to) {
        return leave(from, position, position + 1, left);
      }
      requireBulk(in, position);
      int bulk = bulkHeader(in, position, to);
      if (bulk < 0) {
        return leave(from, position, to + 1, left);
      }
      int length = lastBulkLength;
      long end = (long) bulk + length + 2;
      if (end > to) {
        if (end - from > Integer.MAX_VALUE) {
          throw new ProtocolException(
              "Protocol error: too big request", ProtocolException.Fault.TOO_LARGE);
        }
        // The CR is looked at as soon as it is there: a sender whose length was too small may not
        // send another byte.
        boolean lineFeedMissing = end - 1 == to;
        if (lineFeedMissing && in.getByte(to - 1) != '\r') {
          throw new ProtocolException(NO_LINE_END);
        }
        return leave(from, position, lineFeedMissing ? (int) end : (int) (end - 1), left);
      }
      if (in.getShortLE((int) end - 2) != CRLF) {
        throw new ProtocolException(NO_LINE_END);
      }
      frame.add(bulk, length);
      position = (int) end;
      left--;
    }
    reset();
    frame.finish(position);
    return true;
  }

  private boolean leave(int from, int position, int neededEnd, int left) {
    begun = true;
    scanned = position - from;
    needed = neededEnd - from;
    argumentsLeft = left;
    return false;
  }

  /** Throws unless an argument begins at {@code at}. */
  public void requireBulk(ByteBuf in, int at) {
    byte type = in.getByte(at);
    if (type != '$') {
      throw new ProtocolException("Protocol error: expected '$', got '" + printable(type) + "'");
    }
  }

  /**
   * Reads {@code $N\r\n} into {@link #bulkLength()}.
   *
   * @return index of the argument's first byte, -1 if bytes are missing
   * @throws ProtocolException if it is no such header or beyond the limits
   */
  public int bulkHeader(ByteBuf in, int at, int to) {
    if (to - at >= 5) { // the common ones, $N and $NN, at once
      int head = in.getIntLE(at);
      int first = (head >>> 8 & 0xff) - '0';
      int second = (head >>> 16 & 0xff) - '0';
      if ((head & 0xffff00ff) == ONE_DIGIT && first >= 0 && first <= 9) {
        lastBulkLength = first;
        return at + 4;
      }
      if ((head & 0xff0000ff) == TWO_DIGITS
          && first >= 1
          && first <= 9
          && second >= 0
          && second <= 9
          && in.getByte(at + 4) == '\n'
          && first * 10 + second <= limits.bulkLength()) {
        lastBulkLength = first * 10 + second;
        return at + 5;
      }
    }
    int end = lineEnd(in, at + 1, to, INVALID_BULK);
    if (end < 0) {
      return -1;
    }
    long length = number(in, at + 1, end);
    if (length > limits.bulkLength()) {
      boolean laterPerhaps = beforeAuth() && length <= RespLimits.DEFAULT.bulkLength();
      throw new ProtocolException(
          laterPerhaps ? "Protocol error: unauthenticated bulk length" : INVALID_BULK);
    }
    lastBulkLength = (int) length;
    return end + 2;
  }

  /** Bytes of the argument whose header was read last. */
  public int bulkLength() {
    return lastBulkLength;
  }

  private boolean beforeAuth() {
    return limits.equals(RespLimits.BEFORE_AUTH);
  }

  /**
   * Index of the CR that ends a line of one to {@link #MAX_DIGITS} digits without a leading zero;
   * -1 if bytes are missing. Throws at the first byte that cannot be part of such a line.
   */
  private static int lineEnd(ByteBuf in, int at, int to, String error) {
    for (int i = at; i < to; i++) {
      byte b = in.getByte(i);
      if (b == '\r' && i > at) {
        if (i + 1 == to) {
          return -1;
        }
        if (in.getByte(i + 1) != '\n') {
          throw new ProtocolException(error);
        }
        return i;
      }
      boolean leadingZero = i == at + 1 && in.getByte(at) == '0';
      if (b < '0' || b > '9' || leadingZero || i - at == MAX_DIGITS) {
        throw new ProtocolException(error);
      }
    }
    return -1;
  }

  /** The number whose digits {@link #lineEnd} has checked. */
  private static long number(ByteBuf in, int at, int end) {
    long value = 0;
    for (int i = at; i < end; i++) {
      value = value * 10 + (in.getByte(i) - '0');
    }
    return value;
  }

  /** As Redis shows a byte in an error line, in which a line end is a space. */
  private static String printable(byte b) {
    if (b == '\r' || b == '\n') {
      return " ";
    }
    return b >= ' ' && b < 127 ? String.valueOf((char) b) : String.format("\\x%02x", b & 0xff);
  }
}
