package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests for keys of several slots, one of which goes to another server. */
@ExtendWith(LeakCheck.class)
final class SlotPartsTest {
  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final VirtualPool pool = VirtualPool.ofSlots(worker, 1000, alpha, beta);
  private final VirtualPool.Client client = pool.connect();

  /** Keys of two slots of one server. */
  private final String a = pool.keyOf(alpha);

  private final String other = another();

  @BeforeEach
  void follow() {
    pool.failoverWait(500);
  }

  @AfterEach
  void stop() {
    client.leave();
    worker.close();
  }

  private String another() {
    return IntStream.range(0, 10_000)
        .mapToObj(i -> "other" + i)
        .filter(key -> pool.slotOf(key) != pool.slotOf(a))
        .filter(key -> pool.topology().shardFor(key.getBytes(StandardCharsets.US_ASCII)) == 0)
        .findFirst()
        .orElseThrow();
  }

  private String moved(String key, InMemoryServer to) {
    return "-MOVED " + pool.slotOf(key) + " " + to.text() + "\r\n";
  }

  private String ask(String key, InMemoryServer to) {
    return "-ASK " + pool.slotOf(key) + " " + to.text() + "\r\n";
  }

  @Test
  void eachSlotGoesWhereItsServerSays() {
    client.send("MGET " + a + " " + other + " " + a);
    assertEquals(List.of("MGET " + a + " " + a, "MGET " + other), alpha.requests());
    alpha.say(moved(a, beta) + "*1\r\n:2\r\n");
    assertEquals(List.of("MGET " + a + " " + a), beta.requests());
    beta.say("*2\r\n:1\r\n:3\r\n");
    assertEquals("*3 :1 :2 :3", client.received());
  }

  @Test
  void aPartGoesBehindAskingAndTheOthersAreNotAskedAgain() {
    client.send("MSET " + other + " 1 " + a + " 2");
    alpha.say("+OK\r\n" + ask(a, beta));
    assertEquals(List.of("ASKING", "MSET " + a + " 2"), beta.requests());
    beta.say("+OK\r\n+OK\r\n");
    assertEquals("+OK", client.received());
    assertEquals(2, alpha.requests().size());
  }

  @Test
  void aPartOfWhichSomeKeysAreElsewhereIsAskedAgain() {
    client.send("DEL " + a + " " + other);
    alpha.say("-TRYAGAIN Multiple keys request during rehashing of slot\r\n:1\r\n");
    assertEquals("", client.received());
    worker.advance(100);
    assertEquals("DEL " + a, alpha.requests().get(2));
    alpha.say(":1\r\n");
    assertEquals(":2", client.received());
  }

  @Test
  void theNextRequestForASlotWaitsWhileAPartForItIsOnItsWay() {
    client.send("MSET " + a + " 1 " + other + " 1");
    alpha.say(moved(a, beta) + "+OK\r\n");
    client.send("SET " + a + " 2");
    assertEquals(2, alpha.requests().size(), "it would overtake");
    beta.say("+OK\r\n");
    assertEquals("+OK", client.received());
    assertEquals("SET " + a + " 2", alpha.requests().get(2), "no other topology is known yet");
  }
}
