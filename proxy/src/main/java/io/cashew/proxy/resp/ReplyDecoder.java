package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Finds where a node's reply ends. It knows ends, not meanings. One per connection, confined to its
 * worker.
 *
 * <p>Incremental: its state is a few numbers, so that a reply of any size may pass in any pieces
 * without being kept. Strict: what is not canonical RESP is an error before the line that holds it
 * has been reported as read, and nothing is allocated on the word of a length.
 */
public final class ReplyDecoder {
  /**
   * Deepest nesting of arrays. A script in Redis can answer with nearly 8,000, which its stack
   * allows; here a level costs 8 bytes.
   */
  public static final int MAX_DEPTH = 8192;

  /** Longest line of a simple string or an error. */
  public static final int MAX_LINE = 64 << 10;

  /** Longer than any double is printed. */
  private static final int MAX_DOUBLE_LINE = 512;

  /** More digits than a 64-bit number has. */
  private static final int MAX_NUMBER_LINE = 20;

  private enum State {
    TYPE,
    TEXT_LINE,
    NUMBER_LINE,
    LINE_FEED,
    BULK,
    BULK_CR,
    BULK_LF
  }

  private final long maxBulkLength;
  private final boolean resp3;
  private final boolean pushes;

  private State state = State.TYPE;
  private byte type;
  private int lineLength;
  private boolean negative;
  private long value;
  private long bulkLeft;

  // Elements still missing of each array that is open; depth 0 is the reply itself.
  private long[] elementsLeft = new long[8];
  private int depth;

  /**
   * Accepts replies of one version of the protocol.
   *
   * @param maxBulkLength longest bulk string, in bytes
   * @param resp3 whether the types of RESP3 may come; pushes are still refused, since nobody on a
   *     shared connection has asked for any
   */
  public ReplyDecoder(long maxBulkLength, boolean resp3) {
    this(maxBulkLength, resp3, false);
  }

  private ReplyDecoder(long maxBulkLength, boolean resp3, boolean pushes) {
    this.maxBulkLength = maxBulkLength;
    this.resp3 = resp3;
    this.pushes = pushes;
  }

  /** Accepts replies of both versions, and pushes between them. */
  public static ReplyDecoder withPushes(long maxBulkLength) {
    return new ReplyDecoder(maxBulkLength, true, true);
  }

  /** Whether the next byte is the first of a reply. */
  public boolean atStart() {
    return depth == 0 && state == State.TYPE;
  }

  /** Whether the reply is one line whose end has not come: only that shows that it is one. */
  public boolean inLine() {
    return depth == 0 && (state == State.TEXT_LINE || state == State.LINE_FEED);
  }

  /** Bytes of the bulk that is being read which are still to come, its line end not counted. */
  public long bulkLeft() {
    return state == State.BULK ? bulkLeft : 0;
  }

  /**
   * Reads on.
   *
   * @param in holds the bytes; borrowed
   * @param from index of the first byte not read yet
   * @param to index after the last byte
   * @return index after the end of the reply; -1 if all bytes were read and it has not ended
   * @throws ProtocolException if this is no reply; the connection cannot go on
   */
  public int feed(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to) {
      switch (state) {
        case TYPE -> {
          at = type(in, at, to);
          if (at < 0) {
            return ~at;
          }
        }
        case TEXT_LINE -> at = textLine(in, at, to);
        case NUMBER_LINE -> at = numberLine(in, at, to);
        case LINE_FEED -> {
          require(in.getByte(at) == '\n', "a line that does not end in CRLF");
          at++;
          if (lineEnded()) {
            return at;
          }
        }
        case BULK -> {
          long piece = Math.min(bulkLeft, to - at);
          bulkLeft -= piece;
          at += (int) piece;
          if (bulkLeft == 0) {
            state = State.BULK_CR;
          }
        }
        case BULK_CR -> {
          require(in.getByte(at) == '\r', "a bulk that does not end in CRLF");
          at++;
          state = State.BULK_LF;
        }
        case BULK_LF -> {
          require(in.getByte(at) == '\n', "a bulk that does not end in CRLF");
          at++;
          if (elementEnded()) {
            return at;
          }
        }
      }
    }
    return -1;
  }

  /**
   * Reads a type byte, and at once the two commonest shapes if they are there in one piece.
   *
   * @return index to go on at; or the complement of the index after the end of the reply
   */
  private int type(ByteBuf in, int at, int to) {
    type = in.getByte(at);
    switch (type) {
      case '$' -> {
        if (to - at >= 4) {
          int head = in.getIntLE(at); // "$N\r\n"
          int digit = (head >>> 8 & 0xff) - '0';
          if ((head & 0xffff0000) == 0x0a0d0000 && digit >= 0 && digit <= 9) {
            int end = at + 4 + digit;
            if (end + 2 <= to && in.getShortLE(end) == 0x0a0d) {
              return elementEnded() ? ~(end + 2) : end + 2;
            }
          }
        }
        beginLine(State.NUMBER_LINE);
      }
      case ':', '*' -> beginLine(State.NUMBER_LINE);
      case '+', '-' -> beginLine(State.TEXT_LINE);
      case '_', '#', ',', '(' -> {
        requireResp3();
        beginLine(State.TEXT_LINE);
      }
      case '>' -> {
        if (!pushes || depth > 0) {
          throw unknownType();
        }
        beginLine(State.NUMBER_LINE);
      }
      case '!', '=', '%', '~', '|' -> {
        requireResp3();
        beginLine(State.NUMBER_LINE);
      }
      default -> throw unknownType();
    }
    return at + 1;
  }

  private void requireResp3() {
    if (!resp3) {
      throw unknownType();
    }
  }

  private ProtocolException unknownType() {
    return new ProtocolException(
        String.format("a reply that begins with byte 0x%02x", type & 0xff));
  }

  private void beginLine(State lineState) {
    state = lineState;
    lineLength = 0;
    negative = false;
    value = 0;
  }

  private int textLine(ByteBuf in, int from, int to) {
    for (int at = from; at < to; at++) {
      byte b = in.getByte(at);
      if (b == '\r') {
        require(lineLength > 0 || (type != '#' && type != ',' && type != '('), "an empty value");
        state = State.LINE_FEED;
        return at + 1;
      }
      require(b != '\n', "a line that does not end in CRLF");
      require(++lineLength <= MAX_LINE, "a line of more than 64 KB");
      checkText(b);
    }
    return to;
  }

  /** What a byte of a line may be, by the line's type. */
  private void checkText(byte b) {
    switch (type) {
      case '_' -> require(false, "a null with a value");
      case '#' -> require(lineLength == 1 && (b == 't' || b == 'f'), "a boolean of no kind");
      case ',' -> require(lineLength <= MAX_DOUBLE_LINE && b > ' ' && b < 127, "no double");
      // A script may call any text a big number, and Redis passes it.
      case '(' -> require(b >= ' ' && b < 127, "no big number");
      default -> {
        return; // any text
      }
    }
  }

  private int numberLine(ByteBuf in, int from, int to) {
    for (int at = from; at < to; at++) {
      byte b = in.getByte(at);
      if (b == '\r') {
        checkNumber();
        state = State.LINE_FEED;
        return at + 1;
      }
      if (b == '-' && lineLength == 0) {
        negative = true;
      } else {
        require(b >= '0' && b <= '9', "a length or number with a byte that is no digit");
        int digits = lineLength - (negative ? 1 : 0);
        boolean leadingZero = value == 0 && (digits > 0 || (negative && b == '0'));
        require(!leadingZero, "a number with a leading zero");
        // Accumulated below zero, where there is room for the smallest 64-bit number.
        require(
            value > Long.MIN_VALUE / 10
                || (value == Long.MIN_VALUE / 10 && b - '0' <= (negative ? 8 : 7)),
            "a number of more than 64 bits");
        value = value * 10 - (b - '0');
      }
      require(++lineLength <= MAX_NUMBER_LINE, "a number of more than 64 bits");
    }
    return to;
  }

  private void checkNumber() {
    require(lineLength > (negative ? 1 : 0), "a number without digits");
    if (!negative) {
      value = -value;
    }
    switch (type) {
      case '$' -> require(value >= -1 && value <= maxBulkLength, "a bulk of an impossible length");
      case '!', '=' ->
          require(value >= 0 && value <= maxBulkLength, "a bulk of an impossible length");
      case '*' ->
          require(value >= -1 && value <= Integer.MAX_VALUE, "an array of an impossible length");
      case '~', '%', '|', '>' ->
          require(value >= 0 && value <= Integer.MAX_VALUE, "an aggregate of an impossible length");
      default -> {
        return; // a number
      }
    }
  }

  /** What a line that has been read whole means. @return whether the reply has ended */
  private boolean lineEnded() {
    if ((type == '$' || type == '!' || type == '=') && value >= 0) {
      bulkLeft = value;
      state = value == 0 ? State.BULK_CR : State.BULK;
      return false;
    }
    long elements = elements();
    if (elements >= 0) {
      require(depth < MAX_DEPTH, "arrays nested more than " + MAX_DEPTH + " deep");
    }
    if (elements <= 0) {
      return elementEnded();
    }
    if (depth == elementsLeft.length) {
      elementsLeft = Arrays.copyOf(elementsLeft, 2 * depth);
    }
    elementsLeft[depth++] = elements;
    state = State.TYPE;
    return false;
  }

  /** Elements that follow the line; -1 if it is no aggregate. */
  private long elements() {
    return switch (type) {
      case '*' -> Math.max(value, 0);
      case '~', '>' -> value;
      case '%' -> 2 * value;
      case '|' -> 2 * value + 1; // an attribute's pairs, and then the value that it belongs to
      default -> -1;
    };
  }

  /** Counts an element that is complete. @return whether the reply is complete with it */
  private boolean elementEnded() {
    state = State.TYPE;
    while (depth > 0) {
      if (--elementsLeft[depth - 1] > 0) {
        return false;
      }
      depth--;
    }
    return true;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new ProtocolException(otherwise);
    }
  }
}
