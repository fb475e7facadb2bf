package io.cashew.proxy.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.args.GeoUnit;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.resps.StreamEntry;

/** Jedis with its defaults, through the proxy to one node and to three. */
@ParameterizedClass(name = "{0} nodes")
@ValueSource(ints = {1, 3})
final class JedisTest {
  private static final String UNLOCK =
      "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return"
          + " 0 end";

  private static Fleet fleet;

  @Parameter int nodes;

  @BeforeParameterizedClassInvocation
  static void start(int nodes) {
    fleet = new Fleet(nodes);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    fleet.close();
  }

  private static Jedis connect() {
    return new Jedis("127.0.0.1", fleet.port());
  }

  @Test
  void readsWhatItWrote() {
    try (Jedis jedis = connect()) {
      assertEquals("PONG", jedis.ping());
      jedis.set("1", "one");
      jedis.mset("2", "two", "3", "three", "4", "four");
      assertEquals(
          java.util.Arrays.asList("one", "two", "three", null), jedis.mget("1", "2", "3", "none"));
      jedis.hset("hash", Map.of("a", "1", "b", "2"));
      assertEquals(new TreeMap<>(Map.of("a", "1", "b", "2")), new TreeMap<>(jedis.hgetAll("hash")));
      jedis.zadd("zset", Map.of("x", 1.5, "y", 2.5));
      assertEquals(List.of("x", "y"), jedis.zrange("zset", 0, -1));
      assertEquals(5, jedis.del("1", "2", "3", "4", "hash"));
      assertEquals("OK", jedis.clientSetname("tester"));
      assertEquals("tester", jedis.clientGetname());
    }
  }

  @Test
  void pipelinesAThousandRequests() {
    try (Jedis jedis = connect()) {
      Pipeline pipeline = jedis.pipelined();
      List<Response<String>> values = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        pipeline.set("p:" + i, "v" + i);
        values.add(pipeline.get("p:" + i));
      }
      pipeline.sync();
      for (int i = 0; i < 1000; i++) {
        assertEquals("v" + i, values.get(i).get());
      }
    }
  }

  @Test
  void errorsAreThrownAndTheConnectionGoesOn() {
    try (Jedis jedis = connect()) {
      jedis.set("string", "text");
      JedisDataException wrongType =
          assertThrows(JedisDataException.class, () -> jedis.lpush("string", "x"));
      assertTrue(wrongType.getMessage().startsWith("WRONGTYPE"));
      assertEquals("text", jedis.get("string"));
    }
  }

  @Test
  void watchedKeysMakeATransactionTryAgain() {
    try (Jedis jedis = connect();
        Jedis other = connect()) {
      jedis.set("{w}counter", "0");
      int attempts = 0;
      List<Object> done;
      do {
        attempts++;
        jedis.watch("{w}counter");
        int value = Integer.parseInt(jedis.get("{w}counter"));
        if (attempts < 3) {
          other.incrBy("{w}counter", 10);
        }
        Transaction transaction = jedis.multi();
        transaction.set("{w}counter", Integer.toString(value + 1));
        transaction.get("{w}counter");
        done = transaction.exec();
      } while (done == null);
      assertEquals(3, attempts);
      assertEquals(List.of("OK", "21"), done);
    }
  }

  @Test
  void aScriptThatIsNotKnownIsSent() {
    try (Jedis jedis = connect()) {
      for (int i = 0; i < 20; i++) {
        String script = "return KEYS[1] .. ARGV[1] .. " + i;
        String sha = org.junit.jupiter.api.Assertions.assertDoesNotThrow(() -> sha1(script));
        String key = "script:" + i;
        assertThrows(JedisNoScriptException.class, () -> jedis.evalsha(sha, 1, key, "x"));
        assertEquals(key + "x" + i, jedis.eval(script, 1, key, "x"));
        assertEquals(key + "x" + i, jedis.evalsha(sha, 1, key, "x"));
      }
      String loaded = jedis.scriptLoad("return redis.call('INCR', KEYS[1])");
      for (int i = 0; i < 20; i++) {
        assertEquals(1L, jedis.evalsha(loaded, 1, "incr:" + i));
      }
    }
  }

  private static String sha1(String text) throws java.security.NoSuchAlgorithmException {
    return java.util.HexFormat.of()
        .formatHex(java.security.MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
  }

  @Test
  void aLockIsGivenBackOnlyByItsHolder() {
    try (Jedis jedis = connect()) {
      SetParams take = SetParams.setParams().nx().px(30_000);
      assertEquals("OK", jedis.set("lock", "mine", take));
      assertNull(jedis.set("lock", "yours", take));
      assertEquals(0L, jedis.eval(UNLOCK, 1, "lock", "yours"));
      assertEquals(1L, jedis.eval(UNLOCK, 1, "lock", "mine"));
      assertEquals("OK", jedis.set("lock", "yours", take));
    }
  }

  @Test
  void aPopThatWaitsGetsWhatAnotherClientPushes() {
    try (Jedis waiting = connect();
        Jedis other = connect()) {
      CompletableFuture<List<String>> popped =
          CompletableFuture.supplyAsync(() -> waiting.blpop(30, "queue"));
      fleet.awaitBlocked(1);
      assertEquals("v", setAndGet(other));
      other.rpush("queue", "work");
      assertEquals(List.of("queue", "work"), Await.result(popped));
      assertNull(waiting.blpop(0.01, "queue"));
    }
  }

  private static String setAndGet(Jedis jedis) {
    jedis.set("meanwhile", "v");
    return jedis.get("meanwhile");
  }

  @Test
  void streamsHaveConsumerGroups() {
    try (Jedis jedis = connect()) {
      for (int i = 0; i < 10; i++) {
        jedis.xadd("stream", XAddParams.xAddParams(), Map.of("n", "" + i));
      }
      jedis.xgroupCreate("stream", "group", new StreamEntryID("0-0"), false);
      List<Map.Entry<String, List<StreamEntry>>> first =
          jedis.xreadGroup(
              "group",
              "alice",
              XReadGroupParams.xReadGroupParams().count(4),
              Map.of("stream", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
      List<StreamEntry> entries = first.get(0).getValue();
      assertEquals(4, entries.size());
      assertEquals("0", entries.get(0).getFields().get("n"));
      assertEquals(1, jedis.xack("stream", "group", entries.get(0).getID()));
      assertEquals(3, jedis.xpending("stream", "group").getTotal());
    }
  }

  @Test
  void geoHyperLogLogAndBitmaps() {
    try (Jedis jedis = connect()) {
      jedis.geoadd("geo", 13.361389, 38.115556, "Palermo");
      jedis.geoadd("geo", 15.087269, 37.502669, "Catania");
      assertEquals(166.2742, jedis.geodist("geo", "Palermo", "Catania", GeoUnit.KM), 0.001);
      assertEquals(
          2,
          jedis
              .geosearch("geo", new redis.clients.jedis.GeoCoordinate(15, 37), 200, GeoUnit.KM)
              .size());
      jedis.pfadd("{hll}1", "a", "b", "c");
      jedis.pfadd("{hll}2", "c", "d");
      assertEquals(4, jedis.pfcount("{hll}1", "{hll}2"));
      jedis.setbit("bits", 100, true);
      assertTrue(jedis.getbit("bits", 100));
      assertEquals(1, jedis.bitcount("bits"));
    }
  }

  @Test
  void scanFindsEveryKey() {
    try (Jedis jedis = connect()) {
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < 500; i++) {
        values.put("scan:" + i, "v");
        jedis.set("scan:" + i, "v");
      }
      Set<String> seen = new HashSet<>();
      String cursor = ScanParams.SCAN_POINTER_START;
      do {
        ScanResult<String> page = jedis.scan(cursor, new ScanParams().match("scan:*").count(17));
        seen.addAll(page.getResult());
        cursor = page.getCursor();
      } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
      assertEquals(values.keySet(), seen);
    }
  }

  @Test
  void bytesOfEveryKindAndFiveMegabytes() {
    try (Jedis jedis = connect()) {
      jedis.set(Bytes.ALL, Bytes.ALL);
      assertArrayEquals(Bytes.ALL, jedis.get(Bytes.ALL));
      byte[] large = Bytes.large();
      byte[] key = "large".getBytes(UTF_8);
      jedis.set(key, large);
      assertArrayEquals(large, jedis.get(key));
      assertEquals(large.length, jedis.strlen("large"));
    }
  }

  @Test
  void aDatabaseIsSelected() {
    try (Jedis jedis = connect()) {
      jedis.set("db", "zero");
      jedis.select(1);
      assertNull(jedis.get("db"));
      jedis.set("db", "one");
      jedis.select(0);
      assertEquals("zero", jedis.get("db"));
    }
  }

  @Test
  void aPoolConnectsAgainWhenTheProxyHasClosed() {
    try (RedisClient client = RedisClient.create("127.0.0.1", fleet.port())) {
      client.set("pooled", "value");
      assertEquals("value", client.get("pooled"));
      fleet.restartProxy();
      assertThrows(
          redis.clients.jedis.exceptions.JedisConnectionException.class,
          () -> client.get("pooled"));
      assertEquals("value", client.get("pooled"));
    }
  }
}
