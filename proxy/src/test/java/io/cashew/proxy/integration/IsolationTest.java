package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One client does whatever a client can do wrong, with every command there is, while fifty others
 * check their values: no error and no wrong value is among what they get.
 */
@ExtendWith(LeakCheck.class)
final class IsolationTest {
  private static final int CHECKERS = 50;
  private static final int CHECKER_THREADS = 2;

  /** More of them with {@code -Dcashew.sessions=}. */
  private static final int SESSIONS = Integer.getInteger("cashew.sessions", 400);

  /** Commands that concern other clients by right, whoever sends them. */
  private static final Map<String, String> EXCLUDED =
      Map.of(
          "flushall", "removes everybody's keys",
          "flushdb", "removes everybody's keys",
          "swapdb", "exchanges everybody's keys",
          "client|kill", "ends others' connections",
          "client|pause", "holds everybody's requests");

  /**
   * Arguments that are right here and wrong there. No count so large that a node works for long.
   */
  private static final List<String> WORDS =
      List.of(
          "rude:1",
          "rude:2",
          "rude:3",
          "{rude}1",
          "{rude}2",
          "0",
          "1",
          "2",
          "-1",
          "10",
          "1000000",
          "9223372036854775807",
          "1.5",
          "nan",
          "inf",
          "abc",
          "",
          "*",
          "\0\u00ff\r\n",
          "$",
          ">",
          "-",
          "+",
          "(1",
          "[a",
          "LEFT",
          "RIGHT",
          "BEFORE",
          "STREAMS",
          "COUNT",
          "GET",
          "SET",
          "STORE",
          "EX",
          "NX",
          "XX",
          "WITHSCORES",
          "MATCH",
          "LIMIT",
          "BLOCK",
          "GROUP",
          "BY",
          "TYPE",
          "ON",
          "OFF",
          "SKIP",
          "yes",
          "u8",
          "km",
          "MIN",
          "AND",
          "return 1",
          "return KEYS[1]",
          "1-1",
          "SETNAME",
          "AUTH");

  private static final List<RealRedis> NODES = new ArrayList<>();
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    TestProxy.Builder builder = new TestProxy.Builder().workers(2).timeoutMillis(10_000);
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start());
      builder.node(NODES.get(i).port());
    }
    proxy = builder.start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    NODES.forEach(RealRedis::close);
  }

  @Test
  void whatOneClientDoesNoOtherClientNotices() throws InterruptedException {
    long seed = Long.getLong("cashew.seed", new Random().nextLong());
    System.out.println("IsolationTest: -Dcashew.seed=" + seed + " repeats this run");
    AtomicBoolean goOn = new AtomicBoolean(true);
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    List<Checkers> checkers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CHECKER_THREADS; i++) {
      Checkers some = new Checkers(i, wrong, goOn);
      checkers.add(some);
      threads.add(new Thread(some, "checkers " + i));
    }
    threads.forEach(Thread::start);
    try {
      misbehave(new Random(seed), wrong);
    } finally {
      goOn.set(false);
      Await.end(threads);
    }
    assertEquals(List.of(), List.copyOf(wrong), () -> "seed " + seed);
    for (Checkers some : checkers) {
      assertTrue(some.rounds > 0, "the others were at work");
    }
    for (RealRedis node : NODES) {
      try (RawClient client = node.connect()) {
        Await.until(
            () -> "a node forgets who has left: " + remembered(client),
            () -> remembered(client).isEmpty());
      }
    }
  }

  /** What a node keeps for clients of the proxy, who are all gone or idle. */
  private static List<String> remembered(RawClient client) {
    return (client.send("INFO", "clients") + "\r\n" + client.send("INFO", "stats"))
        .lines()
        .filter(line -> line.matches("(blocked_clients|pubsub_channels|pubsub_patterns):[1-9].*"))
        .toList();
  }

  // ---------------------------------------------------------------- those who must notice nothing

  /** Some of the fifty, with a connection each. */
  private static final class Checkers implements Runnable {
    private final int number;
    private final Queue<String> wrong;
    private final AtomicBoolean goOn;
    private int rounds;

    Checkers(int number, Queue<String> wrong, AtomicBoolean goOn) {
      this.number = number;
      this.wrong = wrong;
      this.goOn = goOn;
    }

    @Override
    public void run() {
      List<RawClient> clients = new ArrayList<>();
      try {
        for (int i = 0; i < CHECKERS / CHECKER_THREADS; i++) {
          clients.add(proxy.connect());
        }
        while (goOn.get() && wrong.isEmpty()) {
          for (int i = 0; i < clients.size(); i++) {
            check(clients.get(i), "checked:" + number + ":" + i);
          }
          rounds++;
        }
      } catch (RuntimeException e) {
        wrong.add("a checker failed: " + e);
      } finally {
        clients.forEach(RawClient::close);
      }
    }

    private void check(RawClient client, String key) {
      String value = key + "=" + rounds;
      client.write(RawClient.request("SET", key, value));
      client.write(RawClient.request("GET", key));
      client.write(RawClient.request("MSET", key + "a", value, key + "b", value, key + "c", value));
      client.write(RawClient.request("MGET", key + "c", key, key + "a", key + "b"));
      client.write(RawClient.request("INCR", key + "n"));
      client.write(RawClient.request("ECHO", value));
      expect("OK", client);
      expect(value, client);
      expect("OK", client);
      expect(List.of(value, value, value, value), client);
      expect(rounds + 1L, client);
      expect(value, client);
    }

    private void expect(Object expected, RawClient client) {
      Object reply = client.read();
      if (!expected.equals(reply)) {
        wrong.add("expected " + expected + ", got " + reply);
      }
    }
  }

  // ---------------------------------------------------------------- the one who misbehaves

  private static void misbehave(Random random, Queue<String> wrong) {
    List<Command> commands =
        CommandTable.standard().all().stream()
            .filter(command -> !EXCLUDED.containsKey(command.name()))
            .toList();
    int next = 0;
    for (int session = 0; session < SESSIONS && wrong.isEmpty(); session++) {
      int end = random.nextInt(5);
      RawClient client = proxy.connect();
      int requests = 1 + random.nextInt(20);
      for (int i = 0; i < requests; i++) {
        // Each command once, then any.
        Command command =
            next < commands.size()
                ? commands.get(next++)
                : commands.get(random.nextInt(commands.size()));
        if (end > 0 || command.kind() != Kind.BLOCKING) {
          client.write(request(command, random));
        }
        if (random.nextInt(10) == 0) {
          client.write(misuse(random));
        }
      }
      leave(client, end, random);
    }
  }

  private static void leave(RawClient client, int how, Random random) {
    switch (how) {
      case 0 -> {
        // Reads everything. A transaction, a subscription or CLIENT REPLY OFF changes what comes,
        // not that the connection ends.
        client.write(RawClient.request("RESET"));
        client.write(RawClient.request("QUIT"));
        client.halfClose();
        client.readToEnd();
        client.close();
      }
      case 1 -> client.close();
      case 2 -> client.reset();
      case 3 -> {
        byte[] request = request(CommandTable.standard().all().iterator().next(), random);
        client.write(Arrays.copyOf(request, request.length / 2));
        client.close();
      }
      default -> {
        client.write("*3\r\n$3\r\nSET\r\n$6\r\nrude:1\r\n$900000\r\nhalf".getBytes(ISO_8859_1));
        client.reset();
      }
    }
  }

  /** Sequences that leave a session in a state. */
  private static byte[] misuse(Random random) {
    List<List<String>> sequences =
        List.of(
            List.of("MULTI"),
            List.of("MULTI", "SET rude:1 x", "NOSUCHCOMMAND"),
            List.of("WATCH rude:1", "MULTI", "SET rude:2 x"),
            List.of("HELLO 3"),
            List.of("HELLO 3", "HELLO 2"),
            List.of("HELLO 9"),
            List.of("SELECT 1"),
            List.of("SELECT 999"),
            List.of("CLIENT REPLY OFF"),
            List.of("CLIENT REPLY SKIP"),
            List.of("SUBSCRIBE rude:channel"),
            List.of("PSUBSCRIBE rude:*", "PUBLISH rude:channel x"),
            List.of("CLIENT TRACKING ON"),
            List.of("RESET"),
            List.of("AUTH wrong"),
            List.of("QUIT", "SET rude:1 afterwards"));
    StringBuilder bytes = new StringBuilder();
    for (String request : sequences.get(random.nextInt(sequences.size()))) {
      bytes.append(new String(RawClient.request(request.split(" ")), ISO_8859_1));
    }
    return bytes.toString().getBytes(ISO_8859_1);
  }

  private static byte[] request(Command command, Random random) {
    List<String> arguments =
        new ArrayList<>(List.of(command.name().toUpperCase(Locale.ROOT).split("\\|")));
    int wanted = Math.abs(command.arity()) + random.nextInt(4) - (random.nextInt(8) == 0 ? 1 : 0);
    while (arguments.size() < wanted) {
      arguments.add(
          arguments.size() == command.firstKey()
              ? WORDS.get(random.nextInt(5))
              : WORDS.get(random.nextInt(WORDS.size())));
    }
    return RawClient.request(arguments.toArray(String[]::new));
  }
}
