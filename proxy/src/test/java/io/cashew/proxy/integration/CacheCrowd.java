package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Two proxies of two workers with a near cache, and clients that write versions which only rise and
 * read them, in pipelines, of strings and of hashes; what they see is checked by a {@link
 * CacheLedger}.
 */
final class CacheCrowd {
  /** Another one: {@code -Dcashew.seed=…}. */
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);

  private static final int LEAST_READS = 100;

  /** How long more it takes on a busy machine, at most. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private static final long MILLIS = Long.getLong("cashew.cache.millis", 4000);
  private static final int WRITERS = Integer.getInteger("cashew.cache.clients", 4);
  private static final int KEYS = 8;

  private final Path directory;
  private final CacheLedger ledger = new CacheLedger(2);
  private final List<FileProxy> proxies = new ArrayList<>();

  /** Of each proxy: the port that has all keys, and with routes those of the two pools as well. */
  private final List<List<Integer>> ports = new ArrayList<>();

  private final AtomicReference<@Nullable Throwable> defect = new AtomicReference<>();
  private final ReadWriteLock writing = new ReentrantReadWriteLock();
  private volatile boolean over;

  /** Keys are deleted as well: a value is given then that was the newest, but none before it. */
  private boolean stale;

  /** Keys belong to two pools, which are reached by routes and by ports of their own. */
  private boolean routed;

  CacheCrowd(Path directory) {
    this.directory = directory;
  }

  private String config(List<Integer> at, String servers, String more) {
    if (routed) {
      return routedConfig(at, servers.split(";"), more);
    }
    int port = at.get(0);
    return """
        cashew {
          workers = 2
          admin.listen = off
          pools.p {
            listen = "127.0.0.1:%d"
            timeout = 300ms
            connections-per-node = 2
            %s
            %s
            cache.rules = [ { match = "k:*", near = 60s, missing = 5s%s } ]
          }
        }
        """
        .formatted(port, servers, more, stale ? ", stale = 60s" : "");
  }

  private String routedConfig(List<Integer> at, String[] servers, String more) {
    String front =
        """
        cashew {
          workers = 2
          admin.listen = off
          pools.front {
            listen = "127.0.0.1:%d"
            routes = [ { keys = "*[0-3]", pool = low }, { keys = "*", pool = high } ]
          }
        }
        """;
    String target =
        """
        cashew.pools.%s {
          listen = "127.0.0.1:%d"
          timeout = 300ms
          connections-per-node = 2
          %s
          %s
          cache.rules = [ { match = "k:*", near = 60s, missing = 5s%s } ]
        }
        """;
    String ends = stale ? ", stale = 60s" : "";
    return front.formatted(at.get(0))
        + target.formatted("low", at.get(1), servers[0], more, ends)
        + target.formatted("high", at.get(2), servers[1], "", ends);
  }

  /** Whether a key, by its last byte, belongs to the second of the two pools. */
  private static boolean isHigh(String key) {
    return key.charAt(key.length() - 1) > '3';
  }

  /**
   * Starts both proxies over these servers.
   *
   * @param servers with routes those of both pools, a semicolon between them
   */
  void start(String servers) {
    for (int i = 0; i < 2; i++) {
      List<Integer> at =
          routed
              ? List.of(FreePorts.next(), FreePorts.next(), FreePorts.next())
              : List.of(FreePorts.next());
      ports.add(at);
      proxies.add(FileProxy.start(directory.resolve("p" + i + ".conf"), config(at, servers, "")));
    }
  }

  /** Has keys belong to two pools, and clients come by routes and to the pools' own ports. */
  void comesByRoutes() {
    routed = true;
  }

  /** The clients of one thread. */
  private final class Clients {
    private final List<List<RawClient>> ofProxies =
        ports.stream().map(at -> at.stream().map(RawClient::new).toList()).toList();

    /** One through which a proxy can be asked for these keys together. */
    RawClient of(int proxy, List<String> keys, Random random) {
      List<RawClient> all = ofProxies.get(proxy);
      boolean low = keys.stream().noneMatch(CacheCrowd::isHigh);
      boolean high = keys.stream().allMatch(CacheCrowd::isHigh);
      boolean own = routed && (low || high) && random.nextBoolean();
      return all.get(own ? (low ? 1 : 2) : 0);
    }

    void close() {
      ofProxies.forEach(each -> each.forEach(RawClient::close));
    }
  }

  /** Has keys deleted as well, and values given after their end. */
  void deletes() {
    stale = true;
  }

  /** Whether little was seen yet, as on a busy machine. */
  private boolean isLittle() {
    return ledger.reads() <= LEAST_READS
        || proxies.get(0).metric("cashew_cache_hits_total") == 0
        || (stale && proxies.get(0).metric("cashew_cache_stale_total") == 0);
  }

  /** What happens to servers and proxies meanwhile; called over and over. */
  interface Faults {
    void next(Random random) throws Exception;
  }

  /** Has all of it happen for a while, and checks what was seen. */
  void run(Faults faults) throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      threads.add(new Thread(guarded(() -> write(writer, new Random(SEED + writer)))));
      threads.add(new Thread(guarded(() -> read(new Random(SEED + 100 + writer)))));
      if (stale) {
        threads.add(new Thread(guarded(() -> delete(new Random(SEED + 200 + writer)))));
      }
    }
    threads.add(
        new Thread(
            guarded(
                () -> {
                  Random random = new Random(SEED + 1000);
                  while (!over) {
                    Thread.sleep(20 + random.nextInt(60));
                    faults.next(random);
                  }
                })));
    threads.forEach(Thread::start);
    long end = System.nanoTime() + MILLIS * 1_000_000;
    while ((System.nanoTime() < end || (isLittle() && System.nanoTime() < end + PATIENCE_NANOS))
        && defect.get() == null) {
      Thread.sleep(20);
    }
    over = true;
    Await.end(threads);
    double hits = proxies.get(0).metric("cashew_cache_hits_total");
    double dropped = proxies.get(0).metric("cashew_cache_fills_dropped_total");
    System.out.println("seed " + SEED + ": " + ledger + ", hits " + hits + ", dropped " + dropped);
    double ended = proxies.get(0).metric("cashew_cache_stale_total");
    proxies.forEach(FileProxy::close);
    assertEquals(stale, ended > 0, "given after their end: " + ended);
    assertEquals(null, defect.get());
    assertEquals(List.of(), ledger.violations(), "seed " + SEED);
    assertTrue(hits > 0 && ledger.reads() > LEAST_READS, "little was read: " + ledger);
  }

  /** What may throw, on a thread of its own. */
  interface Work {
    void run() throws Exception;
  }

  private Runnable guarded(Work work) {
    return () -> {
      try {
        work.run();
      } catch (Throwable e) {
        e.printStackTrace();
        defect.compareAndSet(null, e);
      }
    };
  }

  // ---------------------------------------------------------------- clients

  private static String key(int writer, int generation, int number) {
    return "k:" + writer + ":" + generation + ":" + number;
  }

  private final AtomicIntegerArray generations = new AtomicIntegerArray(WRITERS);

  /**
   * Writes versions, each key from one thread; after an error nobody knows what will be executed.
   */
  private void write(int writer, Random random) throws Exception {
    Clients clients = new Clients();
    while (!over) {
      int proxy = random.nextInt(2);
      String key = key(writer, generations.get(writer), random.nextInt(KEYS));
      long version = ledger.next(key);
      if (stale && random.nextInt(3) == 0) {
        RawClient client = clients.of(random.nextInt(2), List.of(key), random);
        send(client, random.nextBoolean() ? "DEL" : "UNLINK", key);
      }
      writing.readLock().lock();
      try {
        Object reply = send(clients.of(proxy, List.of(key), random), write(random, key, version));
        if (reply instanceof RawClient.ErrorReply) {
          generations.incrementAndGet(writer);
        } else {
          ledger.written(proxy, key, version);
        }
      } finally {
        writing.readLock().unlock();
      }
      Thread.sleep(random.nextInt(4));
    }
    clients.close();
  }

  private void delete(Random random) throws Exception {
    Clients clients = new Clients();
    while (!over) {
      int writer = random.nextInt(WRITERS);
      String key = key(writer, generations.get(writer), random.nextInt(KEYS));
      send(clients.of(random.nextInt(2), List.of(key), random), "DEL", key);
      Thread.sleep(random.nextInt(4));
    }
    clients.close();
  }

  private static String[] write(Random random, String key, long version) {
    return isHash(key) ? writeHash(random, key, "" + version) : writeString(random, key, version);
  }

  /** Every other key; each of its fields has the version. */
  private static boolean isHash(String key) {
    return (key.charAt(key.length() - 1) & 1) == 1;
  }

  private static String[] writeHash(Random random, String key, String version) {
    String set = "redis.call('HSET',KEYS[1],'f',ARGV[1],'g',ARGV[1])";
    return switch (random.nextInt(5)) {
      case 0 -> new String[] {"EVAL", set, "1", key, version};
      case 1 -> {
        String life = "redis.call('PEXPIRE',KEYS[1],ARGV[2])";
        String millis = "" + (1 + random.nextInt(200));
        yield new String[] {"EVAL", set + " " + life, "1", key, version, millis};
      }
      default -> new String[] {"HSET", key, "f", version, "g", version};
    };
  }

  private static String[] readHash(Random random, String key) {
    return switch (random.nextInt(4)) {
      case 0 -> new String[] {"HGET", key, "f"};
      case 1 -> new String[] {"HGET", key, "g"};
      case 2 -> new String[] {"HMGET", key, "f", "g"};
      default -> new String[] {"HGETALL", key};
    };
  }

  /** The version that a reply shows, of which all fields must show the same; null: no key. */
  private static @Nullable Long versionOf(@Nullable Object reply) {
    if (!(reply instanceof List<?> fields)) {
      return reply == null ? null : Long.valueOf("" + reply);
    }
    Object last = fields.isEmpty() ? null : fields.get(fields.size() - 1);
    Object first = fields.isEmpty() ? null : fields.get(fields.size() == 4 ? 1 : 0);
    assertEquals(first, last, "fields of one moment");
    return last == null ? null : Long.valueOf("" + last);
  }

  private static String[] writeString(Random random, String key, long version) {
    return switch (random.nextInt(5)) {
      case 0 -> new String[] {"MSET", key, "" + version};
      case 1 ->
          new String[] {"EVAL", "return redis.call('SET',KEYS[1],ARGV[1])", "1", key, "" + version};
      case 2 -> new String[] {"SET", key, "" + version, "PX", "" + (1 + random.nextInt(200))};
      default -> new String[] {"SET", key, "" + version};
    };
  }

  private static Object send(RawClient client, String... request) {
    Object reply = client.send(request);
    return reply == null ? "nil" : reply;
  }

  private void read(Random random) {
    Clients clients = new Clients();
    while (!over) {
      int proxy = random.nextInt(2);
      int writer = random.nextInt(WRITERS);
      int count = 1 + random.nextInt(4);
      List<String> keys = new ArrayList<>();
      List<Long> floors = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String key = key(writer, generations.get(writer), random.nextInt(KEYS));
        keys.add(key);
        floors.add(ledger.floor(proxy, key));
      }
      RawClient client = clients.of(proxy, keys, random);
      long began = System.nanoTime();
      ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
      boolean many = random.nextInt(4) == 0; // of a Cluster, an error where slots differ
      if (many) {
        List<String> mget = new ArrayList<>(keys);
        mget.add(0, "MGET");
        pipeline.writeBytes(RawClient.request(mget.toArray(String[]::new)));
      } else {
        for (String key : keys) {
          String[] get = isHash(key) ? readHash(random, key) : new String[] {"GET", key};
          pipeline.writeBytes(RawClient.request(get));
        }
      }
      client.write(pipeline.toByteArray());
      List<?> all = many && client.read() instanceof List<?> list ? list : null;
      for (int i = 0; i < count && (all != null || !many); i++) {
        Object reply = all == null ? client.read() : all.get(i);
        if (!(reply instanceof RawClient.ErrorReply)) {
          // Behind what the same pipeline has shown of the key before, too.
          long floor = Math.max(floors.get(i), seenBefore(keys, i));
          Long version = versionOf(reply);
          ledger.read(proxy, keys.get(i), began, floor, version);
          seen.get().put(keys.get(i), version == null ? 0 : version);
        }
      }
      seen.get().clear();
    }
    clients.close();
  }

  private final ThreadLocal<Map<String, Long>> seen = ThreadLocal.withInitial(HashMap::new);

  private long seenBefore(List<String> keys, int index) {
    return seen.get().getOrDefault(keys.get(index), 0L);
  }

  // ---------------------------------------------------------------- what happens meanwhile

  /** Does something while nobody writes: what is acknowledged is on its way to nowhere. */
  void whileNobodyWrites(Work work) throws Exception {
    writing.writeLock().lock();
    try {
      work.run();
    } finally {
      writing.writeLock().unlock();
    }
  }

  /** A key of a random writer. */
  static String someKey(Random random) {
    return key(random.nextInt(WRITERS), 0, random.nextInt(KEYS));
  }

  /** A client of one of the proxies, which are 0 and 1. */
  RawClient connect(int proxy) {
    return new RawClient(ports.get(proxy).get(0));
  }

  /** Has a proxy take other settings of its pool. */
  void reload(int proxy, String servers, String more) {
    proxies.get(proxy).take(config(ports.get(proxy), servers, more));
  }

  /** Ends the connections on which a server tells of changes. */
  static void killListening(RealRedis redis) {
    try (RawClient direct = redis.connect()) {
      String.valueOf(direct.send("CLIENT", "LIST"))
          .lines()
          .filter(line -> line.contains(" resp=3") || line.contains(" flags=tB"))
          .map(line -> line.substring("id=".length(), line.indexOf(' ')))
          .forEach(id -> direct.send("CLIENT", "KILL", "ID", id));
    }
  }

  /** Flushes all through a proxy. */
  void flush(int proxy) {
    try (RawClient client = new RawClient(ports.get(proxy).get(0))) {
      Map<String, Long> before = ledger.beforeReset();
      if (!(client.send("FLUSHALL") instanceof RawClient.ErrorReply)) {
        ledger.reset(proxy, before);
      }
    }
  }
}
