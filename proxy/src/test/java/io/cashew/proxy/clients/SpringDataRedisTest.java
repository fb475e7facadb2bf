package io.cashew.proxy.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cache.Cache;
import org.springframework.dao.DataAccessException;
import org.springframework.data.geo.Distance;
import org.springframework.data.geo.Point;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.stream.Consumer;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.connection.stream.StreamReadOptions;
import org.springframework.data.redis.core.Cursor;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.RedisOperations;
import org.springframework.data.redis.core.ScanOptions;
import org.springframework.data.redis.core.SessionCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.DefaultRedisScript;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.PatternTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;

/** Spring Data Redis over each of its drivers, through the proxy to one node and to three. */
@ParameterizedClass(name = "{0}, {1} nodes")
@CsvSource({"LETTUCE, 1", "LETTUCE, 3", "JEDIS, 1", "JEDIS, 3"})
final class SpringDataRedisTest {
  enum Driver {
    LETTUCE,
    JEDIS
  }

  private static Fleet fleet;

  @Parameter(0)
  Driver driver;

  @Parameter(1)
  int nodes;

  private RedisConnectionFactory factory;
  private StringRedisTemplate redis;

  @BeforeParameterizedClassInvocation
  static void start(Driver driver, int nodes) {
    fleet = new Fleet(nodes);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    fleet.close();
  }

  @BeforeEach
  void connect() {
    switch (driver) {
      case LETTUCE -> {
        LettuceConnectionFactory lettuce = new LettuceConnectionFactory("127.0.0.1", fleet.port());
        lettuce.afterPropertiesSet();
        lettuce.start();
        factory = lettuce;
      }
      case JEDIS -> {
        JedisConnectionFactory jedis =
            new JedisConnectionFactory(
                new org.springframework.data.redis.connection.RedisStandaloneConfiguration(
                    "127.0.0.1", fleet.port()));
        jedis.afterPropertiesSet();
        jedis.start();
        factory = jedis;
      }
    }
    redis = new StringRedisTemplate(factory);
  }

  @AfterEach
  void disconnect() throws Exception {
    ((org.springframework.beans.factory.DisposableBean) factory).destroy();
  }

  @Test
  void valuesHashesListsSetsAndSortedSets() {
    redis.opsForValue().set("1", "one", Duration.ofMinutes(1));
    redis.opsForValue().multiSet(Map.of("2", "two", "3", "three"));
    assertEquals(
        Arrays.asList("one", "two", "three", null),
        redis.opsForValue().multiGet(List.of("1", "2", "3", "nothing")));
    assertTrue(redis.getExpire("1", TimeUnit.SECONDS) > 0);
    redis.opsForHash().putAll("hash", Map.of("a", "1", "b", "2"));
    assertEquals(Map.of("a", "1", "b", "2"), redis.opsForHash().entries("hash"));
    assertEquals(3, redis.opsForHash().increment("hash", "a", 2));
    redis.opsForList().rightPushAll("list", "a", "b", "c");
    assertEquals(List.of("a", "b", "c"), redis.opsForList().range("list", 0, -1));
    redis.opsForSet().add("{set}1", "a", "b");
    redis.opsForSet().add("{set}2", "b", "c");
    assertEquals(Set.of("b"), redis.opsForSet().intersect("{set}1", "{set}2"));
    redis.opsForZSet().add("zset", "x", 1.5);
    redis.opsForZSet().add("zset", "y", 0.5);
    assertEquals(Set.of("y", "x"), redis.opsForZSet().range("zset", 0, -1));
    assertEquals(7, redis.delete(List.of("1", "2", "3", "hash", "list", "zset", "{set}1", "no")));
    redis.delete("{set}2");
  }

  @Test
  void pipelinesAThousandRequests() {
    List<Object> results =
        redis.executePipelined(
            (RedisCallback<Object>)
                connection -> {
                  for (int i = 0; i < 1000; i++) {
                    connection.stringCommands().set(bytes("p:" + i), bytes("v" + i));
                    connection.stringCommands().get(bytes("p:" + i));
                  }
                  return null;
                });
    assertEquals(2000, results.size());
    assertEquals("v999", results.get(1999));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void watchedKeysMakeATransactionTryAgain() {
    redis.opsForValue().set("{w}counter", "0");
    List<Object> done = List.of();
    int attempts = 0;
    while (done.isEmpty()) {
      attempts++;
      int attempt = attempts;
      done =
          redis.execute(
              new SessionCallback<List<Object>>() {
                @Override
                public <K, V> List<Object> execute(RedisOperations<K, V> operations)
                    throws DataAccessException {
                  @SuppressWarnings("unchecked") // it is this template
                  RedisOperations<String, String> session =
                      (RedisOperations<String, String>) operations;
                  session.watch("{w}counter");
                  int value = Integer.parseInt(session.opsForValue().get("{w}counter"));
                  if (attempt < 3) {
                    try (io.cashew.proxy.testing.RawClient other = fleet.connect()) {
                      other.send("INCRBY", "{w}counter", "10");
                    }
                  }
                  session.multi();
                  session.opsForValue().set("{w}counter", Integer.toString(value + 1));
                  session.opsForValue().get("{w}counter");
                  return session.exec();
                }
              });
    }
    assertEquals(3, attempts);
    assertEquals("21", redis.opsForValue().get("{w}counter"));
  }

  @Test
  void scriptsAreSentWhereTheyAreNotKnown() {
    DefaultRedisScript<Long> script =
        new DefaultRedisScript<>("return redis.call('INCR', KEYS[1])", Long.class);
    for (int i = 0; i < 20; i++) {
      redis.delete("incr:" + i);
      assertEquals(1L, redis.execute(script, List.of("incr:" + i)));
    }
  }

  @Test
  void aLockIsGivenBackOnlyByItsHolder() {
    DefaultRedisScript<Long> unlock =
        new DefaultRedisScript<>(
            "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else"
                + " return 0 end",
            Long.class);
    Duration time = Duration.ofSeconds(30);
    assertEquals(true, redis.opsForValue().setIfAbsent("lock", "mine", time));
    assertEquals(false, redis.opsForValue().setIfAbsent("lock", "yours", time));
    assertEquals(0L, redis.execute(unlock, List.of("lock"), "yours"));
    assertEquals(1L, redis.execute(unlock, List.of("lock"), "mine"));
  }

  @Test
  void aPopThatWaitsGetsWhatAnotherClientPushes() {
    CompletableFuture<String> popped =
        CompletableFuture.supplyAsync(
            () -> redis.opsForList().leftPop("queue", Duration.ofSeconds(30)));
    fleet.awaitBlocked(1);
    redis.opsForValue().set("meanwhile", "v");
    redis.opsForList().rightPush("queue", "work");
    assertEquals("work", Await.result(popped));
  }

  @Test
  @SuppressWarnings("unchecked") // an array of a generic type is made for the variable arguments
  void streamsHaveConsumerGroups() {
    redis.delete("stream");
    redis.opsForStream().add("stream", Map.of("n", "0"));
    redis.opsForStream().add("stream", Map.of("n", "1"));
    redis.opsForStream().createGroup("stream", ReadOffset.from("0"), "group");
    List<MapRecord<String, Object, Object>> records =
        redis
            .opsForStream()
            .read(
                Consumer.from("group", "alice"),
                StreamReadOptions.empty().count(1),
                StreamOffset.create("stream", ReadOffset.lastConsumed()));
    assertEquals(Map.of("n", "0"), records.get(0).getValue());
    assertEquals(1, redis.opsForStream().acknowledge("group", records.get(0)));
    assertEquals(0, redis.opsForStream().pending("stream", "group").getTotalPendingMessages());
  }

  @Test
  void geoHyperLogLogAndBitmaps() {
    redis.opsForGeo().add("geo", new Point(13.361389, 38.115556), "Palermo");
    redis.opsForGeo().add("geo", new Point(15.087269, 37.502669), "Catania");
    Distance distance = redis.opsForGeo().distance("geo", "Palermo", "Catania");
    assertEquals(166274.1516, distance.getValue(), 0.1);
    redis.opsForHyperLogLog().add("{hll}1", "a", "b", "c");
    redis.opsForHyperLogLog().add("{hll}2", "c", "d");
    assertEquals(4, redis.opsForHyperLogLog().size("{hll}1", "{hll}2"));
    redis.opsForValue().setBit("bits", 100, true);
    assertEquals(true, redis.opsForValue().getBit("bits", 100));
  }

  @Test
  void scanFindsEveryKey() {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      keys.add("scan:" + i);
      redis.opsForValue().set("scan:" + i, "v");
    }
    Set<String> seen = new HashSet<>();
    try (Cursor<String> cursor =
        redis.scan(ScanOptions.scanOptions().match("scan:*").count(17).build())) {
      cursor.forEachRemaining(seen::add);
    }
    assertEquals(keys, seen);
  }

  @Test
  void bytesOfEveryKindAndFiveMegabytes() {
    try (RedisConnection connection = factory.getConnection()) {
      connection.stringCommands().set(Bytes.ALL, Bytes.ALL);
      assertArrayEquals(Bytes.ALL, connection.stringCommands().get(Bytes.ALL));
      byte[] large = Bytes.large();
      connection.stringCommands().set(bytes("large"), large);
      assertArrayEquals(large, connection.stringCommands().get(bytes("large")));
    }
  }

  @Test
  void aCacheKeepsAndForgets() {
    Cache cache = RedisCacheManager.create(factory).getCache("cache");
    cache.put("k", "v"); // which Lettuce may still be doing when this returns
    Await.until("it is kept", () -> "v".equals(cache.get("k", String.class)));
    List<Integer> loads = new ArrayList<>();
    assertEquals("loaded", cache.get("other", () -> load(loads)));
    Await.until("what was loaded is kept", () -> cache.get("other") != null);
    assertEquals("loaded", cache.get("other", () -> load(loads)));
    assertEquals(1, loads.size());
    cache.invalidate(); // at once; clear() may take its time with Lettuce
    assertNull(cache.get("k"));
  }

  private static String load(List<Integer> loads) {
    loads.add(1);
    return "loaded";
  }

  @Test
  void listenersHearChannelsAndPatterns() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    RedisMessageListenerContainer container = new RedisMessageListenerContainer();
    container.setConnectionFactory(factory);
    container.afterPropertiesSet();
    container.addMessageListener(
        (message, pattern) -> heard.add("channel " + text(message.getBody())),
        new ChannelTopic("news"));
    container.addMessageListener(
        (message, pattern) -> heard.add("pattern " + text(message.getBody())),
        new PatternTopic("w*"));
    container.start();
    try {
      for (int i = 0; i < 10; i++) {
        assertEquals(1, redis.convertAndSend("news", "hello " + i));
        assertEquals("channel hello " + i, heard.poll(20, TimeUnit.SECONDS));
        assertEquals(1, redis.convertAndSend("w" + i, "hello " + i));
        assertEquals("pattern hello " + i, heard.poll(20, TimeUnit.SECONDS));
      }
    } finally {
      container.stop();
      container.destroy();
    }
    assertTrue(heard.isEmpty());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  @Test
  void connectsAgainWhenTheProxyHasClosed() {
    redis.opsForValue().set("kept", "value");
    fleet.restartProxy();
    String value;
    try {
      value = redis.opsForValue().get("kept");
    } catch (DataAccessException e) {
      // Jedis tells of the connection that it has lost, and takes another the next time.
      value = redis.opsForValue().get("kept");
    }
    assertEquals("value", value);
  }
}
