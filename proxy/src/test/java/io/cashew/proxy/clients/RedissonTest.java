package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.Redisson;
import org.redisson.api.RAtomicLong;
import org.redisson.api.RBatch;
import org.redisson.api.RBlockingQueue;
import org.redisson.api.RBloomFilter;
import org.redisson.api.RBucket;
import org.redisson.api.RCountDownLatch;
import org.redisson.api.RFuture;
import org.redisson.api.RGeo;
import org.redisson.api.RHyperLogLog;
import org.redisson.api.RLock;
import org.redisson.api.RMap;
import org.redisson.api.RMapCache;
import org.redisson.api.RScoredSortedSet;
import org.redisson.api.RScript;
import org.redisson.api.RSemaphore;
import org.redisson.api.RStream;
import org.redisson.api.RTransaction;
import org.redisson.api.RedissonClient;
import org.redisson.api.TransactionOptions;
import org.redisson.api.options.KeysScanOptions;
import org.redisson.api.stream.StreamAddArgs;
import org.redisson.api.stream.StreamCreateGroupArgs;
import org.redisson.api.stream.StreamMessageId;
import org.redisson.api.stream.StreamReadGroupArgs;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/** Redisson with its defaults, through the proxy to one node and to three. */
@ParameterizedClass(name = "{0} nodes")
@ValueSource(ints = {1, 3})
final class RedissonTest {
  private static Fleet fleet;
  private static RedissonClient redisson;

  @Parameter int nodes;

  @BeforeParameterizedClassInvocation
  static void start(int nodes) {
    fleet = new Fleet(nodes);
    redisson = connect();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    redisson.shutdown();
    fleet.close();
  }

  private static RedissonClient connect() {
    Config config = new Config();
    config.useSingleServer().setAddress(fleet.uri());
    return Redisson.create(config);
  }

  @Test
  void bucketsMapsAndCounters() {
    RBucket<String> bucket = redisson.getBucket("bucket");
    bucket.set("value");
    assertEquals("value", bucket.get());
    assertTrue(bucket.compareAndSet("value", "other"));
    RMap<String, Integer> map = redisson.getMap("map");
    assertNull(map.put("a", 1));
    assertEquals(1, map.put("a", 2));
    assertEquals(Map.of("a", 2), map.readAllMap());
    RMapCache<String, String> cache = redisson.getMapCache("cache");
    cache.put("k", "v", 1, TimeUnit.HOURS);
    assertEquals("v", cache.get("k"));
    RAtomicLong counter = redisson.getAtomicLong("counter");
    assertEquals(1, counter.incrementAndGet());
    assertTrue(counter.compareAndSet(1, 10));
    assertEquals(Map.of("bucket", "other"), redisson.getBuckets().get("bucket", "nothing"));
  }

  @Test
  void aBatchOfAThousand() {
    RBatch batch = redisson.createBatch();
    for (int i = 0; i < 1000; i++) {
      batch.getBucket("batch:" + i).setAsync("v" + i);
    }
    RFuture<Object> last = batch.getBucket("batch:999").getAsync();
    assertEquals(1001, batch.execute().getResponses().size());
    assertEquals("v999", Await.result(last.toCompletableFuture()));
  }

  @Test
  void aBatchInATransaction() {
    RBatch batch =
        redisson.createBatch(
            org.redisson.api.BatchOptions.defaults()
                .executionMode(org.redisson.api.BatchOptions.ExecutionMode.IN_MEMORY_ATOMIC));
    batch.getAtomicLong("{atomic}1").incrementAndGetAsync();
    batch.getAtomicLong("{atomic}2").incrementAndGetAsync();
    assertEquals(List.of(1L, 1L), batch.execute().getResponses());
  }

  @Test
  @SuppressWarnings("LockNotBeforeTry") // what is tested is the unlocking itself
  void aLockThatIsFreeIsTakenAndGivenBack() {
    RLock lock = redisson.getLock("lock");
    lock.lock();
    assertTrue(lock.isHeldByCurrentThread());
    assertTrue(lock.tryLock());
    assertEquals(2, lock.getHoldCount());
    lock.unlock();
    lock.unlock();
    assertFalse(lock.isLocked());
  }

  @Test
  @SuppressWarnings("LockNotBeforeTry") // what is tested is the unlocking itself
  void theWatchdogProlongsALock() {
    Config config = new Config();
    config.useSingleServer().setAddress(fleet.uri());
    config.setLockWatchdogTimeout(3000);
    RedissonClient impatient = Redisson.create(config);
    try {
      RLock lock = impatient.getLock("watched");
      lock.lock();
      Await.until("the lock grows old", () -> lock.remainTimeToLive() < 2500);
      Await.until("the watchdog prolongs the lock", () -> lock.remainTimeToLive() > 2500);
      assertTrue(lock.isHeldByCurrentThread());
      lock.unlock();
    } finally {
      impatient.shutdown();
    }
  }

  @Test
  void bloomFilters() {
    RBloomFilter<String> filter = redisson.getBloomFilter("bloom");
    assertTrue(filter.tryInit(1000, 0.01));
    assertTrue(filter.add("one"));
    assertFalse(filter.add("one"));
    assertTrue(filter.contains("one"));
    assertFalse(filter.contains("two"));
    assertEquals(1, filter.count());
  }

  @Test
  void scoredSortedSets() {
    RScoredSortedSet<String> set = redisson.getScoredSortedSet("scored");
    assertTrue(set.add(2, "b"));
    assertTrue(set.add(1, "a"));
    assertEquals(List.of("a", "b"), List.copyOf(set.valueRange(0, -1)));
    assertEquals(3.0, set.addScore("a", 2));
    assertEquals(1, set.rank("a"));
    assertEquals("b", set.pollFirst());
  }

  @Test
  void aPopThatWaitsGetsWhatAnotherClientPushes() {
    RBlockingQueue<String> queue = redisson.getBlockingQueue("queue");
    CompletableFuture<String> popped = queue.pollAsync(30, TimeUnit.SECONDS).toCompletableFuture();
    fleet.awaitBlocked(1);
    assertTrue(queue.offer("work"));
    assertEquals("work", Await.result(popped));
  }

  @Test
  void scriptsAreSentWhereTheyAreNotKnown() {
    RScript script = redisson.getScript(StringCodec.INSTANCE);
    String sha = script.scriptLoad("return redis.call('INCR', KEYS[1])");
    for (int i = 0; i < 20; i++) {
      assertEquals(
          1L,
          script.<Long>evalSha(
              RScript.Mode.READ_WRITE, sha, RScript.ReturnType.LONG, List.of("incr:" + i)));
    }
  }

  @Test
  void streamsHaveConsumerGroups() {
    RStream<String, String> stream = redisson.getStream("stream", StringCodec.INSTANCE);
    stream.add(StreamAddArgs.entry("n", "0"));
    stream.add(StreamAddArgs.entry("n", "1"));
    stream.createGroup(StreamCreateGroupArgs.name("group").id(StreamMessageId.ALL));
    Map<StreamMessageId, Map<String, String>> messages =
        stream.readGroup("group", "alice", StreamReadGroupArgs.neverDelivered().count(1));
    assertEquals(List.of(Map.of("n", "0")), List.copyOf(messages.values()));
    assertEquals(1, stream.ack("group", messages.keySet().iterator().next()));
    assertEquals(0, stream.getPendingInfo("group").getTotal());
  }

  @Test
  void geoHyperLogLogAndBitmaps() {
    RGeo<String> geo = redisson.getGeo("geo");
    geo.add(13.361389, 38.115556, "Palermo");
    geo.add(15.087269, 37.502669, "Catania");
    assertEquals(
        166.2742, geo.dist("Palermo", "Catania", org.redisson.api.geo.GeoUnit.KILOMETERS), 0.001);
    RHyperLogLog<String> log = redisson.getHyperLogLog("{hll}1");
    log.addAll(List.of("a", "b"));
    redisson.getHyperLogLog("{hll}2").add("c");
    assertEquals(3, log.countWith("{hll}2"));
    assertFalse(redisson.getBitSet("bits").set(100, true));
    assertEquals(1, redisson.getBitSet("bits").cardinality());
  }

  @Test
  void transactionsAreWrittenAtOnce() {
    RTransaction transaction = redisson.createTransaction(TransactionOptions.defaults());
    transaction.getBucket("{tx}1").set("one");
    transaction.getBucket("{tx}2").set("two");
    transaction.commit();
    assertEquals("one", redisson.getBucket("{tx}1").get());
  }

  @Test
  void scanFindsEveryKey() {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      keys.add("scan:" + i);
      redisson.getBucket("scan:" + i).set("v");
    }
    Set<String> seen = new HashSet<>();
    redisson.getKeys().getKeys(KeysScanOptions.defaults().pattern("scan:*")).forEach(seen::add);
    assertEquals(keys, seen);
    assertEquals(200, redisson.getKeys().deleteByPattern("scan:*"));
  }

  @Test
  void fiveMegabytesOfEveryByte() {
    byte[] large = Bytes.large();
    RBucket<byte[]> bucket = redisson.getBucket("large", ByteArrayCodec.INSTANCE);
    bucket.set(large);
    assertArrayEquals(large, bucket.get());
  }

  @Test
  void semaphoresThatAreFree() {
    RSemaphore semaphore = redisson.getSemaphore("semaphore");
    assertTrue(semaphore.trySetPermits(2));
    assertTrue(semaphore.tryAcquire());
    assertTrue(semaphore.tryAcquire());
    assertFalse(semaphore.tryAcquire());
  }

  @Test
  @SuppressWarnings("LockNotBeforeTry") // what is tested is the unlocking itself
  void whoWaitsForALockGetsItWhenItIsFree() {
    RLock lock = redisson.getLock("contended");
    lock.lock();
    CompletableFuture<Boolean> other =
        CompletableFuture.supplyAsync(
            () -> {
              RLock same = redisson.getLock("contended");
              same.lock();
              same.unlock();
              return true;
            });
    awaitSubscribers("redisson_lock__channel:{contended}");
    lock.unlock();
    assertTrue(Await.result(other));
    assertFalse(lock.isLocked());
  }

  private static void awaitSubscribers(String channel) {
    try (RawClient client = fleet.connect()) {
      Await.until(
          "somebody subscribes to " + channel,
          () -> !List.of(channel, 0L).equals(client.send("PUBSUB", "NUMSUB", channel)));
    }
  }

  @Test
  void topicsReachEveryListener() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    RedissonClient other = connect();
    try {
      for (RedissonClient listening : List.of(redisson, other)) {
        listening.getTopic("topic").addListener(String.class, (channel, text) -> heard.add(text));
      }
      redisson
          .getPatternTopic("top*")
          .addListener(String.class, (pattern, channel, text) -> heard.add(text + " by pattern"));
      assertEquals(3, redisson.getTopic("topic").publish("hello"));
      List<String> messages = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        messages.add(heard.poll(20, TimeUnit.SECONDS));
      }
      assertEquals(
          List.of("hello", "hello", "hello by pattern"), messages.stream().sorted().toList());
    } finally {
      other.shutdown();
    }
  }

  @Test
  @SuppressWarnings("deprecation") // what applications use today
  void delayedElementsArrive() throws Exception {
    RBlockingQueue<String> queue = redisson.getBlockingQueue("delayed");
    org.redisson.api.RDelayedQueue<String> delayed = redisson.getDelayedQueue(queue);
    delayed.offer("later", 50, TimeUnit.MILLISECONDS);
    assertEquals("later", queue.poll(20, TimeUnit.SECONDS));
    delayed.destroy();
  }

  @Test
  void latchesAndSemaphoresWakeWhoWaits() {
    RCountDownLatch latch = redisson.getCountDownLatch("latch");
    assertTrue(latch.trySetCount(1));
    RSemaphore semaphore = redisson.getSemaphore("waited");
    assertTrue(semaphore.trySetPermits(0) || semaphore.availablePermits() == 0);
    CompletableFuture<Void> waiting =
        CompletableFuture.allOf(
            latch.awaitAsync().toCompletableFuture(),
            semaphore.acquireAsync().toCompletableFuture());
    awaitSubscribers("redisson_countdownlatch__channel__{latch}");
    awaitSubscribers("redisson_sc:{waited}");
    latch.countDown();
    semaphore.release();
    Await.result(waiting);
  }

  @Test
  void connectsAgainByItselfWhenTheProxyHasClosed() {
    redisson.getBucket("kept").set("value");
    fleet.restartProxy();
    assertEquals("value", redisson.getBucket("kept").get());
  }
}
