package io.cashew.hashing.function;

/**
 * Paul Hsieh's SuperFastHash with twemproxy's quirks: it starts from 0 instead of the length, and
 * the last byte of a key of 4n + 3 bytes (and only that) counts as a signed number.
 */
record Hsieh(String name) implements HashFunction {

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int hash = 0;
    int at = offset;
    for (int end = offset + (length & ~3); at < end; at += 4) {
      hash += LittleEndian.shortAt(bytes, at);
      hash = (hash << 16) ^ (LittleEndian.shortAt(bytes, at + 2) << 11) ^ hash;
      hash += hash >>> 11;
    }
    return finish(addTail(hash, bytes, at, length & 3));
  }

  private static int addTail(int before, byte[] bytes, int at, int count) {
    int hash = before;
    switch (count) {
      case 3 -> {
        hash += LittleEndian.shortAt(bytes, at);
        hash ^= hash << 16;
        hash ^= bytes[at + 2] << 18;
        hash += hash >>> 11;
      }
      case 2 -> {
        hash += LittleEndian.shortAt(bytes, at);
        hash ^= hash << 11;
        hash += hash >>> 17;
      }
      case 1 -> {
        hash += bytes[at] & 0xff;
        hash ^= hash << 10;
        hash += hash >>> 1;
      }
      default -> {
        // A multiple of four bytes has no tail.
      }
    }
    return hash;
  }

  private static int finish(int before) {
    int hash = before;
    hash ^= hash << 3;
    hash += hash >>> 5;
    hash ^= hash << 4;
    hash += hash >>> 17;
    hash ^= hash << 25;
    return hash + (hash >>> 6);
  }
}
