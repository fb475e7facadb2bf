package io.cashew.hashing.function;

/**
 * The first four bytes of an MD5 digest (RFC 1321), the lowest first.
 *
 * <p>The JDK's {@code MessageDigest} allocates a digest a key. This one keeps its state in local
 * variables and reads the padded message in place, word by word.
 */
record Md5(String name) implements HashFunction {
  private static final int WORDS_OF_BLOCK = 16;

  /** RFC 1321, 3.4: the integer part of 4294967296 times abs(sin(i)), i in radians from 1. */
  private static final int[] SINES = new int[64];

  static {
    for (int i = 0; i < SINES.length; i++) {
      SINES[i] = (int) (long) (StrictMath.abs(StrictMath.sin(i + 1)) * (1L << 32));
    }
  }

  /** How far step i of a round rotates; four steps, then again. One row a round. */
  private static final int[][] ROTATIONS = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}
  };

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int stateA = 0x67452301;
    int stateB = 0xefcdab89;
    int stateC = 0x98badcfe;
    int stateD = 0x10325476;
    int words = wordsOfMessage(length);
    for (int first = 0; first < words; first += WORDS_OF_BLOCK) {
      int a = stateA;
      int b = stateB;
      int c = stateC;
      int d = stateD;
      for (int step = 0; step < SINES.length; step++) {
        int round = step >>> 4;
        int word = word(bytes, offset, length, first + wordOfStep(round, step));
        int sum = a + mix(round, b, c, d) + word + SINES[step];
        a = d;
        d = c;
        c = b;
        b += Integer.rotateLeft(sum, ROTATIONS[round][step & 3]);
      }
      stateA += a;
      stateB += b;
      stateC += c;
      stateD += d;
    }
    return stateA;
  }

  private static int mix(int round, int b, int c, int d) {
    return switch (round) {
      case 0 -> (b & c) | (~b & d);
      case 1 -> (b & d) | (c & ~d);
      case 2 -> b ^ c ^ d;
      default -> c ^ (b | ~d);
    };
  }

  private static int wordOfStep(int round, int step) {
    return switch (round) {
      case 0 -> step & 15;
      case 1 -> (5 * step + 1) & 15;
      case 2 -> (3 * step + 5) & 15;
      default -> (7 * step) & 15;
    };
  }

  /** Of the message with its padding: a byte 0x80, zeros, and the length in bits as two words. */
  private static int wordsOfMessage(int length) {
    return (((length + 8) >>> 6) + 1) * WORDS_OF_BLOCK;
  }

  /** Word {@code index} of the padded message. */
  private static int word(byte[] bytes, int offset, int length, int index) {
    int from = index * 4;
    int left = length - from;
    if (left >= 4) {
      return LittleEndian.intAt(bytes, offset + from);
    }
    if (left >= 0) {
      return LittleEndian.partAt(bytes, offset + from, left) | (0x80 << (8 * left));
    }
    int lengthWord = wordsOfMessage(length) - 2;
    if (index < lengthWord) {
      return 0;
    }
    return index == lengthWord ? length << 3 : length >>> 29;
  }
}
