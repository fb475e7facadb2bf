package io.cashew.hashing.distribution;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/**
 * Consistent hashing on a continuum, with the points of twemproxy 0.5.0 (after libketama, Last.fm
 * 2007). Each member has points on a ring of 32-bit values; a hash belongs to the first point that
 * is not below it, past the last point to the first. Immutable.
 *
 * <p>The points lie in two flat arrays, sorted. A table over the top bits of a hash says where to
 * start looking; it has at least one entry a point, and points are spread evenly by MD5, so a
 * look-up reads about two points, whatever their number.
 */
final class Ketama implements Distribution {
  private static final int POINTS_OF_DIGEST = 4;

  /** The ring then takes 200 MB. */
  private static final int MOST_POINTS_OF_ALL = 1 << 24;

  /** twemproxy cuts the text that is digested, at its end: of a long name all texts are equal. */
  private static final int TEXT_BYTES_MAX = 272;

  private final int pointCount;

  /** Ascending, with the sign bit flipped so that signed comparison orders unsigned values. */
  private final int[] values;

  /** {@link Member#index()} by point. One more entry than points, here and above: the wrap. */
  private final int[] owners;

  /** By the top bits of a hash: the first point that is not below the lowest such hash. */
  private final int[] firstPoints;

  private final int shift;

  Ketama(List<Member> members, DistributionOptions options) {
    List<Member> ordered = InternalOrder.of(members);
    int[] digestCounts = digestCounts(ordered, options.pointsPerNode());
    pointCount = checkedPointCount(digestCounts, options);
    values = new int[pointCount + 1];
    owners = new int[pointCount + 1];
    placePoints(ordered, digestCounts);
    shift = Integer.numberOfLeadingZeros(pointCount - 1);
    firstPoints = new int[1 << (Integer.SIZE - shift)];
    indexPoints();
  }

  @Override
  public int nodeFor(int hash) {
    int flipped = hash ^ Integer.MIN_VALUE;
    int point = firstPoints[hash >>> shift];
    // Ends at the wrap at the latest: no value is above that one.
    while (values[point] < flipped) {
      point++;
    }
    return owners[point];
  }

  /** Exact: the length of the arcs before a node's points. */
  @Override
  public double[] shares(int size) {
    long[] hashes = new long[size];
    long previous = -1;
    for (int point = 0; point < pointCount; point++) {
      hashes[owners[point]] += value(point) - previous;
      previous = value(point);
    }
    hashes[owners[pointCount]] += 0xffffffffL - previous;
    double[] shares = new double[size];
    for (int i = 0; i < size; i++) {
      shares[i] = hashes[i] / 0x1p32;
    }
    return shares;
  }

  @Override
  public int[] points(int size) {
    int[] points = new int[size];
    for (int point = 0; point < pointCount; point++) {
      points[owners[point]]++;
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
    return pointCount;
  }

  /** The place of a point on the ring, 0 to 2^32 - 1. */
  long value(int point) {
    return Integer.toUnsignedLong(values[point] ^ Integer.MIN_VALUE);
  }

  /** The {@link Member#index()} of a point. */
  int owner(int point) {
    return owners[point];
  }

  private static int[] digestCounts(List<Member> ordered, int pointsPerNode) {
    long totalWeight = ordered.stream().mapToLong(Member::weight).sum();
    return ordered.stream()
        .mapToInt(
            member -> digestCount(member.weight(), totalWeight, ordered.size(), pointsPerNode))
        .toArray();
  }

  /**
   * How many digests, each of four points, a member gets: in single precision throughout, which
   * decides the result (25 equal nodes have 156 points each, not 160). Only the 1e-10 is added in
   * double precision.
   */
  static int digestCount(int weight, long totalWeight, int memberCount, int pointsPerNode) {
    float share = (float) weight / (float) totalWeight;
    float digests = share * pointsPerNode / POINTS_OF_DIGEST * memberCount;
    return (int) Math.floor((float) (digests + 1e-10));
  }

  private static int checkedPointCount(int[] digestCounts, DistributionOptions options) {
    long points = 0;
    for (int count : digestCounts) {
      points += (long) count * POINTS_OF_DIGEST;
    }
    if (points == 0 || points > MOST_POINTS_OF_ALL) {
      throw new IllegalArgumentException(
          "ketama: %d points per node make %d points for %d nodes; 4 to %d are possible: %s"
              .formatted(
                  options.pointsPerNode(),
                  points,
                  digestCounts.length,
                  MOST_POINTS_OF_ALL,
                  points == 0 ? "raise the points per node" : "lower the points per node"));
    }
    return (int) points;
  }

  private void placePoints(List<Member> ordered, int[] digestCounts) {
    int[] ownersAsMade = new int[pointCount];
    // A value above, its place of origin below: sorting keeps the order of origin of equal values.
    long[] sorted = new long[pointCount];
    MessageDigest md5 = md5();
    int made = 0;
    for (int i = 0; i < digestCounts.length; i++) {
      byte[] name = ordered.get(i).name().getBytes(StandardCharsets.UTF_8);
      for (int digest = 0; digest < digestCounts[i]; digest++) {
        ByteBuffer points = digest(md5, name, digest);
        for (int point = 0; point < POINTS_OF_DIGEST; point++) {
          sorted[made] = ((long) (points.getInt() ^ Integer.MIN_VALUE) << Integer.SIZE) | made;
          ownersAsMade[made] = ordered.get(i).index();
          made++;
        }
      }
    }
    Arrays.sort(sorted);
    for (int point = 0; point < pointCount; point++) {
      values[point] = (int) (sorted[point] >> Integer.SIZE);
      owners[point] = ownersAsMade[(int) sorted[point]];
    }
    values[pointCount] = Integer.MAX_VALUE;
    owners[pointCount] = owners[0];
  }

  private static ByteBuffer digest(MessageDigest md5, byte[] name, int number) {
    byte[] suffix = ("-" + number).getBytes(StandardCharsets.US_ASCII);
    int nameBytes = Math.min(name.length, TEXT_BYTES_MAX);
    md5.update(name, 0, nameBytes);
    md5.update(suffix, 0, Math.min(suffix.length, TEXT_BYTES_MAX - nameBytes));
    return ByteBuffer.wrap(md5.digest()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(
          "this Java runtime has no MD5, which places the points of ketama: use another runtime or"
              + " distribution",
          e);
    }
  }

  private void indexPoints() {
    int point = 0;
    for (int top = 0; top < firstPoints.length; top++) {
      int lowest = (top << shift) ^ Integer.MIN_VALUE;
      while (values[point] < lowest) {
        point++;
      }
      firstPoints[top] = point;
    }
  }
}
