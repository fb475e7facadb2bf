package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.RequestStream;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Passes one large request on with a longer time to live: what is in front of its value was written
 * anew before, or what is behind it is held back until all of that is there. The value itself
 * passes as it comes. Confined to the worker.
 */
final class UploadLife {
  /** More behind a value is no {@code SET} that a server would carry out. */
  private static final int MOST_HELD = 1024;

  /** Arguments of a {@code SET} up to its value. */
  private static final int WITH_VALUE = 3;

  private final Function<RequestFrame, ByteBuf> longer;

  /** Goes in the place of the first bytes; null: they go as they are, or have gone. */
  private @Nullable ByteBuf instead;

  /** First bytes that do not go. */
  private int skipped;

  /** Bytes until the first that is held back; -1: they are known when its argument begins. */
  private long untilHeld;

  /** What is held back; null: nothing is any more. */
  private @Nullable ByteBuf held;

  private int nextArgument;

  private UploadLife(
      Function<RequestFrame, ByteBuf> longer,
      @Nullable ByteBuf instead,
      int skipped,
      long untilHeld,
      @Nullable ByteBuf held,
      int nextArgument) {
    this.longer = longer;
    this.instead = instead;
    this.skipped = skipped;
    this.untilHeld = untilHeld;
    this.held = held;
    this.nextArgument = nextArgument;
  }

  /**
   * Of a request with its time in front of the value.
   *
   * @param first goes instead of its first bytes; takes ownership
   * @param length of these
   */
  static UploadLife beforeValue(ByteBuf first, int length) {
    return new UploadLife(RequestFrame::buf, first, length, -1, null, 0);
  }

  /**
   * Of a request with its time behind the value.
   *
   * @param longer what goes instead of the arguments behind the value
   * @param frame its whole arguments that are there
   * @param from index of its first byte
   * @param checked bytes of those arguments, from there
   */
  static UploadLife behindValue(
      Function<RequestFrame, ByteBuf> longer, RequestFrame frame, int from, int checked) {
    int until = -1;
    if (frame.argc() == WITH_VALUE) {
      until = checked;
    } else if (frame.argc() > WITH_VALUE) {
      int value = WITH_VALUE - 1;
      until = frame.offset(value) + frame.length(value) + 2 - from;
    }
    return new UploadLife(longer, null, 0, until, Unpooled.buffer(), frame.argc());
  }

  /** The next argument begins with the bytes that are written next. */
  void argumentBegins() {
    if (nextArgument++ == WITH_VALUE && untilHeld < 0) {
      untilHeld = 0;
    }
  }

  /** Passes the next bytes on, or holds them back; borrows them. */
  void write(RequestStream to, ByteBuf in, int at, int length) {
    ByteBuf first = instead;
    if (first != null) {
      instead = null;
      to.write(first, first.readerIndex(), first.readableBytes());
    }
    int left = Math.min(skipped, length);
    skipped -= left;
    int start = at + left;
    int rest = length - left;
    ByteBuf holds = held;
    if (holds == null || untilHeld < 0) {
      to.write(in, start, rest);
      return;
    }
    int passing = (int) Math.min(untilHeld, rest);
    untilHeld -= passing;
    to.write(in, start, passing);
    holds.writeBytes(in, start + passing, rest - passing);
    if (holds.readableBytes() > MOST_HELD) {
      held = null;
      to.write(holds, 0, holds.readableBytes());
    }
  }

  /** All bytes have been written. */
  void end(RequestStream to) {
    ByteBuf holds = held;
    if (holds != null && holds.isReadable()) {
      ByteBuf last = longer.apply(arguments(holds));
      to.write(last, last.readerIndex(), last.readableBytes());
    }
  }

  /** The arguments of what is held back, behind those that have gone, of which nothing is known. */
  private static RequestFrame arguments(ByteBuf held) {
    RequestFrame frame = new RequestFrame();
    frame.begin(held, 0);
    for (int i = 0; i < WITH_VALUE; i++) {
      frame.add(0, 0);
    }
    int at = 0;
    while (at < held.writerIndex()) {
      int length = 0;
      for (at++; held.getByte(at) != '\r'; at++) {
        length = length * 10 + held.getByte(at) - '0';
      }
      frame.add(at + 2, length);
      at += 2 + length + 2;
    }
    frame.finish(held.writerIndex());
    return frame;
  }
}
