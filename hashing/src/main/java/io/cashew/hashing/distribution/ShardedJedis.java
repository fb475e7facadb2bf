package io.cashew.hashing.distribution;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The ring of {@code ShardedJedis} (Jedis 2 and 3) and {@code JedisSharding} (4 to 6): signed
 * values of 64 bits, 160 points times the weight a shard. A hash belongs to the first point that is
 * not below it, past the last point to the first. Of two equal points the later shard has it.
 * Immutable.
 *
 * <p>A shard without a name is its place in the list; a shard with a name is that name, and up to
 * Jedis 2.9 its weight. No address is part of it.
 */
final class ShardedJedis implements Distribution {
  static final String NAME = "sharded-jedis";

  /** Jedis has this number as a constant. */
  private static final int POINTS_OF_WEIGHT = 160;

  /** Making the ring then takes some 60 MB for a moment. */
  private static final int MOST_POINTS_OF_ALL = 1 << 20;

  private static final Set<String> HASHES = Set.of("murmur", "md5");

  /** Ascending. */
  private final long[] values;

  /** {@link Member#index()} by point. */
  private final int[] owners;

  private final boolean hashesHave64Bits;

  ShardedJedis(List<Member> members, DistributionOptions options) {
    check(members, options);
    hashesHave64Bits = options.hash().has64Bits();
    TreeMap<Long, Integer> points = new TreeMap<>();
    for (Member member : members) {
      for (int number = 0; number < POINTS_OF_WEIGHT * member.weight(); number++) {
        byte[] name = pointName(member, number, options).getBytes(StandardCharsets.UTF_8);
        points.put(options.hash().hash64(name, 0, name.length), member.index());
      }
    }
    values = new long[points.size()];
    owners = new int[points.size()];
    int point = 0;
    for (Map.Entry<Long, Integer> each : points.entrySet()) {
      values[point] = each.getKey();
      owners[point++] = each.getValue();
    }
  }

  private static void check(List<Member> members, DistributionOptions options) {
    InternalOrder.of(members); // refuses what no distribution can spread over
    if (!HASHES.contains(options.hash().name())) {
      throw new IllegalArgumentException(
          NAME + ": hash must be murmur or md5, not '" + options.hash().name() + "'");
    }
    long points = 0;
    for (Member member : members) {
      points += (long) POINTS_OF_WEIGHT * member.weight();
    }
    if (points > MOST_POINTS_OF_ALL) {
      throw new IllegalArgumentException(
          NAME
              + ": the weights make "
              + points
              + " points, of which there may be "
              + MOST_POINTS_OF_ALL
              + ": lower the weights");
    }
  }

  private static String pointName(Member member, int number, DistributionOptions options) {
    return member.named()
        ? options.pointNames().pointName(member, number)
        : "SHARD-" + member.index() + "-NODE-" + number;
  }

  @Override
  public boolean isOf64Bits() {
    return true;
  }

  @Override
  public int nodeFor64(long hash) {
    int found = Arrays.binarySearch(values, hash);
    int point = found >= 0 ? found : -found - 1;
    return owners[point == values.length ? 0 : point];
  }

  @Override
  public int nodeFor(int hash) {
    return nodeFor64(hashesHave64Bits ? placeOf64(hash) : Integer.toUnsignedLong(hash));
  }

  /** 0 is the lowest of the signed values. */
  private static long placeOf64(int hash) {
    return (long) (hash ^ Integer.MIN_VALUE) << Integer.SIZE;
  }

  @Override
  public int[] points(int size) {
    int[] points = new int[size];
    for (int owner : owners) {
      points[owner]++;
    }
    return points;
  }

  @Override
  public int[] around(int places) {
    int[] around = new int[places];
    for (int i = 0; i < places; i++) {
      around[i] = nodeFor((int) (0x100000000L * i / places));
    }
    return around;
  }

  int pointCount() {
    return values.length;
  }

  long value(int point) {
    return values[point];
  }

  int owner(int point) {
    return owners[point];
  }
}
