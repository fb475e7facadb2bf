package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Corpus;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Damaged requests in front of real nodes: whatever they do to their own connection. */
@ExtendWith(LeakCheck.class)
final class RequestFuzzTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_121L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 6_000);

  /** A request does not wait for another in so many bytes. */
  private static final int CONNECTION_EVERY = 20;

  private static final String[][] GOOD = {
    {"GET", "a"},
    {"SET", "a", "value"},
    {"MGET", "a", "b", "c"},
    {"MSET", "a", "1", "b", "2"},
    {"DEL", "a", "b"},
    {"EVAL", "return {KEYS[1],ARGV[1]}", "1", "a", "x"},
    {"XREAD", "COUNT", "1", "STREAMS", "s", "t", "0", "0"},
    {"ZUNIONSTORE", "z{t}", "2", "a{t}", "b{t}", "WEIGHTS", "1", "2"},
    {"SORT", "l{t}", "BY", "w{t}*", "GET", "o{t}*", "STORE", "d{t}"},
    {"HSET", "h", "f", "v"},
    {"SCAN", "0", "MATCH", "*", "COUNT", "10"},
    {"HELLO", "2", "SETNAME", "fuzz"},
    {"CLIENT", "LIST"},
    {"CLIENT", "REPLY", "SKIP"},
    {"SELECT", "1"},
    {"MULTI"},
    {"EXEC"},
    {"WATCH", "a"},
    {"SUBSCRIBE", "ch"},
    {"PSUBSCRIBE", "p*"},
    {"UNSUBSCRIBE"},
    {"PUBLISH", "ch", "message"},
    {"COMMAND", "DOCS", "get"},
    {"COMMAND", "GETKEYS", "mset", "a", "1"},
    {"INFO", "server"},
    {"ACL", "WHOAMI"},
    {"SCRIPT", "EXISTS", "0123456789012345678901234567890123456789"},
    {"BLPOP", "none", "0.01"},
    {"LMPOP", "2", "l{t}", "m{t}", "LEFT"},
    {"GEOSEARCHSTORE", "g{t}", "h{t}", "FROMLONLAT", "0", "0", "BYRADIUS", "1", "m"},
    {"MIGRATE", "h", "1", "", "0", "1", "KEYS", "a", "b"},
    {"PING"},
    {"QUIT"},
    {"RESET"}
  };

  private static final byte[] TELLING =
      "0123456789-+*$:\r\n _{}%\"'\0\377".getBytes(StandardCharsets.ISO_8859_1);

  /** Most of a connection's input is good: damage in its depth, not at its door. */
  private static byte[] input(Random random, List<Corpus.Row> corpus) {
    if (random.nextInt(8) == 0) {
      Corpus.Row row = corpus.get(random.nextInt(corpus.size()));
      return row.text().length() < 2000 ? damaged(row.bytes(), random) : new byte[0];
    }
    String[] request = GOOD[random.nextInt(GOOD.length)].clone();
    if (random.nextBoolean()) {
      int at = random.nextInt(request.length);
      request[at] =
          switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> "-1";
            case 2 -> "99999999999999999999";
            case 3 -> "{" + random.nextInt(9);
            case 4 -> request[at] + '\0';
            default -> request[random.nextInt(request.length)];
          };
    }
    byte[] bytes = RawClient.request(request);
    return random.nextInt(4) == 0 ? damaged(bytes, random) : bytes;
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    List<Byte> out = new ArrayList<>();
    for (byte b : bytes) {
      out.add(b);
    }
    for (int i = random.nextInt(3); i >= 0 && !out.isEmpty(); i--) {
      int at = random.nextInt(out.size());
      switch (random.nextInt(4)) {
        case 0 -> out.set(at, TELLING[random.nextInt(TELLING.length)]);
        case 1 -> out.remove(at);
        case 2 -> out.add(at, TELLING[random.nextInt(TELLING.length)]);
        default -> out.subList(at, out.size()).clear();
      }
    }
    byte[] damaged = new byte[out.size()];
    for (int i = 0; i < damaged.length; i++) {
      damaged[i] = out.get(i);
    }
    return damaged;
  }

  private static boolean write(RawClient client, byte[] bytes) {
    try {
      client.write(bytes);
      return true;
    } catch (UncheckedIOException e) {
      return false; // it has been closed for what came before
    }
  }

  @Test
  void damagedRequestsHarmNobodyElse() {
    Random random = new Random(SEED);
    List<Corpus.Row> corpus = Corpus.requests();
    try (RealRedis one = RealRedis.start();
        RealRedis two = RealRedis.start();
        TestProxy proxy = new TestProxy.Builder().node(one.port()).node(two.port()).start();
        RawClient bystander = proxy.connect()) {
      RawClient client = proxy.connect();
      for (int round = 0; round < ROUNDS; round++) {
        byte[] bytes = input(random, corpus);
        boolean open = write(client, bytes);
        if (!open || round % CONNECTION_EVERY == 0) {
          if (random.nextInt(4) == 0) {
            client.reset();
          } else {
            client.close();
          }
          client = proxy.connect();
        }
        if (round % 10 == 0) {
          String value = "value " + round;
          String key = "bystander:" + round % 7;
          String why = "round " + round + " of seed " + SEED;
          assertEquals("OK", bystander.send("SET", key, value), why);
          assertEquals(value, bystander.send("GET", key), why);
        }
      }
      client.close();
      Await.until("all are gone", () -> proxy.metric("cashew_clients{") == 1);
      Await.until("nothing is owed", () -> proxy.metric("cashew_requests_in_flight") == 0);
      Await.until("no node owes", () -> proxy.metric("cashew_node_requests_in_flight") == 0);
      assertEquals(0, (long) proxy.metric("cashew_client_errors_total{kind=\"internal\""));
      for (String node : List.of("n0", "n1")) {
        assertEquals(proxy.failures(node, "abandoned"), proxy.failures(node));
        assertEquals(0, proxy.node(node, "circuit_openings_total"));
      }
      assertTrue(proxy.metric("cashew_client_errors_total{kind=\"protocol\"") > 0, "some are bad");
    }
  }
}
