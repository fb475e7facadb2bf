package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.lettuce.core.Consumer;
import io.lettuce.core.GeoArgs;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Lettuce with its defaults (so with RESP3), through the proxy to one node and to three. */
@ParameterizedClass(name = "{0} nodes")
@ValueSource(ints = {1, 3})
final class LettuceTest {
  private static final String UNLOCK =
      "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return"
          + " 0 end";

  private static Fleet fleet;
  private static RedisClient client;

  @Parameter int nodes;
  private StatefulRedisConnection<String, String> connection;
  private RedisCommands<String, String> redis;

  @BeforeParameterizedClassInvocation
  static void start(int nodes) {
    fleet = new Fleet(nodes);
    client = RedisClient.create(fleet.uri());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    fleet.close();
  }

  @BeforeEach
  void connect() {
    connection = client.connect();
    redis = connection.sync();
  }

  @AfterEach
  void disconnect() {
    connection.close();
  }

  @Test
  void readsWhatItWrote() {
    assertEquals("OK", redis.set("1", "one"));
    assertNull(redis.get("nothing"));
    assertEquals("OK", redis.mset(Map.of("2", "two", "3", "three")));
    assertEquals(
        List.of(KeyValue.just("1", "one"), KeyValue.just("2", "two"), KeyValue.empty("nothing")),
        redis.mget("1", "2", "nothing"));
    redis.hset("hash", Map.of("a", "1", "b", "2"));
    assertEquals(Map.of("a", "1", "b", "2"), redis.hgetall("hash"));
    redis.zadd("zset", 1.5, "x");
    assertEquals(1.5, redis.zscore("zset", "x"));
    redis.sadd("set", "a", "b");
    assertEquals(Set.of("a", "b"), redis.smembers("set"));
    assertEquals(4, redis.del("1", "2", "3", "hash"));
  }

  @Test
  void pipelinesAThousandRequests() throws Exception {
    List<RedisFuture<Long>> counts = new ArrayList<>();
    List<RedisFuture<String>> values = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      counts.add(connection.async().incr("counter"));
      connection.async().set("p:" + i, "v" + i);
      values.add(connection.async().get("p:" + i));
    }
    assertTrue(LettuceFutures.awaitAll(Duration.ofSeconds(30), values.toArray(RedisFuture[]::new)));
    for (int i = 0; i < 1000; i++) {
      assertEquals(i + 1L, counts.get(i).get());
      assertEquals("v" + i, values.get(i).get());
    }
  }

  @Test
  void errorsAreThrownAndTheConnectionGoesOn() {
    redis.set("string", "text");
    RedisCommandExecutionException wrongType =
        assertThrows(RedisCommandExecutionException.class, () -> redis.lpush("string", "x"));
    assertTrue(wrongType.getMessage().startsWith("WRONGTYPE"));
    assertEquals("text", redis.get("string"));
  }

  @Test
  void watchedKeysMakeATransactionTryAgain() {
    try (StatefulRedisConnection<String, String> other = client.connect()) {
      redis.set("{w}counter", "0");
      int attempts = 0;
      TransactionResult result;
      do {
        attempts++;
        redis.watch("{w}counter");
        int value = Integer.parseInt(redis.get("{w}counter"));
        if (attempts < 3) {
          other.sync().incrby("{w}counter", 10);
        }
        redis.multi();
        redis.set("{w}counter", Integer.toString(value + 1));
        redis.get("{w}counter");
        result = redis.exec();
      } while (result.wasDiscarded());
      assertEquals(3, attempts);
      assertEquals("21", result.get(1));
    }
  }

  @Test
  void aScriptThatIsNotKnownIsSent() {
    for (int i = 0; i < 20; i++) {
      String script = "return KEYS[1] .. ARGV[1] .. " + i;
      String sha = redis.digest(script);
      String[] key = {"script:" + i};
      assertThrows(
          RedisNoScriptException.class, () -> redis.evalsha(sha, ScriptOutputType.VALUE, key, "x"));
      assertEquals(key[0] + "x" + i, redis.eval(script, ScriptOutputType.VALUE, key, "x"));
      assertEquals(key[0] + "x" + i, redis.evalsha(sha, ScriptOutputType.VALUE, key, "x"));
    }
    String loaded = redis.scriptLoad("return redis.call('INCR', KEYS[1])");
    for (int i = 0; i < 20; i++) {
      String[] key = {"incr:" + i};
      assertEquals(1L, redis.<Long>evalsha(loaded, ScriptOutputType.INTEGER, key));
    }
  }

  @Test
  void aLockIsGivenBackOnlyByItsHolder() {
    String[] lock = {"lock"};
    SetArgs take = SetArgs.Builder.nx().px(30_000);
    assertEquals("OK", redis.set("lock", "mine", take));
    assertNull(redis.set("lock", "yours", take));
    assertEquals(0L, redis.<Long>eval(UNLOCK, ScriptOutputType.INTEGER, lock, "yours"));
    assertEquals(1L, redis.<Long>eval(UNLOCK, ScriptOutputType.INTEGER, lock, "mine"));
    assertEquals("OK", redis.set("lock", "yours", take));
  }

  @Test
  void aPopThatWaitsGetsWhatAnotherClientPushes() throws Exception {
    try (StatefulRedisConnection<String, String> other = client.connect()) {
      RedisFuture<KeyValue<String, String>> popped = connection.async().blpop(30, "queue");
      RedisFuture<String> behind = connection.async().ping();
      fleet.awaitBlocked(1);
      assertEquals("OK", other.sync().set("meanwhile", "v"));
      other.sync().rpush("queue", "work");
      assertEquals(KeyValue.just("queue", "work"), Await.result(popped));
      assertEquals("PONG", Await.result(behind));
      assertNull(redis.blpop(0.01, "queue"));
    }
  }

  @Test
  @SuppressWarnings("unchecked") // an array of a generic type is made for the variable arguments
  void streamsHaveConsumerGroups() {
    for (int i = 0; i < 10; i++) {
      redis.xadd("stream", Map.of("n", "" + i));
    }
    redis.xgroupCreate(XReadArgs.StreamOffset.from("stream", "0"), "group");
    List<StreamMessage<String, String>> messages =
        redis.xreadgroup(
            Consumer.from("group", "alice"),
            XReadArgs.Builder.count(4),
            XReadArgs.StreamOffset.lastConsumed("stream"));
    assertEquals(4, messages.size());
    assertEquals(Map.of("n", "0"), messages.get(0).getBody());
    assertEquals(1, redis.xack("stream", "group", messages.get(0).getId()));
    assertEquals(3, redis.xpending("stream", "group").getCount());
  }

  @Test
  void geoHyperLogLogAndBitmaps() {
    redis.geoadd("geo", 13.361389, 38.115556, "Palermo");
    redis.geoadd("geo", 15.087269, 37.502669, "Catania");
    assertEquals(166.2742, redis.geodist("geo", "Palermo", "Catania", GeoArgs.Unit.km), 0.001);
    assertEquals(
        Set.of("Palermo", "Catania"),
        redis.geosearch(
            "geo",
            io.lettuce.core.GeoSearch.fromCoordinates(15, 37),
            io.lettuce.core.GeoSearch.byRadius(200, GeoArgs.Unit.km)));
    redis.pfadd("{hll}1", "a", "b", "c");
    redis.pfadd("{hll}2", "c", "d");
    assertEquals(4, redis.pfcount("{hll}1", "{hll}2"));
    redis.setbit("bits", 100, 1);
    assertEquals(1, redis.getbit("bits", 100));
    assertEquals(1, redis.bitcount("bits"));
  }

  @Test
  void scanFindsEveryKey() {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      keys.add("scan:" + i);
      redis.set("scan:" + i, "v");
    }
    Set<String> seen = new HashSet<>();
    ScanIterator.scan(redis, ScanArgs.Builder.matches("scan:*").limit(17))
        .forEachRemaining(seen::add);
    assertEquals(keys, seen);
  }

  @Test
  void bytesOfEveryKindAndFiveMegabytes() {
    try (StatefulRedisConnection<byte[], byte[]> binary = client.connect(ByteArrayCodec.INSTANCE)) {
      binary.sync().set(Bytes.ALL, Bytes.ALL);
      assertArrayEquals(Bytes.ALL, binary.sync().get(Bytes.ALL));
      byte[] large = Bytes.large();
      byte[] key = {'l'};
      binary.sync().set(key, large);
      assertArrayEquals(large, binary.sync().get(key));
    }
  }

  @Test
  void aDatabaseIsSelected() {
    redis.set("db", "zero");
    redis.select(1);
    assertNull(redis.get("db"));
    redis.select(0);
    assertEquals("zero", redis.get("db"));
  }

  @Test
  void connectsAgainByItselfWhenTheProxyHasClosed() {
    redis.set("kept", "value");
    fleet.restartProxy();
    assertEquals("value", redis.get("kept"));
  }
}
