package io.cashew.hashing.distribution;

/**
 * How {@code ShardedJedis} names the points of a shard that has a name. Jedis changed it within
 * version 2, and with it the place of most keys.
 */
public enum JedisPointNames {
  /** Up to Jedis 2.9.3: the name, {@code *}, the weight, and the number with nothing between. */
  UP_TO_2_9("2.9"),

  /** From 2.10.0 on, 3.x included: the name, {@code *}, the number. */
  FROM_2_10("2.10");

  private final String text;

  JedisPointNames(String text) {
    this.text = text;
  }

  /** As in a configuration file. */
  public String text() {
    return text;
  }

  String pointName(Member member, int number) {
    return switch (this) {
      case UP_TO_2_9 -> member.name() + "*" + member.weight() + number;
      case FROM_2_10 -> member.name() + "*" + number;
    };
  }
}
