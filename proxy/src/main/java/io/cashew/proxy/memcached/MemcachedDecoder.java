package io.cashew.proxy.memcached;

import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a client's request of memcached's text protocol ends and where its words are. One per
 * client, confined to its worker.
 *
 * <p>Resumable: a line whose end is missing is not looked through again, nor is one read again
 * before its data is there. What is passed on to a server is what this class has read: whatever a
 * server might read otherwise, and so take data for a command or a command for data, is answered
 * here in memcached's words ({@link LineCheck}).
 */
public final class MemcachedDecoder {
  /** Longest key. */
  public static final int MAX_KEY = 250;

  /** Longest line of what is no get. */
  static final int MAX_LINE = 64 << 10;

  private static final byte[] NOTHING = {};
  private static final byte BINARY_MAGIC = (byte) 0x80;
  private static final byte[] HTTP = "HTTP/".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] GET = "GET".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] POST = "POST".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HOST = "Host:".getBytes(StandardCharsets.US_ASCII);

  /** What was read. */
  public enum Read {
    /** Bytes are missing. */
    INCOMPLETE,

    /** A request that is whole. */
    REQUEST,

    /** What is no request, and has an answer: {@link #answer}. */
    ANSWER,

    /** The line of a request whose data is too large; the data is to be {@link #skipped}. */
    TOO_LARGE
  }

  private final LineCheck check = new LineCheck();
  private long maxData;
  private long maxLine;

  /** Bytes of a line without an end that were looked through. */
  private int scanned;

  /** Bytes of the line if it is here and its data is not; 0: it is not here. */
  private int lineLength;

  private long needed;
  private byte[] answer = NOTHING;

  /**
   * Decodes within limits.
   *
   * @param maxData longest value
   * @param maxLine longest line of a get of many keys
   */
  public MemcachedDecoder(long maxData, long maxLine) {
    limits(maxData, maxLine);
  }

  /** Has other limits from now on. */
  public void limits(long maxDataNow, long maxLineNow) {
    maxData = maxDataNow;
    maxLine = maxLineNow;
  }

  /** What is asked. */
  public Verb verb() {
    return check.verb();
  }

  /** Whether the client wants no reply. */
  public boolean noReply() {
    return check.noReply();
  }

  /** Whether the server may say nothing. */
  public boolean quiet() {
    return check.quiet();
  }

  /** Whether the key is written in base64. */
  public boolean base64() {
    return check.base64();
  }

  /** The answer to what is no request; empty if the client wants none. */
  public byte[] answer() {
    return answer;
  }

  /** Bytes behind a line whose data is too large that are no request. */
  public long skipped() {
    return check.dataLength() + 2;
  }

  /** Whether the line of an incomplete request is here, and some of its data is not. */
  public boolean inData() {
    return lineLength > 0;
  }

  /** Bytes of an incomplete request, from its start, that must be there before it gets further. */
  public int needed() {
    return (int) Math.min(needed, Integer.MAX_VALUE);
  }

  /** Forgets an incomplete request: somebody else takes the rest of it. */
  public void reset() {
    scanned = 0;
    lineLength = 0;
    needed = 0;
  }

  /**
   * Reads one request.
   *
   * @param in holds the bytes; borrowed
   * @param from index of its first byte, also when an earlier call has seen a part of it
   * @param to index after the last byte there is; above {@code from}
   * @param frame gets the places of the words; it ends where the next request begins
   * @throws ProtocolException if the connection cannot go on
   */
  public Read decode(ByteBuf in, int from, int to, RequestFrame frame) {
    if (to - from < needed) {
      return Read.INCOMPLETE;
    }
    int lineEnd = from + lineLength;
    if (lineLength == 0) {
      lineEnd = 1 + in.indexOf(from + scanned, to, (byte) '\n');
      if (lineEnd == 0) {
        return lineIsMissing(in, from, to);
      }
    }
    boolean clean = split(in, from, lineEnd, frame);
    frame.finish(lineEnd);
    refuseHttp(in, frame);
    byte[] wrong = check.check(frame, clean);
    Read read = wrong == null ? data(in, from, lineEnd, to, frame) : answer(wrong);
    if (read != Read.INCOMPLETE) {
      reset();
    }
    return read;
  }

  /** Reads the line of an incomplete request again, up to whose end the frame then is. */
  public void decodeLine(ByteBuf in, int from, RequestFrame frame) {
    boolean clean = split(in, from, from + lineLength, frame);
    frame.finish(from + lineLength);
    check.check(frame, clean);
  }

  /** The bytes of the key of a request that is written in base64; null if it is not. */
  public static byte @Nullable [] decodedKey(RequestFrame frame) {
    try {
      return Base64.getDecoder()
          .decode(ByteBufUtil.getBytes(frame.buf(), frame.offset(1), frame.length(1)));
    } catch (IllegalArgumentException wrong) {
      return null;
    }
  }

  private Read answer(byte[] words) {
    answer = check.noReply() ? NOTHING : words;
    return Read.ANSWER;
  }

  private Read data(ByteBuf in, int from, int lineEnd, int to, RequestFrame frame) {
    if (!check.verb().hasData()) {
      return Read.REQUEST;
    }
    long length = check.dataLength();
    if (length > maxData) {
      return Read.TOO_LARGE;
    }
    long end = lineEnd + length + 2;
    if (end > to) {
      lineLength = lineEnd - from;
      needed = end - from;
      return Read.INCOMPLETE;
    }
    frame.finish((int) end);
    boolean ends = in.getByte((int) end - 2) == '\r' && in.getByte((int) end - 1) == '\n';
    return ends ? Read.REQUEST : answer(Words.BAD_DATA);
  }

  private Read lineIsMissing(ByteBuf in, int from, int to) {
    if (in.getByte(from) == BINARY_MAGIC) {
      throw new BinaryRefusal(in, from);
    }
    long most = LineCheck.mayBeLong(in, from, to) ? maxLine : MAX_LINE;
    if (to - from > most) {
      throw new ProtocolException(
          "a line of more than " + most + " bytes", ProtocolException.Fault.TOO_LARGE);
    }
    scanned = to - from;
    return Read.INCOMPLETE;
  }

  /**
   * Finds the words of a line, which blanks are between.
   *
   * @return whether it has no other control characters
   */
  private static boolean split(ByteBuf in, int from, int lineEnd, RequestFrame frame) {
    if (in.getByte(from) == BINARY_MAGIC) {
      throw new BinaryRefusal(in, from);
    }
    int end = lineEnd - 1;
    if (end > from && in.getByte(end - 1) == '\r') {
      end--;
    }
    frame.begin(in, from);
    boolean clean = true;
    int word = -1;
    for (int at = from; at < end; at++) {
      byte b = in.getByte(at);
      if (b == ' ') {
        if (word >= 0) {
          frame.add(word, at - word);
          word = -1;
        }
      } else {
        clean &= (b < 0 || b > ' ') && b != 127;
        if (word < 0) {
          word = at;
        }
      }
    }
    if (word >= 0) {
      frame.add(word, end - word);
    }
    return clean;
  }

  /** A web page must not be able to have a browser run commands here. */
  private static void refuseHttp(ByteBuf in, RequestFrame frame) {
    if (frame.argc() == 0) {
      return;
    }
    int last = frame.argc() - 1;
    boolean versioned =
        frame.length(last) > HTTP.length
            && ReplyShape.is(HTTP, in, frame.offset(last), HTTP.length);
    if ((isFirst(GET, in, frame) && versioned)
        || isFirst(POST, in, frame)
        || isFirst(HOST, in, frame)) {
      throw new ProtocolException(
          "this port speaks the protocol of memcached, not HTTP", ProtocolException.Fault.FOREIGN);
    }
  }

  private static boolean isFirst(byte[] word, ByteBuf in, RequestFrame frame) {
    return ReplyShape.is(word, in, frame.offset(0), frame.length(0));
  }
}
