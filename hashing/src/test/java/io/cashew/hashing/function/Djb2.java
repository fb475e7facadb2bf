package io.cashew.hashing.function;

/** Daniel Bernstein's hash times 33: stands for a hash that another jar provides. */
public final class Djb2 implements HashFunction {

  @Override
  public String name() {
    return "djb2";
  }

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int hash = 5381;
    for (int i = offset; i < offset + length; i++) {
      hash = hash * 33 + (bytes[i] & 0xff);
    }
    return hash;
  }
}
