package io.cashew.proxy.clients;

import java.util.Random;

/** Values that a text would not survive. */
final class Bytes {
  /** Every byte there is. */
  static final byte[] ALL = all();

  private Bytes() {}

  private static byte[] all() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  /** Five megabytes. */
  static byte[] large() {
    byte[] bytes = new byte[5 << 20];
    new Random(5).nextBytes(bytes);
    return bytes;
  }
}
