package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;

/**
 * What the first word of an error says of the request: whether the server has executed it, and
 * whether another server would. The words are Redis's own (its {@code server.c}, {@code shared}
 * objects, and {@code cluster.c}, {@code clusterRedirectClient}).
 */
public enum Verdict {
  /** The key's slot belongs to another server, for good. */
  MOVED("the slot of the key belongs to another server"),

  /** The key is on its way to another server, which is to be asked this once. */
  ASK("the slot of the key is on its way to another server"),

  /** Some of the keys are on their way to another server. */
  TRYAGAIN("keys of one slot are at two servers at the moment"),

  /** A write came to a replica. */
  READONLY("the server is a replica, which takes no writes"),

  /** The server reads its data from the disk. */
  LOADING("the server is loading its data"),

  /** The server is a replica that has lost its primary. */
  MASTERDOWN("the server is a replica without a link to its primary"),

  /** The cluster has no server for the slot, or this server cannot tell. */
  CLUSTERDOWN("the cluster does not serve the slot at the moment"),

  /** Any other error: it is the answer to the request. */
  ANSWER("");

  private static final Verdict[] NOT_EXECUTED = {
    MOVED, ASK, TRYAGAIN, READONLY, LOADING, MASTERDOWN, CLUSTERDOWN
  };

  private final String help;

  Verdict(String help) {
    this.help = help;
  }

  /** What it says, as one clause; empty for an answer. */
  public String help() {
    return help;
  }

  /** Whether the server has not executed the request: it may be sent again, whatever it is. */
  public boolean notExecuted() {
    return this != ANSWER;
  }

  /**
   * The verdict of an error.
   *
   * @param buf holds the error, from its {@code -}; borrowed
   * @param index of the {@code -}
   * @param length bytes of the error, its end of line included
   */
  public static Verdict of(ByteBuf buf, int index, int length) {
    for (Verdict verdict : NOT_EXECUTED) {
      if (verdict.begins(buf, index + 1, length - 1)) {
        return verdict;
      }
    }
    return ANSWER;
  }

  private boolean begins(ByteBuf buf, int index, int length) {
    String word = name();
    if (length <= word.length() || buf.getByte(index + word.length()) > ' ') {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (buf.getByte(index + i) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
