package io.cashew.proxy.client;

import io.cashew.proxy.resp.RequestFrame;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the arguments of requests. */
public final class Arguments {
  private Arguments() {}

  /** An argument as text. */
  public static String argument(RequestFrame frame, int argument) {
    return frame
        .buf()
        .toString(frame.offset(argument), frame.length(argument), StandardCharsets.UTF_8);
  }

  /** An argument with each of its bytes as a character: nothing of it is lost. */
  public static String characters(RequestFrame frame, int argument) {
    return frame
        .buf()
        .toString(frame.offset(argument), frame.length(argument), StandardCharsets.ISO_8859_1);
  }

  /** An argument as it is. */
  public static byte[] bytes(RequestFrame frame, int argument) {
    byte[] bytes = new byte[frame.length(argument)];
    frame.buf().getBytes(frame.offset(argument), bytes);
    return bytes;
  }

  /** A decimal number; null if it is none. */
  public static @Nullable Long number(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
