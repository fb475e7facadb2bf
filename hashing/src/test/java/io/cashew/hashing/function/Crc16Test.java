package io.cashew.hashing.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.hashing.Seed;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Several bytes at once are what they are one by one, left-overs of the register included. */
class Crc16Test {
  private static int oneByOne(byte[] bytes, int offset, int length) {
    int crc = 0;
    for (int i = offset; i < offset + length; i++) {
      int top = ((crc >>> 8) ^ bytes[i]) & 0xff;
      int of = top << 8;
      for (int bit = 0; bit < 8; bit++) {
        of = (of & 0x8000) == 0 ? of << 1 : (of << 1) ^ 0x1021;
      }
      crc = (crc << 8) ^ (of & 0xffff);
    }
    return crc;
  }

  @Test
  void keysOfEveryLengthAnywhere() {
    Random random = Seed.random();
    HashFunction crc16 = HashFunctions.byName("crc16");
    byte[] bytes = new byte[100];
    for (int length = 0; length < 80; length++) {
      for (int i = 0; i < 200; i++) {
        random.nextBytes(bytes);
        int offset = random.nextInt(20);
        assertEquals(
            oneByOne(bytes, offset, length),
            crc16.hash(bytes, offset, length),
            length + " bytes from " + offset);
      }
    }
  }
}
