package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.TestFiles;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where {@code ShardedJedis} of Jedis 2.8 to 6.0 has each key: all of golden/jedis. */
class ShardedJedisTest {
  /** Two nodes of one name are refused, as everywhere. */
  private static final String SAME_NAMES = "map_same_names";

  static Stream<Arguments> pools() {
    return Stream.of("map_", "regex_dialect")
        .flatMap(start -> TestFiles.in("golden/jedis", start).stream())
        .filter(file -> !file.getFileName().toString().startsWith(SAME_NAMES))
        .flatMap(file -> JedisPool.read(file).stream())
        .map(pool -> Arguments.argumentSet(pool.title(), pool));
  }

  static Stream<Arguments> rings() {
    JSONArray rings = new JSONArray(TestFiles.text(TestFiles.in("golden/jedis", "rings").get(0)));
    return IntStream.range(0, rings.length())
        .mapToObj(rings::getJSONObject)
        .filter(ring -> JedisPool.of("", ring).hasDifferentNames())
        .map(ring -> Arguments.argumentSet(ring.getJSONObject("pool").toString(), ring));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void everyKeyIsOnTheShardWhereJedisHasIt(JedisPool pool) {
    KeyMapper mapper = pool.mapper();
    for (int i = 0; i < pool.keys().size(); i++) {
      byte[] key = pool.keys().get(i);
      byte[] around = new byte[key.length + 5];
      Arrays.fill(around, (byte) '}');
      System.arraycopy(key, 0, around, 3, key.length);
      assertEquals(
          pool.nodes().get(i),
          mapper.nodeFor(around, 3, key.length),
          () -> "key " + HexFormat.of().formatHex(key));
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void thereAreAsManyPointsAsInJedis(JedisPool pool) {
    assertEquals(pool.pointCount(), pool.ring().pointCount());
  }

  @ParameterizedTest
  @MethodSource("rings")
  void everyPointIsThatOfJedis(JSONObject json) {
    ShardedJedis ring = JedisPool.of("", json).ring();
    JSONArray points = json.getJSONArray("points");
    assertEquals(points.length(), ring.pointCount());
    for (int i = 0; i < points.length(); i++) {
      JSONArray point = points.getJSONArray(i);
      assertEquals(point.getLong(0), ring.value(i));
      assertEquals(point.getInt(1), ring.owner(i));
      assertEquals(point.getInt(1), ring.nodeFor64(point.getLong(0)));
    }
  }

  @Test
  void hashesAreThoseOfJedis() {
    HashFunction murmur = HashFunctions.byName("murmur");
    HashFunction md5 = HashFunctions.byName("md5");
    for (Object row :
        new JSONArray(TestFiles.text(TestFiles.in("golden/jedis", "hash_vectors").get(0)))) {
      JSONArray vector = (JSONArray) row;
      byte[] key = HexFormat.of().parseHex(vector.getString(0));
      byte[] around = new byte[key.length + 3];
      System.arraycopy(key, 0, around, 1, key.length);
      assertEquals(vector.getLong(1), murmur.hash64(around, 1, key.length), vector.getString(0));
      assertEquals(vector.getLong(2), md5.hash64(around, 1, key.length), vector.getString(0));
    }
  }

  @Test
  void aPlaceOf32BitsGoesOnceAroundTheRing() {
    for (String hash : List.of("murmur", "md5")) {
      Distribution ring =
          new ShardedJedis(
              Members.weighted(1, 3),
              new DistributionOptions(160, HashFunctions.byName(hash), JedisPointNames.FROM_2_10));
      double[] shares = ring.shares(2);
      assertEquals(1, shares[0] + shares[1], 1e-9);
      assertTrue(shares[1] > 0.6 && shares[1] < 0.9, hash + " " + Arrays.toString(shares));
    }
  }

  @Test
  void otherHashesAreRefused() {
    DistributionOptions options =
        new DistributionOptions(160, HashFunctions.byName("fnv1a_64"), JedisPointNames.FROM_2_10);
    String refused =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new ShardedJedis(Members.weighted(1, 1), options))
                .getMessage());
    assertTrue(refused.contains("murmur or md5, not 'fnv1a_64'"), refused);
  }

  @Test
  void weightsThatMakeTooManyPointsAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new ShardedJedis(Members.weighted(1, 10_000), DistributionOptions.DEFAULT));
  }
}
