package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.TestFiles;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where twemproxy 0.5.0 has each key: all of golden/. */
class GoldenMappingTest {

  static Stream<Arguments> pools() {
    return Stream.of("map_", "eject")
        .flatMap(start -> TestFiles.in("golden", start).stream())
        .flatMap(file -> GoldenPool.read(file).stream())
        .map(pool -> Arguments.argumentSet(pool.title(), pool));
  }

  static Stream<Arguments> rings() {
    JSONArray rings = new JSONArray(TestFiles.text(TestFiles.in("golden", "ketama_rings").get(0)));
    return IntStream.range(0, rings.length())
        .mapToObj(i -> Arguments.argumentSet("ring " + i, rings.getJSONObject(i)));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void everyKeyIsOnTheNodeWhereTwemproxyHasIt(GoldenPool pool) {
    KeyMapper mapper = pool.mapper();
    for (int i = 0; i < pool.keys().size(); i++) {
      byte[] key = pool.keys().get(i);
      byte[] around = new byte[key.length + 5];
      System.arraycopy(key, 0, around, 3, key.length);
      assertEquals(
          pool.nodes().get(i),
          mapper.nodeFor(around, 3, key.length),
          () -> "key " + HexFormat.of().formatHex(key));
    }
  }

  @ParameterizedTest
  @MethodSource("pools")
  void nodesAreInTwemproxysOrder(GoldenPool pool) {
    assertEquals(
        pool.internalOrder(),
        InternalOrder.of(pool.members()).stream().map(Member::index).toList());
  }

  @ParameterizedTest
  @MethodSource("pools")
  void thereAreAsManyPointsOrSlotsAsInTwemproxy(GoldenPool pool) {
    Distribution distribution = pool.create();
    int count =
        distribution instanceof Ketama ketama
            ? ketama.pointCount()
            : assertInstanceOf(Modula.class, distribution).slotCount();
    assertEquals(pool.pointCount(), count);
  }

  @ParameterizedTest
  @MethodSource("rings")
  void everyPointOfTheRingIsTwemproxys(JSONObject ring) {
    List<Member> members = GoldenPool.members(ring.getJSONArray("servers"));
    Ketama ketama = new Ketama(members, DistributionOptions.DEFAULT);
    JSONArray points = ring.getJSONArray("points");
    assertEquals(points.length(), ketama.pointCount());
    for (int i = 0; i < points.length(); i++) {
      int point = i;
      JSONArray expected = points.getJSONArray(i);
      assertAll(
          "point " + point,
          () -> assertEquals(expected.getLong(0), ketama.value(point)),
          () -> assertEquals(expected.getInt(1), ketama.owner(point)),
          () -> assertEquals(expected.getInt(1), ketama.nodeFor((int) expected.getLong(0))));
    }
  }
}
