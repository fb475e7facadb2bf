package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.Member;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which keys move when a node is ejected: by default its own, whatever the distribution. */
final class EjectRingTest {
  private static final int KEYS = 2000;
  private static final int EJECTED = 1;

  private static PoolSettings pool(String distribution, String ring) throws ConfigException {
    return HoconReader.read(
            """
            cashew.pools.p {
              listen = "127.0.0.1:22121"
              distribution = %s
              eject { enabled = true, ring = %s }
              nodes = [ "127.0.0.1:1:1 a", "127.0.0.1:2:3 b", "127.0.0.1:3:2 c", "127.0.0.1:4:1 d" ]
            }
            """
                .formatted(distribution, ring),
            "cashew.conf")
        .pools()
        .get(0);
  }

  private static int nodeOf(KeyMapper mapper, int key) {
    byte[] bytes = ("key:" + key).getBytes(StandardCharsets.US_ASCII);
    return mapper.nodeFor(bytes, 0, bytes.length);
  }

  private static KeyMapper withoutOne(PoolSettings pool) {
    List<Member> present =
        pool.members().stream().filter(member -> member.index() != EJECTED).toList();
    return pool.keyMapper(present);
  }

  @ParameterizedTest
  @CsvSource({"ketama", "modula", "slots"})
  void onlyTheKeysOfTheEjectedNodeMove(String distribution) throws ConfigException {
    PoolSettings pool = pool(distribution, "keep");
    KeyMapper all = pool.keyMapper();
    KeyMapper without = withoutOne(pool);
    int moved = 0;
    for (int key = 0; key < KEYS; key++) {
      int home = nodeOf(all, key);
      int now = nodeOf(without, key);
      if (home == EJECTED) {
        assertNotEquals(EJECTED, now);
        moved++;
      } else {
        assertEquals(home, now, "key " + key + " of a node that is well");
      }
    }
    assertTrue(moved > KEYS / 20, "moved: " + moved);
  }

  @Test
  void asTwemproxyDoesItKeysOfNodesThatAreWellMove() throws ConfigException {
    PoolSettings pool = pool("modula", "rebuild");
    KeyMapper all = pool.keyMapper();
    KeyMapper without = withoutOne(pool);
    int moved = 0;
    for (int key = 0; key < KEYS; key++) {
      int home = nodeOf(all, key);
      moved += home != EJECTED && home != nodeOf(without, key) ? 1 : 0;
    }
    assertTrue(moved > KEYS / 20, "moved: " + moved);
  }
}
