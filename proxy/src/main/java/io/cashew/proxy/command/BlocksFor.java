package io.cashew.proxy.command;

import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a blocking command says how long it may block.
 *
 * @param argument its index; negative counts from the end: -1 is the last argument
 * @param millisPerUnit 1000 for seconds, 1 for milliseconds
 */
public record BlocksFor(int argument, int millisPerUnit) implements Trait {
  /** Not at all. */
  static final BlocksFor NOTHING = new BlocksFor(Integer.MAX_VALUE, 1);

  private static final int MAX_DIGITS = 32;

  /** Seconds, perhaps with a fraction, in an argument. */
  static BlocksFor seconds(int argument) {
    return new BlocksFor(argument, 1000);
  }

  /** Milliseconds in an argument. */
  static BlocksFor millis(int argument) {
    return new BlocksFor(argument, 1);
  }

  private int index(RequestFrame frame) {
    return argument < 0 ? frame.argc() + argument : argument;
  }

  /**
   * The same request, which waits for so long.
   *
   * @param millis below 0: for ever
   * @return its bytes; null if it does not say how long it waits
   */
  public byte @Nullable [] waitingFor(RequestFrame frame, long millis) {
    int index = index(frame);
    if (index >= frame.argc()) {
      return null;
    }
    String time =
        millis < 0
            ? "0"
            : BigDecimal.valueOf(Math.max(1, millis))
                .divide(BigDecimal.valueOf(millisPerUnit))
                .toPlainString();
    int from = frame.offset(index - 1) + frame.length(index - 1) + 2;
    int to = frame.offset(index) + frame.length(index) + 2;
    ByteBuf again = Unpooled.buffer(frame.length() + MAX_DIGITS);
    again.writeBytes(frame.buf(), frame.start(), from - frame.start());
    Replies.writeBulk(again, time);
    again.writeBytes(frame.buf(), to, frame.next() - to);
    return ByteBufUtil.getBytes(again);
  }

  /** Milliseconds that a request names; below 0 for 0, which is for ever; 0 if it names none. */
  public long in(RequestFrame frame) {
    int index = index(frame);
    if (index >= frame.argc() || frame.length(index) > MAX_DIGITS) {
      return 0;
    }
    String text =
        frame.buf().toString(frame.offset(index), frame.length(index), StandardCharsets.US_ASCII);
    try {
      double units = Double.parseDouble(text);
      return units == 0 ? -1 : (long) Math.max(0, units * millisPerUnit);
    } catch (NumberFormatException e) {
      return 0; // the node says so
    }
  }
}
