package io.cashew.hashing.function;

/**
 * Bob Jenkins' lookup3, {@code hashlittle} with initial value 13. The three words of its state are
 * local variables, so its two mixing steps are written out where they are used.
 */
record Jenkins(String name) implements HashFunction {
  private static final int INITIAL = 0xdeadbeef + 13;

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int a = INITIAL + length;
    int b = a;
    int c = a;
    int at = offset;
    int left = length;
    for (; left > 12; left -= 12, at += 12) {
      a += LittleEndian.intAt(bytes, at);
      b += LittleEndian.intAt(bytes, at + 4);
      c += LittleEndian.intAt(bytes, at + 8);
      a = (a - c) ^ Integer.rotateLeft(c, 4);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 6);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 8);
      b += a;
      a = (a - c) ^ Integer.rotateLeft(c, 16);
      c += b;
      b = (b - a) ^ Integer.rotateLeft(a, 19);
      a += c;
      c = (c - b) ^ Integer.rotateLeft(b, 4);
      b += a;
    }
    if (left == 0) {
      return c;
    }
    a += LittleEndian.partAt(bytes, at, left);
    b += LittleEndian.partAt(bytes, at + 4, left - 4);
    c += LittleEndian.partAt(bytes, at + 8, left - 8);
    c = (c ^ b) - Integer.rotateLeft(b, 14);
    a = (a ^ c) - Integer.rotateLeft(c, 11);
    b = (b ^ a) - Integer.rotateLeft(a, 25);
    c = (c ^ b) - Integer.rotateLeft(b, 16);
    a = (a ^ c) - Integer.rotateLeft(c, 4);
    b = (b ^ a) - Integer.rotateLeft(a, 14);
    return (c ^ b) - Integer.rotateLeft(b, 24);
  }
}
