package io.cashew.proxy.command;

import io.cashew.proxy.resp.RequestFrame;

/**
 * A command that blocks only if a keyword is given, for as many milliseconds as are named after it.
 *
 * @param keyword upper case
 * @param from index of the first argument that may be the keyword
 */
record BlocksOn(String keyword, int from) implements Trait {
  static BlocksOn blocksOn(String keyword, int from) {
    return new BlocksOn(keyword, from);
  }

  /** Index of the keyword; 0 if it is not given. */
  int find(RequestFrame frame) {
    for (int i = from; i < frame.argc() && !frame.argEquals(i, "STREAMS"); i++) {
      if (frame.argEquals(i, keyword)) {
        return i;
      }
    }
    return 0;
  }
}
