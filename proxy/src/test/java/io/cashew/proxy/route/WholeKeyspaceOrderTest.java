package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws of requests that every server is sent, of which one has not executed its part: that goes
 * to the server which takes its place, to none that has had it, and nothing of the client overtakes
 * it.
 */
@ExtendWith(LeakCheck.class)
final class WholeKeyspaceOrderTest {
  private static final String READONLY =
      "-READONLY You can't write against a read only replica.\r\n";

  private static final String LOADING = "-LOADING Redis is loading the dataset in memory\r\n";

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final InMemoryServer promoted = new InMemoryServer(worker, "alpha");

  @AfterEach
  void stop() {
    worker.close();
  }

  private void withPool(boolean ofSlots, Consumer<VirtualPool> run) {
    VirtualPool pool =
        ofSlots
            ? VirtualPool.ofSlots(worker, 1000, alpha, beta)
            : new VirtualPool(worker, alpha, beta);
    pool.failoverWait(500);
    run.accept(pool);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatOneServerRefusesGoesToTheOneThatTakesItsPlace(boolean ofSlots) {
    withPool(
        ofSlots,
        pool -> {
          VirtualPool.Client client = pool.connect();
          client.send("FLUSHALL ASYNC");
          alpha.say("+OK\r\n");
          beta.say(READONLY);
          assertEquals("", client.received());
          InMemoryServer next = new InMemoryServer(worker, "beta");
          pool.failOver(beta, next);
          assertEquals(List.of("FLUSHALL ASYNC"), next.requests());
          next.say("+OK\r\n");
          assertEquals("+OK", client.received());
          assertEquals(1, alpha.requests().size());
          assertEquals(1, beta.requests().size());
          client.leave();
        });
  }

  @Test
  void soItIsInAPoolOfOneNode() {
    VirtualPool pool = new VirtualPool(worker, alpha);
    pool.failoverWait(500);
    VirtualPool.Client client = pool.connect();
    client.send("FLUSHDB");
    alpha.say(READONLY);
    pool.failOver(alpha, promoted);
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
    client.leave();
  }

  @Test
  void aServerThatLoadsIsAskedAgain() {
    withPool(
        true,
        pool -> {
          VirtualPool.Client client = pool.connect();
          client.send("DBSIZE");
          alpha.answer(request -> ":3\r\n");
          alpha.say(LOADING);
          beta.say(":4\r\n");
          worker.advance(200);
          assertEquals(":7", client.received());
          client.leave();
        });
  }

  @Test
  void whatNeverLeftGoesToTheOneThatTakesThePlace() {
    withPool(
        false,
        pool -> {
          VirtualPool.Client client = pool.connect();
          alpha.refuse();
          client.send("FLUSHALL");
          beta.say("+OK\r\n");
          assertEquals("", client.received());
          pool.failOver(alpha, promoted);
          assertEquals(List.of("FLUSHALL"), promoted.requests());
          promoted.say("+OK\r\n");
          assertEquals("+OK", client.received());
          client.leave();
        });
  }

  @Test
  void soItIsWhereReadsGoToReplicas() {
    withPool(
        false,
        pool -> {
          worker.run(
              () -> pool.router().reads(new ReadPreference(ReadPreference.From.PREFER_REPLICA, 0)));
          VirtualPool.Client client = pool.connect();
          client.send("DBSIZE");
          alpha.say(":3\r\n");
          beta.answer(request -> ":4\r\n");
          beta.say(LOADING);
          worker.advance(200);
          assertEquals(":7", client.received());
          assertEquals(List.of("DBSIZE"), alpha.requests());
          client.leave();
        });
  }

  @Test
  void whatOnlyReadsIsSentOnceMoreIfItsConnectionEnds() {
    withPool(
        true,
        pool -> {
          pool.retryReads();
          VirtualPool.Client client = pool.connect();
          client.send("GET " + pool.keyOf(alpha));
          alpha.say("$-1\r\n"); // it serves: its circuit does not open
          client.received();
          client.send("DBSIZE");
          alpha.hangUp();
          beta.say(":4\r\n");
          worker.advance(200);
          assertEquals(List.of("DBSIZE", "DBSIZE"), alpha.requests().subList(1, 3));
          alpha.hangUp();
          assertTrue(client.received().contains("may have been executed"));
          client.leave();
        });
  }

  @Test
  void aServerThatHasHadItIsNotSentItAgain() {
    withPool(
        true,
        pool -> {
          VirtualPool.Client client = pool.connect();
          client.send("FLUSHALL");
          beta.say("+OK\r\n");
          alpha.say("-MOVED 1 " + beta.text() + "\r\n");
          assertTrue(client.received().startsWith("-CLUSTERDOWN The request was not executed: "));
          assertEquals(1, beta.requests().size());
          client.leave();
        });
  }

  @Test
  void noneOfTheOldPrimariesTakesThePlaceOfAnother() {
    withPool(
        true,
        pool -> {
          VirtualPool.Client client = pool.connect();
          client.send("FLUSHALL");
          alpha.answer(request -> READONLY);
          alpha.say(READONLY);
          beta.say("+OK\r\n");
          pool.slotsMove(alpha, beta);
          worker.advance(600);
          assertEquals(READONLY.strip(), client.received());
          assertEquals(1, beta.requests().size());
          client.leave();
        });
  }

  @Test
  void nothingOfTheClientOvertakesItAndItOvertakesNothing() {
    withPool(
        true,
        pool -> {
          VirtualPool.Client client = pool.connect();
          String a = pool.keyOf(alpha);
          String b = pool.keyOf(beta);
          client.send("SET " + a + " 1", "FLUSHALL", "SET " + b + " 2");
          alpha.say("-MOVED " + pool.slotOf(a) + " " + beta.text() + "\r\n");
          assertEquals(List.of("SET " + a + " 1"), beta.requests());
          beta.say("+OK\r\n");
          beta.say("+OK\r\n");
          assertEquals(List.of("SET " + a + " 1", "FLUSHALL"), beta.requests());
          alpha.say(READONLY);
          pool.failOver(alpha, promoted);
          assertEquals(2, beta.requests().size(), "one part is not executed");
          promoted.say("+OK\r\n");
          assertEquals("+OK +OK", client.received());
          assertEquals(List.of("SET " + a + " 1", "FLUSHALL", "SET " + b + " 2"), beta.requests());
          client.leave();
        });
  }

  @Test
  void whatMayHaveBeenExecutedIsNotSentAgain() {
    withPool(
        false,
        pool -> {
          VirtualPool.Client client = pool.connect();
          client.send("FLUSHALL");
          beta.say("+OK\r\n");
          alpha.hangUp();
          pool.failOver(alpha, promoted);
          assertTrue(client.received().contains("may have been executed"));
          assertEquals(List.of(), promoted.requests());
          client.leave();
        });
  }
}
