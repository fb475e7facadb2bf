package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client does right after another one has left finds it gone. */
final class DeparturesTest {
  private static final int ROUNDS = 60;
  private static RealRedis node;

  @BeforeAll
  static void start() {
    node = RealRedis.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static TestProxy proxy(int workers) {
    return new TestProxy.Builder().node(node.port()).workers(workers).start();
  }

  private static void awaitBlocked(RawClient direct, int clients) {
    Await.until(
        clients + " clients are blocked at the node",
        () -> ((String) direct.send("INFO", "clients")).contains("blocked_clients:" + clients));
  }

  /**
   * A blocked client leaves, and at once another one gives what it would have taken.
   *
   * @param count the request whose reply is 1 if that is still there
   * @return in how many rounds it was not
   */
  private static int lost(
      TestProxy proxy, String blocking, Consumer<RawClient> leave, String push, String count) {
    int lost = 0;
    try (RawClient direct = node.connect()) {
      // With two workers each has one of the two: a new client goes where there are fewest.
      for (int round = 0; round < ROUNDS; round++) {
        direct.send("FLUSHALL");
        direct.send("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
        direct.send("RPUSH", "full", "j");
        direct.send("ZADD", "zfull", "1", "j");
        try (RawClient leaving = proxy.connect();
            RawClient other = proxy.connect()) {
          other.send("GET", "warm");
          leaving.write(requests(blocking));
          awaitBlocked(direct, 1);
          leave.accept(leaving);
          other.write(requests(push));
          for (int i = 0; i < push.split(" ; ", -1).length; i++) {
            other.read();
          }
          if (!direct.send(count.split(" ")).equals(1L)) {
            lost++;
          }
          awaitBlocked(direct, 0);
        }
      }
    }
    return lost;
  }

  private static byte[] requests(String text) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String line : text.split(" ; ", -1)) {
      all.writeBytes(RawClient.request(line.split(" ")));
    }
    return all.toByteArray();
  }

  private static int lost(
      int workers, String blocking, Consumer<RawClient> leave, String push, String count) {
    try (TestProxy proxy = proxy(workers)) {
      return lost(proxy, blocking, leave, push, count);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPushAfterABlockedClientHasLeftKeepsItsElement(int workers) {
    assertEquals(0, lost(workers, "BLPOP q 0", RawClient::close, "LPUSH q j", "LLEN q"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void soItIsWhenTheClientWasReset(int workers) {
    assertEquals(0, lost(workers, "BRPOP q 0", RawClient::reset, "RPUSH q j", "LLEN q"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void soItIsWhenTheClientHasClosedItsEndOnly(int workers) {
    assertEquals(0, lost(workers, "BLPOP q 0", RawClient::halfClose, "RPUSH q j", "LLEN q"));
  }

  /** Whatever a client can wait with, and whatever can end the wait. */
  @ParameterizedTest
  @CsvSource({
    "BLMOVE q taken LEFT LEFT 0, LPUSH q j, LLEN q",
    "BRPOPLPUSH q taken 0, LPUSH q j, LLEN q",
    "BZPOPMIN z 0, ZADD z 1 j, ZCARD z",
    "BZPOPMAX z 0, ZINCRBY z 1 j, ZCARD z",
    "BLPOP q 0, RPOPLPUSH full q, LLEN q",
    "BLPOP q 0, RENAME full q, LLEN q",
    "BLPOP q 0, COPY full q, LLEN q",
    "BLPOP q 0, SORT full ALPHA STORE q, LLEN q",
    "BLPOP q 0, BLMOVE full q LEFT LEFT 1, LLEN q",
    "BZPOPMIN z 0, ZUNIONSTORE z 1 zfull, ZCARD z",
    "BZPOPMIN z 0, GEOADD z 1 1 j, ZCARD z",
    "BLPOP q 0, 'EVAL redis.call(\"LPUSH\",KEYS[1],\"j\") 1 q', LLEN q",
    "BLPOP q 0, MULTI ; LPUSH q j ; EXEC, LLEN q",
    "BLPOP q 0, GET q ; LPUSH q j, LLEN q",
    "XREADGROUP GROUP g c BLOCK 0 STREAMS s >, XADD s * f v ; XLEN s, XLEN s"
  })
  void soItIsWithEveryCommand(String blocking, String push, String count) {
    for (int workers = 1; workers <= 2; workers++) {
      assertEquals(0, lost(workers, blocking, RawClient::close, push, count), workers + " workers");
    }
  }

  @Test
  void anEntryAddedAfterAReaderHasLeftIsNotPendingForIt() {
    try (TestProxy proxy = proxy(2);
        RawClient direct = node.connect()) {
      for (int round = 0; round < ROUNDS; round++) {
        direct.send("FLUSHALL");
        direct.send("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
        try (RawClient leaving = proxy.connect();
            RawClient other = proxy.connect()) {
          other.send("GET", "warm");
          leaving.write(
              RawClient.request(
                  "XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"));
          awaitBlocked(direct, 1);
          leaving.reset();
          other.send("XADD", "s", "*", "f", "v");
          assertEquals(0L, ((List<?>) direct.send("XPENDING", "s", "g")).get(0));
        }
      }
    }
  }

  /** The one who leaves and the one who gives take different connections to the node. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void soItIsWhenTheOtherSpeaksAnotherProtocol(int workers) {
    assertEquals(0, lost(workers, "HELLO 3 ; BLPOP q 0", RawClient::close, "LPUSH q j", "LLEN q"));
  }

  @Test
  void soItIsWithSeveralConnectionsANodeThatAreBusy() {
    try (TestProxy proxy =
            new TestProxy.Builder().node(node.port()).workers(2).connectionsPerNode(3).start();
        RawClient busy = proxy.connect()) {
      AtomicBoolean over = new AtomicBoolean();
      Thread traffic =
          new Thread(
              () -> {
                while (!over.get()) {
                  busy.send("GET", "k");
                }
              });
      traffic.start();
      try {
        assertEquals(0, lost(proxy, "BLPOP q 0", RawClient::close, "LPUSH q j", "LLEN q"));
      } finally {
        over.set(true);
        Await.until("the traffic ends", () -> !traffic.isAlive());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void soItIsWhenTheClientIsKilled(int workers) {
    try (TestProxy proxy =
            new TestProxy.Builder()
                .node(node.port())
                .workers(workers)
                .adminCommandsToAllNodes()
                .start();
        RawClient killer = proxy.connect()) {
      Consumer<RawClient> kill =
          leaving -> {
            String id =
                ((String) killer.send("CLIENT", "LIST"))
                    .lines()
                    .filter(line -> line.contains(" flags=b "))
                    .map(line -> line.substring("id=".length(), line.indexOf(' ')))
                    .findFirst()
                    .orElseThrow();
            assertEquals(1L, killer.send("CLIENT", "KILL", "ID", id));
          };
      assertEquals(0, lost(proxy, "BLPOP q 0", kill, "LPUSH q j", "LLEN q"));
    }
  }

  /** In how many rounds a question has another answer right after a client has left. */
  private static int wrong(
      int workers, String first, String question, Predicate<@Nullable Object> right) {
    int wrong = 0;
    try (TestProxy proxy = proxy(workers)) {
      for (int round = 0; round < ROUNDS; round++) {
        try (RawClient leaving = proxy.connect();
            RawClient other = proxy.connect()) {
          leaving.send(first.split(" "));
          other.send("GET", "warm");
          leaving.reset();
          wrong += right.test(other.send(question.split(" "))) ? 0 : 1;
        }
      }
    }
    return wrong;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoHasLeftIsNoLongerListed(int workers) {
    assertEquals(
        0,
        wrong(
            workers,
            "CLIENT SETNAME leaver",
            "CLIENT LIST",
            list -> !String.valueOf(list).contains("leaver")));
  }

  @Test
  void whoWaitsStillGetsWhatIsPushed() {
    try (TestProxy proxy = proxy(2);
        RawClient waiting = proxy.connect();
        RawClient other = proxy.connect();
        RawClient direct = node.connect()) {
      direct.send("FLUSHALL");
      waiting.write(RawClient.request("BLPOP", "q", "0"));
      awaitBlocked(direct, 1);
      assertEquals(1L, other.send("LPUSH", "q", "j"));
      assertEquals(List.of("q", "j"), waiting.read());
    }
  }

  /** A pipeline looks once for each time that it was read. */
  @Test
  void pipelinesOfPushesKeepTheirOrder() {
    try (TestProxy proxy = proxy(2);
        RawClient waiting = proxy.connect();
        RawClient other = proxy.connect();
        RawClient direct = node.connect()) {
      direct.send("FLUSHALL");
      waiting.write(RawClient.request("BLPOP", "elsewhere", "0"));
      awaitBlocked(direct, 1);
      ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
      for (int i = 0; i < 5000; i++) {
        pipeline.writeBytes(RawClient.request("RPUSH", "q", "" + i));
        pipeline.writeBytes(RawClient.request("LLEN", "q"));
      }
      Thread writer = new Thread(() -> other.write(pipeline.toByteArray()));
      writer.start();
      for (long i = 1; i <= 5000; i++) {
        assertEquals(i, other.read());
        assertEquals(i, other.read());
      }
      Await.until("all is written", () -> !writer.isAlive());
    }
  }

  /** One that was sent when the node has let a time-out pass would take another. */
  @Test
  void aPushToANodeThatHangsFailsWhenItsTimeIsOverAndIsNotSent() {
    try (MisbehavingNode hung = MisbehavingNode.start();
        TestProxy proxy =
            new TestProxy.Builder().node(hung.port()).timeoutMillis(500).failureLimit(100).start();
        RawClient waiting = proxy.connect();
        RawClient other = proxy.connect()) {
      hung.behave(
          (connection, request) -> {
            if (request.get(0).equals("GET")) {
              connection.reply("$-1\r\n");
            } else if (request.equals(List.of("CLIENT", "ID"))) {
              connection.reply(":7\r\n");
            }
          });
      other.send("GET", "warm");
      waiting.write(RawClient.request("BLPOP", "q", "0"));
      Await.until("it waits", () -> hung.count("BLPOP") == 1 && hung.count("CLIENT") == 1);
      waiting.reset();
      ByteArrayOutputStream together = new ByteArrayOutputStream(); // who comes later looks anew
      for (int i = 0; i < 3; i++) {
        together.writeBytes(RawClient.request("LPUSH", "q", "j"));
      }
      other.write(together.toByteArray());
      for (int i = 0; i < 3; i++) {
        ErrorReply late = assertInstanceOf(ErrorReply.class, other.read());
        assertTrue(late.text().contains("timed out after 500 ms"), late.text());
        assertFalse(late.text().contains("may have been executed"), late.text());
      }
      assertEquals(0, hung.count("LPUSH"));
    }
  }

  private static void answerSome(MisbehavingNode hung) {
    hung.behave(
        (connection, request) -> {
          switch (request.get(0)) {
            case "GET" -> connection.reply("$-1\r\n");
            case "MULTI" -> connection.reply("+OK\r\n");
            case "LPUSH" -> connection.reply("+QUEUED\r\n");
            case "CLIENT" -> {
              if (request.get(1).equals("ID")) {
                connection.reply(":7\r\n");
              }
            }
            default -> {} // it hangs
          }
        });
  }

  @Test
  void soItIsWithATransaction() {
    try (MisbehavingNode hung = MisbehavingNode.start();
        TestProxy proxy =
            new TestProxy.Builder().node(hung.port()).timeoutMillis(500).failureLimit(100).start();
        RawClient waiting = proxy.connect();
        RawClient other = proxy.connect()) {
      answerSome(hung);
      other.send("GET", "warm");
      waiting.write(RawClient.request("BLPOP", "q", "0"));
      Await.until("it waits", () -> hung.count("BLPOP") == 1 && hung.count("CLIENT") == 1);
      assertEquals("OK", other.send("MULTI"));
      assertEquals("QUEUED", other.send("LPUSH", "q", "j"));
      waiting.reset();
      ErrorReply late = assertInstanceOf(ErrorReply.class, other.send("EXEC"));
      assertTrue(late.text().contains("timed out after 500 ms"), late.text());
      assertFalse(late.text().contains("may have been executed"), late.text());
      assertEquals(0, hung.count("EXEC"));
      assertEquals(new ErrorReply("ERR EXEC without MULTI"), other.send("EXEC"));
    }
  }

  @Test
  void soItIsOfNodesThatHoldTheSame() {
    try (MisbehavingNode one = MisbehavingNode.start();
        MisbehavingNode two = MisbehavingNode.start();
        TestProxy proxy =
            new TestProxy.Builder()
                .node(one.port())
                .node(two.port())
                .distribution("random")
                .timeoutMillis(500)
                .failureLimit(100)
                .start();
        RawClient other = proxy.connect()) {
      answerSome(one);
      answerSome(two);
      List<RawClient> waiting = new ArrayList<>();
      while (one.count("BLPOP") == 0 || two.count("BLPOP") == 0) {
        long before = one.count("BLPOP") + two.count("BLPOP");
        RawClient next = proxy.connect();
        waiting.add(next);
        next.write(RawClient.request("BLPOP", "q", "0"));
        Await.until("it waits", () -> one.count("BLPOP") + two.count("BLPOP") > before);
      }
      waiting.forEach(RawClient::reset);
      one.behave(MisbehavingNode.SILENT);
      two.behave(MisbehavingNode.SILENT);
      long before = one.count("LPUSH") + two.count("LPUSH");
      ErrorReply late = assertInstanceOf(ErrorReply.class, other.send("LPUSH", "q", "j"));
      assertTrue(late.text().contains("timed out after 500 ms"), late.text());
      assertEquals(before, one.count("LPUSH") + two.count("LPUSH"));
    }
  }
}
