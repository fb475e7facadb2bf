package io.cashew.proxy.command;

/**
 * A command that blocks only if a keyword is given.
 *
 * @param keyword upper case
 * @param from index of the first argument that may be the keyword
 */
record BlocksOn(String keyword, int from) implements Trait {
  static BlocksOn blocksOn(String keyword, int from) {
    return new BlocksOn(keyword, from);
  }
}
