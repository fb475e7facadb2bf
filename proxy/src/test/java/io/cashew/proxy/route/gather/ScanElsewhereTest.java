package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A step of {@code SCAN}, and questions to all nodes, that a server has not executed: they go to it
 * again, or to the one that takes its place, whose keys are begun anew.
 */
@ExtendWith(LeakCheck.class)
final class ScanElsewhereTest {
  private static final String LOADING = "-LOADING Redis is loading the dataset in memory\r\n";

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final InMemoryServer next = new InMemoryServer(worker, "alpha", 6380);

  @AfterEach
  void stop() {
    worker.close();
  }

  private void inPool(boolean ofSlots, BiConsumer<VirtualPool, VirtualPool.Client> run) {
    inPool(
        ofSlots
            ? VirtualPool.ofSlots(worker, 1000, alpha, beta)
            : new VirtualPool(worker, alpha, beta),
        run);
  }

  private static void inPool(VirtualPool pool, BiConsumer<VirtualPool, VirtualPool.Client> run) {
    pool.failoverWait(500);
    VirtualPool.Client client = pool.connect();
    run.accept(pool, client);
    client.leave();
  }

  private static String step(String cursor, String... keys) {
    StringBuilder reply = new StringBuilder("*2\r\n$" + cursor.length() + "\r\n" + cursor);
    reply.append("\r\n*").append(keys.length).append("\r\n");
    for (String key : keys) {
      reply.append('$').append(key.length()).append("\r\n").append(key).append("\r\n");
    }
    return reply.toString();
  }

  /** The cursor of a step that has come. */
  private static String cursorOf(String received) {
    String[] words = received.split(" ", -1);
    assertEquals("*2", words[0], received);
    return words[2];
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepThatAServerRefusesIsAskedForAgain(boolean ofSlots) {
    inPool(
        ofSlots,
        (pool, client) -> {
          client.send("SCAN 0 COUNT 10");
          alpha.answer(request -> step("7", "k"));
          alpha.say(LOADING);
          assertEquals("", client.received());
          worker.advance(200);
          String cursor = cursorOf(client.received());
          client.send("SCAN " + cursor + " COUNT 10");
          assertEquals(
              List.of("SCAN 0 COUNT 10", "SCAN 0 COUNT 10", "SCAN 7 COUNT 10"), alpha.requests());
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepThatIsRefusedBeginsAnewAtTheServerThatTakesThePlace(boolean ofSlots) {
    inPool(
        ofSlots,
        (pool, client) -> {
          client.send("SCAN 0 MATCH k*");
          alpha.say(step("7", "k1"));
          client.send("SCAN " + cursorOf(client.received()) + " MATCH k*");
          assertEquals(List.of("SCAN 0 MATCH k*", "SCAN 7 MATCH k*"), alpha.requests());
          alpha.say("-MASTERDOWN Link with MASTER is down\r\n");
          pool.failOver(alpha, next);
          assertEquals(List.of("SCAN 0 MATCH k*"), next.requests());
          next.say(step("9", "k1"));
          client.send("SCAN " + cursorOf(client.received()) + " MATCH k*");
          assertEquals(List.of("SCAN 0 MATCH k*", "SCAN 9 MATCH k*"), next.requests());
          next.say(step("0", "k2"));
          client.send("SCAN " + cursorOf(client.received()) + " MATCH k*");
          assertEquals(List.of("SCAN 0 MATCH k*"), beta.requests());
          beta.say(step("0"));
          assertEquals("0", cursorOf(client.received()));
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepBehindAFailoverBeginsAnew(boolean ofSlots) {
    inPool(
        ofSlots,
        (pool, client) -> {
          client.send("SCAN 0");
          alpha.say(step("7", "k1"));
          String cursor = cursorOf(client.received());
          pool.failOver(alpha, next);
          client.send("SCAN " + cursor);
          assertEquals(List.of("SCAN 0"), next.requests());
          next.say(step("0", "k1"));
          assertEquals("*2", client.received().split(" ", -1)[0]);
        });
  }

  @Test
  void soItIsInAPoolOfOneNode() {
    inPool(
        new VirtualPool(worker, alpha),
        (pool, client) -> {
          client.send("SCAN 0");
          alpha.say(step("7", "k1"));
          String cursor = cursorOf(client.received());
          client.send("SCAN " + cursor);
          assertEquals(List.of("SCAN 0", "SCAN 7"), alpha.requests());
          alpha.say(LOADING);
          pool.failOver(alpha, next);
          assertEquals(List.of("SCAN 0"), next.requests());
          next.say(step("9223372036854775808", "k1")); // as Kvrocks has them
          assertEquals("9223372036854775808", cursorOf(client.received()));
          client.send("SCAN 9223372036854775808");
          assertEquals(List.of("SCAN 0", "SCAN 9223372036854775808"), next.requests());
          next.say(step("0"));
          assertEquals("0", cursorOf(client.received()));
        });
  }

  @Test
  void aPoolWhoseServersStayHasTheCursorsThatItHad() {
    VirtualPool pool = new VirtualPool(worker, alpha);
    VirtualPool.Client client = pool.connect();
    client.send("SCAN 0");
    alpha.say(step("7", "k1"));
    assertEquals("7", cursorOf(client.received()));
    client.leave();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepThatNeverLeftWaitsForTheServerThatTakesThePlace(boolean ofSlots) {
    inPool(
        ofSlots,
        (pool, client) -> {
          alpha.refuse();
          client.send("SCAN 0");
          assertEquals("", client.received());
          pool.failOver(alpha, next);
          assertEquals(List.of("SCAN 0"), next.requests());
          next.say(step("0", "k1"));
          assertTrue(client.received().startsWith("*2 "));
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepIsSentOnceMoreIfItsConnectionEnds(boolean ofSlots) {
    inPool(
        ofSlots,
        (pool, client) -> {
          pool.retryReads();
          client.send("GET " + pool.keyOf(alpha));
          alpha.say("$-1\r\n"); // it serves: its circuit does not open
          client.received();
          client.send("SCAN 0");
          alpha.hangUp();
          worker.advance(200);
          assertEquals(List.of("SCAN 0", "SCAN 0"), alpha.requests().subList(1, 3));
          alpha.say(step("0", "k1"));
          assertTrue(client.received().startsWith("*2 "));
        });
  }

  @Test
  void theServersOwnWordsEndTheWait() {
    inPool(
        true,
        (pool, client) -> {
          alpha.answer(request -> LOADING);
          client.send("SCAN 0");
          assertEquals("", client.received());
          worker.advance(600);
          assertEquals(LOADING.strip(), client.received());
          client.send("PING");
          assertEquals("+PONG", client.received());
        });
  }

  @Test
  void whatIsSentBehindAStepWaitsForItsReply() {
    inPool(
        true,
        (pool, client) -> {
          String b = pool.keyOf(beta);
          client.send("SET " + b + " 1", "SCAN 0", "SET " + b + " 2");
          assertEquals(List.of("SET " + b + " 1"), beta.requests());
          assertEquals(List.of(), alpha.requests());
          beta.say("+OK\r\n");
          assertEquals(List.of("SCAN 0"), alpha.requests());
          alpha.say(LOADING);
          pool.failOver(alpha, next);
          assertEquals(1, beta.requests().size());
          next.say(step("0"));
          assertEquals(List.of("SET " + b + " 1", "SET " + b + " 2"), beta.requests());
        });
  }

  @Test
  void nothingIsSentForAClientThatHasLeft() {
    inPool(
        true,
        (pool, client) -> {
          VirtualPool.Client leaver = pool.connect();
          leaver.send("SCAN 0");
          alpha.say(LOADING);
          leaver.leave();
          pool.failOver(alpha, next);
          assertEquals(List.of(), next.requests());
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoListensIsAskedOfTheServerThatTakesThePlace(boolean ofSlots) {
    inPool(
        ofSlots,
        (pool, client) -> {
          alpha.refuse();
          client.send("PUBSUB CHANNELS");
          beta.say("*1\r\n$1\r\nb\r\n");
          assertEquals("", client.received());
          pool.failOver(alpha, next);
          assertEquals(List.of("PUBSUB CHANNELS"), next.requests());
          next.say("*1\r\n$1\r\na\r\n");
          String said = client.received();
          assertTrue(
              said.startsWith("*2 ") && said.contains("$1 a") && said.contains("$1 b"), said);
        });
  }
}
