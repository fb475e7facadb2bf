package io.cashew.proxy.command;

/**
 * What Redis answers when the number of keys that a request declares is wrong: observed on Redis
 * 7.0.15, for {@link #PAIRS} as Redis 8.4 words it; {@link #MODULE} has words of Redis where each
 * module has its own. A {@code %s} stands for the command's name.
 *
 * <p>A row says how many keys there must be at least, and how many arguments must follow them.
 */
enum CountErrors {
  SCRIPT(0, 0, Text.NOT_AN_INTEGER, Text.NEGATIVE, Text.BEYOND_ARGUMENTS),
  FUNCTION(0, 0, "ERR Bad number of keys provided", Text.NEGATIVE, Text.BEYOND_ARGUMENTS),
  AT_LEAST_ONE(
      1,
      0,
      Text.NOT_AN_INTEGER,
      "ERR at least 1 input key is needed for '%s' command",
      Text.SYNTAX),
  CARDINALITY(1, 0, Text.NOT_POSITIVE, Text.NOT_POSITIVE, Text.BEYOND_ARGUMENTS),
  MODULE(1, 0, Text.NOT_AN_INTEGER, Text.NOT_POSITIVE, Text.BEYOND_ARGUMENTS),
  POP(1, 1, Text.NOT_POSITIVE, Text.NOT_POSITIVE, Text.SYNTAX),
  PAIRS(
      1,
      0,
      "ERR invalid numkeys value",
      "ERR invalid numkeys value",
      "ERR wrong number of key-value pairs");

  final int least;
  final int following;
  private final String notAnInteger;
  private final String tooFew;
  private final String tooMany;

  CountErrors(int least, int following, String notAnInteger, String tooFew, String tooMany) {
    this.least = least;
    this.following = following;
    this.notAnInteger = notAnInteger;
    this.tooFew = tooFew;
    this.tooMany = tooMany;
  }

  String notAnInteger() {
    return notAnInteger;
  }

  String tooFew(String command) {
    return tooFew.formatted(command);
  }

  String tooMany() {
    return tooMany;
  }

  /** Texts that several rows share. */
  private static final class Text {
    static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";
    static final String NEGATIVE = "ERR Number of keys can't be negative";
    static final String NOT_POSITIVE = "ERR numkeys should be greater than 0";
    static final String BEYOND_ARGUMENTS =
        "ERR Number of keys can't be greater than number of args";
    static final String SYNTAX = "ERR syntax error";
  }
}
