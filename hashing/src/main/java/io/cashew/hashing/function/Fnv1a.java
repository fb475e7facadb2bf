package io.cashew.hashing.function;

/** FNV-1a: as {@link Fnv1}, quirks included, but exclusive-or first, then multiply. */
record Fnv1a(String name, int initial, int prime) implements HashFunction {

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int hash = initial;
    for (int i = offset; i < offset + length; i++) {
      hash = (hash ^ bytes[i]) * prime;
    }
    return hash;
  }
}
