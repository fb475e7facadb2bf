package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of memcached's items, which tells nobody of changes; and how long items live. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
final class MemcachedNearTest {
  private static final int WRITES = Integer.getInteger("cashew.writes", 2_000);

  private final List<RealMemcached> nodes = new ArrayList<>();
  private final List<RawClient> clients = new ArrayList<>();
  private final int port = FreePorts.next();
  private FileProxy proxy;
  private RawClient client;

  @TempDir private Path directory;

  @BeforeEach
  void start() {
    for (int i = 0; i < 2; i++) {
      nodes.add(RealMemcached.start());
    }
    proxy =
        FileProxy.start(
            directory.resolve("cashew.conf"),
            """
            cashew {
              admin.listen = off
              workers = 2
              pools.p {
                listen = "127.0.0.1:%d"
                protocol = memcached
                nodes = [ "127.0.0.1:%d:1 a", "127.0.0.1:%d:1 b" ]
                cache.rules = [
                  { match = "short:*", near = 300ms }
                  { match = "free:*" }
                  { match = "late:*", ttl-jitter = 50%% }
                  { match = "*", near = 1h, missing = 1h }
                ]
              }
            }
            """
                .formatted(port, nodes.get(0).port(), nodes.get(1).port()));
    client = connect(port);
  }

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    proxy.close();
    nodes.forEach(RealMemcached::close);
  }

  private RawClient connect(int to) {
    RawClient connected = new RawClient(to);
    clients.add(connected);
    return connected;
  }

  /** What is answered before {@code MN}. */
  private static String ask(RawClient of, String request) {
    of.write((request + "\r\nmn\r\n").getBytes(StandardCharsets.ISO_8859_1));
    String answer = of.readUntil("MN\r\n");
    return answer.substring(0, answer.length() - 4);
  }

  private String ask(String request) {
    return ask(client, request);
  }

  /** Has each node do something past the proxy; says what those say that do not say this. */
  private @Nullable String directly(String request, String notThis) {
    String said = null;
    for (RealMemcached node : nodes) {
      try (RawClient direct = node.connect()) {
        String answer = ask(direct, request);
        said = answer.equals(notThis) ? said : answer;
      }
    }
    return said;
  }

  private static String item(String key, String value) {
    return "VALUE " + key + " 0 " + value.length() + "\r\n" + value + "\r\n";
  }

  private void set(String key, String value) {
    assertEquals("STORED\r\n", ask("set " + key + " 0 0 " + value.length() + "\r\n" + value));
  }

  /** Has memory know a value that the node has no more. */
  private void keepOld(String key) {
    set(key, "old");
    assertEquals(item(key, "old") + "END\r\n", ask("get " + key));
    directly("replace " + key + " 0 0 5\r\nnewer", "NOT_STORED\r\n");
    assertEquals(item(key, "old") + "END\r\n", ask("get " + key), "from memory");
  }

  // ---------------------------------------------------------------- what is given

  @Test
  void valuesAreGivenFromMemoryToAllAsLongAsTheRuleSays() {
    keepOld("k");
    for (int i = 0; i < 4; i++) { // of either worker
      assertEquals(item("k", "old") + "END\r\n", ask(connect(port), "get k"));
    }
    set("short:k", "old");
    assertEquals(item("short:k", "old") + "END\r\n", ask("get short:k"));
    directly("replace short:k 0 0 5\r\nnewer", "NOT_STORED\r\n");
    Await.until(
        () -> "its time is over",
        () -> ask("get short:k").equals(item("short:k", "newer") + "END\r\n"));
    assertTrue(proxy.metric("cashew_cache_hits_total{pool=\"p\",rule=\"*\"") >= 5);
  }

  @Test
  void whatHasNoRuleIsNotKept() {
    set("free:k", "old");
    assertEquals(item("free:k", "old") + "END\r\n", ask("get free:k"));
    directly("replace free:k 0 0 5\r\nnewer", "NOT_STORED\r\n");
    assertEquals(item("free:k", "newer") + "END\r\n", ask("get free:k"));
  }

  @Test
  void thatThereIsNoKeyIsKeptUntilItIsWritten() {
    assertEquals("END\r\n", ask("get k"));
    directly("set k 0 0 1\r\nx", "");
    assertEquals("END\r\n", ask("get k"), "from memory");
    set("k", "y");
    assertEquals(item("k", "y") + "END\r\n", ask("get k"));
  }

  @Test
  void aGetOfManyKeysFillsAndIsAnsweredInTheOrderAsked() {
    for (int i = 0; i < 6; i++) {
      set("k" + i, "old");
    }
    String all = item("k3", "old") + item("k0", "old") + item("k5", "old") + "END\r\n";
    assertEquals(all, ask("get k3 none k0 k5"));
    for (int i = 0; i < 6; i++) {
      directly("replace k" + i + " 0 0 5\r\nnewer", "NOT_STORED\r\n");
    }
    assertEquals(all, ask("get k3 none k0 k5"), "from memory");
    assertEquals(item("k5", "old") + "END\r\n", ask("get k5"));
    assertEquals(
        item("k3", "newer") + item("k1", "newer") + "END\r\n",
        ask("get k3 k1"),
        "memory does not know them all");
    assertEquals(item("k3", "newer") + "END\r\n", ask("get k3"));
  }

  // ---------------------------------------------------------------- what ends it

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set k 0 0 1\r\nx",
        "set k 0 0 1 noreply\r\nx",
        "add k 0 0 1\r\nx",
        "replace k 0 0 1\r\nx",
        "append k 0 0 1\r\nx",
        "prepend k 0 0 1\r\nx",
        "cas k 0 0 1 1\r\nx",
        "delete k",
        "delete k noreply",
        "incr k 1",
        "decr k 1",
        "touch k 100",
        "gat 100 k",
        "gats 100 k other",
        "gets k",
        "gets other k",
        "mg k v",
        "mg aw== b v",
        "ms k 1\r\nx",
        "ms aw== 1 b q\r\nx",
        "md k",
        "md k q",
        "ma k",
        "flush_all",
        "flush_all noreply",
        "flush_all 1000",
      })
  void whateverAnswersOrWritesAKeyEndsWhatIsKeptOfIt(String request) {
    keepOld("k");
    ask(request);
    String now = directly("get k", "END\r\n");
    assertEquals(now == null ? "END\r\n" : now, ask("get k"));
  }

  @Test
  void aLargeValueEndsWhatIsKeptOfItsKey() {
    keepOld("k");
    set("k", "x".repeat(400_000));
    assertEquals(item("k", "x".repeat(400_000)) + "END\r\n", ask("get k"));
    keepOld("k2");
    String tooLarge = ask("set k2 0 0 2000000\r\n" + "x".repeat(2_000_000));
    assertTrue(tooLarge.startsWith("SERVER_ERROR object too large"), tooLarge);
    assertEquals("END\r\n", ask("get k2"));
  }

  @Test
  void nothingIsKeptBeyondAFlushThatIsToCome() {
    set("k", "v");
    assertEquals("OK\r\n", ask("flush_all 2"));
    assertEquals(item("k", "v") + "END\r\n", ask("get k"));
    Await.until(() -> "the flush", () -> directly("get k", "END\r\n") == null);
    assertEquals("END\r\n", ask("get k"));
  }

  @Test
  void aKeyThatHasAnotherNodeIsAskedForThere() {
    keepOld("k");
    assertEquals(1, proxy.view().pools().size());
    String one = "nodes = [ \"127.0.0.1:" + nodes.get(0).port() + ":1 a\" ]";
    String text =
        """
        cashew {
          admin.listen = off
          workers = 2
          pools.p {
            listen = "127.0.0.1:%d"
            protocol = memcached
            %s
            cache.rules = [
              { match = "short:*", near = 300ms }
              { match = "free:*" }
              { match = "late:*", ttl-jitter = 50%% }
              { match = "*", near = 1h, missing = 1h }
            ]
          }
        }
        """
            .formatted(port, one);
    proxy.take(text);
    String now;
    try (RawClient direct = nodes.get(0).connect()) {
      now = ask(direct, "get k");
    }
    assertEquals(now, ask("get k"));
  }

  /** Writers count up; whoever asks behind an answer is given that number or a later one. */
  @Test
  void nobodyIsGivenAnOlderValueThanWasAcknowledged() throws InterruptedException {
    int keys = 3;
    AtomicLong[] acknowledged = new AtomicLong[keys];
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    List<Thread> writers = new ArrayList<>();
    List<Thread> readers = new ArrayList<>();
    for (int k = 0; k < keys; k++) {
      int number = k;
      acknowledged[k] = new AtomicLong();
      set("n" + k, "0");
      RawClient own = connect(port);
      writers.add(
          new Thread(
              () -> {
                for (int i = 1; i <= WRITES && wrong.get() == null; i++) {
                  String value = "" + i;
                  ask(own, "set n" + number + " 0 0 " + value.length() + "\r\n" + value);
                  acknowledged[number].set(i);
                }
              }));
    }
    for (int r = 0; r < 4; r++) {
      RawClient own = connect(port);
      String request = r == 3 ? "get n0 n1 n2" : "get n" + r;
      int first = r == 3 ? 0 : r;
      readers.add(
          new Thread(
              () -> {
                try {
                  while (acknowledged[first].get() < WRITES && wrong.get() == null) {
                    long least = acknowledged[first].get();
                    String value = ask(own, request).split("\r\n", 3)[1];
                    assertTrue(Long.parseLong(value) >= least, value + " after " + least);
                  }
                } catch (Throwable failed) { // of the assertions, too
                  wrong.set(failed);
                }
              }));
    }
    readers.forEach(Thread::start);
    writers.forEach(Thread::start);
    Await.end(writers);
    Await.end(readers);
    assertNull(wrong.get(), () -> "" + wrong.get());
    assertTrue(proxy.metric("cashew_cache_hits_total{pool=\"p\",rule=\"*\"") > 0);
  }

  // ---------------------------------------------------------------- longer lives

  private long life(String key) {
    String said = directly("mg " + key + " t", "EN\r\n");
    assertTrue(said != null && said.startsWith("HD t"), said);
    return Long.parseLong(said.substring(4).strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set late:k 0 1000 1\r\nx",
        "set late:k 0 1000 1 noreply\r\nx",
        "touch late:k 1000",
        "gat 1000 late:k",
        "ms late:k 1 T1000\r\nx",
        "mg late:k v T1000",
        "ms bGF0ZTpr 1 T1000 b\r\nx",
      })
  void timesToLiveAreSpread(String request) {
    ask("set late:k 0 0 1\r\nx");
    Set<Long> lives = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      ask(request);
      long life = life("late:k");
      assertTrue(life >= 990 && life <= 1500, request + ": " + life);
      lives.add(life / 10);
    }
    assertTrue(lives.size() > 3, lives.toString());
  }

  @Test
  void theValueIsWhatWasSentWhateverItsSizeAndLife() {
    for (int size : List.of(1, 1000, 400_000)) {
      String value = "x".repeat(size);
      assertEquals("STORED\r\n", ask("set late:k 7 9 " + size + "\r\n" + value));
      assertEquals("VALUE late:k 7 " + size + "\r\n" + value + "\r\nEND\r\n", ask("get late:k"));
      assertEquals("STORED\r\n", ask("set late:k 7 1000 " + size + "\r\n" + value));
      assertEquals("VALUE late:k 7 " + size + "\r\n" + value + "\r\nEND\r\n", ask("get late:k"));
      long life = life("late:k");
      assertTrue(life >= 990 && life <= 1500, "" + life);
    }
    ask("set late:k 0 0 1\r\nx");
    assertEquals(-1, life("late:k"), "for ever");
    ask("set free:k 0 1000 1\r\nx");
    assertTrue(life("free:k") <= 1000);
  }
}
