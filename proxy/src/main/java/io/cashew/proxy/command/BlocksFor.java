package io.cashew.proxy.command;

import io.cashew.proxy.resp.RequestFrame;
import java.nio.charset.StandardCharsets;

/**
 * Where a blocking command says how long it may block.
 *
 * @param argument its index; negative counts from the end: -1 is the last argument
 * @param millisPerUnit 1000 for seconds, 1 for milliseconds
 */
record BlocksFor(int argument, int millisPerUnit) implements Trait {
  private static final int MAX_DIGITS = 32;

  /** Seconds, perhaps with a fraction, in an argument. */
  static BlocksFor seconds(int argument) {
    return new BlocksFor(argument, 1000);
  }

  /** Milliseconds in an argument. */
  static BlocksFor millis(int argument) {
    return new BlocksFor(argument, 1);
  }

  /** Milliseconds that a request names; below 0 for 0, which is for ever; 0 if it names none. */
  long in(RequestFrame frame) {
    int index = argument < 0 ? frame.argc() + argument : argument;
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
