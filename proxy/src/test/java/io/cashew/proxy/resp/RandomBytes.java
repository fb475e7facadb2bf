package io.cashew.proxy.resp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Requests, replies and damage to them, from a seeded generator. */
final class RandomBytes {
  /** The bytes that mean something to a decoder, and some that do not. */
  private static final byte[] TELLING =
      "0123456789-+*$:\r\n,_#(=%~>|!.X \0".getBytes(StandardCharsets.US_ASCII);

  private RandomBytes() {}

  static Layout request(Random random) {
    int count = random.nextInt(10) == 0 ? random.nextInt(150) : random.nextInt(6);
    List<byte[]> arguments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      arguments.add(bulk(random));
    }
    return Layout.of(arguments);
  }

  static byte[] bulk(Random random) {
    byte[] bytes = new byte[random.nextInt(20) == 0 ? random.nextInt(3000) : random.nextInt(14)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = random.nextBoolean() ? telling(random) : (byte) random.nextInt(256);
    }
    return bytes;
  }

  /** One reply; its arrays are nested up to {@code depth} deep. */
  static byte[] reply(Random random, int depth) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    reply(random, depth, out);
    return out.toByteArray();
  }

  private static void reply(Random random, int depth, ByteArrayOutputStream out) {
    switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> line(out, "+" + "OK".repeat(random.nextInt(4)));
      case 1 -> line(out, "-ERR " + random.nextInt());
      case 2 -> line(out, ":" + (random.nextLong() >> random.nextInt(64)));
      case 3 -> line(out, "$-1");
      case 4 -> {
        byte[] bulk = bulk(random);
        line(out, "$" + bulk.length);
        out.writeBytes(bulk);
        line(out, "");
      }
      case 5 -> line(out, random.nextBoolean() ? "*-1" : "*0");
      default -> {
        int size = 1 + random.nextInt(random.nextInt(8) == 0 ? 30 : 4);
        line(out, "*" + size);
        for (int i = 0; i < size; i++) {
          reply(random, depth - 1, out);
        }
      }
    }
  }

  private static void line(ByteArrayOutputStream out, String text) {
    out.writeBytes((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  static byte telling(Random random) {
    return TELLING[random.nextInt(TELLING.length)];
  }

  /** The same bytes with some changed, left out, put in or repeated. */
  static byte[] damaged(byte[] bytes, Random random) {
    List<Byte> out = new ArrayList<>();
    for (byte b : bytes) {
      out.add(b);
    }
    for (int i = random.nextInt(3); i >= 0 && !out.isEmpty(); i--) {
      int at = random.nextInt(out.size());
      switch (random.nextInt(4)) {
        case 0 -> out.set(at, telling(random));
        case 1 -> out.remove(at);
        case 2 -> out.add(at, telling(random));
        default -> out.add(at, out.get(random.nextInt(out.size())));
      }
    }
    byte[] damaged = new byte[out.size()];
    for (int i = 0; i < damaged.length; i++) {
      damaged[i] = out.get(i);
    }
    return damaged;
  }

  static byte[] garbage(Random random) {
    byte[] bytes = new byte[random.nextInt(64)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = random.nextInt(4) == 0 ? (byte) random.nextInt(256) : telling(random);
    }
    return bytes;
  }
}
