package io.cashew.proxy.memcached;

import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Finds where a memcached server's reply ends, knowing what was asked. One per connection, confined
 * to its worker.
 *
 * <p>Incremental: only a line that was cut is kept, and data of any size may pass in any pieces.
 * Strict: a line that is no answer to the request, and an item of a key that was not asked for, are
 * a {@link ProtocolException}, since they show that replies no longer belong to requests.
 */
public final class MemcachedReplyDecoder {
  /** Longest line; one of {@code stats} may be some hundred bytes long, all others are shorter. */
  static final int MAX_LINE = 8 << 10;

  private static final byte[] VALUE = "VALUE".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STAT = "STAT".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ITEM = "ITEM".getBytes(StandardCharsets.US_ASCII);

  private enum State {
    /** Before the first byte. */
    START,

    /** At the beginning of a line, or within one. */
    LINE,
    DATA,
    DATA_CR,
    DATA_LF
  }

  private final long maxDataLength;
  private ExpectedReply expected = new ExpectedReply();
  private State state = State.START;
  private boolean firstLine;
  private boolean endsWithData;
  private boolean error;
  private boolean silent;
  private long dataLeft;

  /** What has come of a line that was cut. */
  private byte[] cut = new byte[0];

  private int cutLength;
  private ByteBuf cutView = Unpooled.EMPTY_BUFFER;

  /** Accepts data of at most so many bytes. */
  public MemcachedReplyDecoder(long maxDataLength) {
    this.maxDataLength = maxDataLength;
  }

  /** Whether the next byte is the first of a reply. */
  public boolean atStart() {
    return state == State.START;
  }

  /** Whether the first line has not ended: only its end shows what it is. */
  public boolean inFirstLine() {
    return firstLine;
  }

  /** Whether the reply that has ended is an error. */
  public boolean isError() {
    return error;
  }

  /**
   * Whether the reply that has ended is none: the server has said nothing, and what has come is the
   * {@code MN} that it was asked for next.
   */
  public boolean isSilence() {
    return silent;
  }

  /** Begins with the reply to a request. */
  public void begin(ExpectedReply to) {
    expected = to;
    to.rewind();
    error = false;
    silent = false;
    endsWithData = false;
    firstLine = true;
    state = State.LINE;
  }

  /**
   * Reads on.
   *
   * @param in holds the bytes; borrowed
   * @param from index of the first byte not read yet
   * @param to index after the last byte
   * @return index after the end of the reply; -1 if all bytes were read and it has not ended
   * @throws ProtocolException if this is no reply to the request; the connection cannot go on
   */
  public int feed(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to) {
      switch (state) {
        case START -> throw new IllegalStateException("no reply has begun");
        case LINE -> {
          int lineFeed = in.indexOf(at, to, (byte) '\n');
          if (lineFeed < 0) {
            keep(in, at, to);
            return -1;
          }
          boolean over = line(in, at, lineFeed);
          firstLine = false;
          at = lineFeed + 1;
          if (over) {
            state = State.START;
            return at;
          }
        }
        case DATA -> {
          long piece = Math.min(dataLeft, to - at);
          dataLeft -= piece;
          at += (int) piece;
          if (dataLeft == 0) {
            state = State.DATA_CR;
          }
        }
        case DATA_CR -> {
          require(in.getByte(at) == '\r', "data that does not end in CRLF");
          at++;
          state = State.DATA_LF;
        }
        case DATA_LF -> {
          require(in.getByte(at) == '\n', "data that does not end in CRLF");
          at++;
          state = endsWithData ? State.START : State.LINE;
          if (endsWithData) {
            return at;
          }
        }
      }
    }
    return -1;
  }

  /** Keeps a part of a line. */
  private void keep(ByteBuf in, int from, int to) {
    int length = to - from;
    require(cutLength + length <= MAX_LINE, "a line of more than 8 KB");
    if (cutLength + length > cut.length) {
      byte[] more = new byte[Math.max(128, Integer.highestOneBit(cutLength + length) << 1)];
      System.arraycopy(cut, 0, more, 0, cutLength);
      cut = more;
      cutView = Unpooled.wrappedBuffer(cut);
    }
    in.getBytes(from, cut, cutLength, length);
    cutLength += length;
  }

  /** Takes a line that ends here. @return whether the reply ends with it */
  private boolean line(ByteBuf in, int from, int lineFeed) {
    if (cutLength == 0) {
      return line(in, from, lineFeed - from, lineFeed);
    }
    keep(in, from, lineFeed);
    int length = cutLength;
    cutLength = 0;
    return line(cutView, 0, length, length);
  }

  private boolean line(ByteBuf buf, int from, int length, int lineFeed) {
    require(length <= MAX_LINE, "a line of more than 8 KB");
    require(length > 0 && buf.getByte(lineFeed - 1) == '\r', "a line that does not end in CRLF");
    int end = lineFeed - 1;
    int space = buf.indexOf(from, end, (byte) ' ');
    int wordLength = (space < 0 ? end : space) - from;
    ReplyShape shape = expected.shape();
    if (shape.takes(buf, from, wordLength)) {
      checkFlags(shape, buf, space, end);
      return wordLength != 2 || !isWithData(buf, from) || beginMetaData(buf, space, end);
    }
    if (shape == ReplyShape.VALUES && ReplyShape.is(VALUE, buf, from, wordLength)) {
      beginItem(buf, space, end);
      return false;
    }
    if (shape == ReplyShape.STATS
        && (ReplyShape.is(STAT, buf, from, wordLength)
            || ReplyShape.is(ITEM, buf, from, wordLength))) {
      return false;
    }
    if (expected.isPerhapsSilent() && ReplyShape.META_NOOP.takes(buf, from, wordLength)) {
      silent = true;
      return true;
    }
    error = ReplyShape.isError(buf, from, wordLength) || isColonError(buf, from, wordLength);
    require(error, "a line that is no answer to the request");
    return true;
  }

  /** {@code ERROR: shutdown not enabled}. */
  private static boolean isColonError(ByteBuf buf, int from, int length) {
    return length > 1
        && buf.getByte(from + length - 1) == ':'
        && ReplyShape.isError(buf, from, length - 1);
  }

  private static boolean isWithData(ByteBuf buf, int from) {
    return buf.getByte(from) == 'V' && buf.getByte(from + 1) == 'A';
  }

  /** The key and the opaque in the reply to a meta command are those of the request. */
  private void checkFlags(ReplyShape shape, ByteBuf buf, int space, int end) {
    if (space < 0 || !shape.hasFlags()) {
      return;
    }
    for (int at = space + 1; at < end; ) {
      int next = buf.indexOf(at, end, (byte) ' ');
      int to = next < 0 ? end : next;
      require(
          to == at || expected.mayHaveFlag(buf, at, to - at), "the reply to another meta command");
      at = to + 1;
    }
  }

  /** {@code VALUE key flags bytes [cas]}. */
  private void beginItem(ByteBuf buf, int space, int end) {
    int key = space + 1;
    int flags = space < 0 ? -1 : buf.indexOf(key, end, (byte) ' ');
    int bytes = flags < 0 ? -1 : buf.indexOf(flags + 1, end, (byte) ' ');
    require(bytes >= 0, "an item without a length");
    require(expected.skipTo(buf, key, flags - key), "an item of a key that was not asked for");
    int cas = buf.indexOf(bytes + 1, end, (byte) ' ');
    beginData(buf, bytes + 1, cas < 0 ? end : cas);
  }

  /** {@code VA bytes flag*}. @return false: the reply goes on */
  private boolean beginMetaData(ByteBuf buf, int space, int end) {
    require(space >= 0, "an item without a length");
    int flags = buf.indexOf(space + 1, end, (byte) ' ');
    beginData(buf, space + 1, flags < 0 ? end : flags);
    endsWithData = true;
    return false;
  }

  private void beginData(ByteBuf buf, int from, int to) {
    require(to > from && to - from <= 10, "an item of an impossible length");
    long length = 0;
    for (int at = from; at < to; at++) {
      byte b = buf.getByte(at);
      require(b >= '0' && b <= '9', "an item of an impossible length");
      length = length * 10 + (b - '0');
    }
    require(length <= maxDataLength, "an item of an impossible length");
    dataLeft = length;
    state = State.DATA;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new ProtocolException(otherwise);
    }
  }
}
