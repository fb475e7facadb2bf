package io.cashew.hashing.function;

/**
 * Bob Jenkins' one-at-a-time hash (Dr. Dobb's Journal, September 1997), with twemproxy's quirk: a
 * byte counts as a signed number, so keys beyond ASCII differ from the textbook.
 */
record OneAtATime(String name) implements HashFunction {

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int hash = 0;
    for (int i = offset; i < offset + length; i++) {
      hash += bytes[i];
      hash += hash << 10;
      hash ^= hash >>> 6;
    }
    hash += hash << 3;
    hash ^= hash >>> 11;
    return hash + (hash << 15);
  }
}
