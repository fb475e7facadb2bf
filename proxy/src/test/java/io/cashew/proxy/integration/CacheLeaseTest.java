package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first that is told that there is no such key loads it, and all others wait. */
@ExtendWith(LeakCheck.class)
final class CacheLeaseTest {
  private static final long LONG = 60_000;
  private static final int CLIENTS = 500;
  private static final String RULE = "{pool=\"test\",rule=\"k*\"}";

  private final RealRedis redis = RealRedis.start();
  private final RawClient direct = redis.connect();
  private final List<RawClient> clients = new ArrayList<>();
  private TestProxy proxy = start(LONG, 10_000);

  private TestProxy start(long leaseMillis, int waiters) {
    return new TestProxy.Builder()
        .workers(2)
        .timeoutMillis(30_000)
        .with(CacheSettings.RULES, List.of(Rules.lease("k*", LONG, leaseMillis)))
        .with(CacheSettings.LEASE_WAITERS, waiters)
        .node(redis.port())
        .start();
  }

  private void restart(long leaseMillis, int waiters) {
    proxy.close();
    proxy = start(leaseMillis, waiters);
  }

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    proxy.close();
    direct.close();
    redis.close();
  }

  private RawClient connect() {
    RawClient client = proxy.connect();
    clients.add(client);
    return client;
  }

  /** So many that wait, once one has been told to load. */
  private List<RawClient> waiters(int count) {
    double before = proxy.metric("cashew_cache_lease_waits_total" + RULE);
    List<RawClient> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RawClient client = connect();
      client.write(RawClient.request("GET", "k"));
      waiters.add(client);
    }
    Await.until(
        "all wait", () -> proxy.metric("cashew_cache_lease_waits_total" + RULE) == before + count);
    return waiters;
  }

  @Test
  void oneLoadsAndAllOthersHaveWhatItWrites() {
    RawClient loader = connect();
    assertNull(loader.send("GET", "k"));
    List<RawClient> waiters = waiters(50);
    loader.send("SET", "k", "v");
    waiters.forEach(each -> assertEquals("v", each.read()));
    assertEquals("v", loader.send("GET", "k"));
  }

  @Test
  void ofThoseThatAskAtOnceOneLoads() {
    redis.freeze();
    List<RawClient> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(connect());
      all.get(i).write(RawClient.request("GET", "k"));
    }
    Await.until(
        "all have asked", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") == 20);
    redis.thaw();
    Await.until(
        "all others wait", () -> proxy.metric("cashew_cache_lease_waits_total" + RULE) == 19);
    direct.send("SET", "k", "v");
    long nils = all.stream().map(RawClient::read).filter(reply -> reply == null).count();
    assertEquals(1, nils);
  }

  /** Each loads what it is told is not there, for as long as a database takes. */
  @Test
  void ofFiveHundredClientsOneLoadsWhenAKeyExpires() throws InterruptedException {
    AtomicInteger loads = new AtomicInteger();
    AtomicInteger loaded = new AtomicInteger();
    CountDownLatch ready = new CountDownLatch(CLIENTS);
    List<RawClient> all = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      all.add(connect());
    }
    direct.send("SET", "k", "old", "PX", "2000");
    List<Thread> threads = new ArrayList<>();
    for (RawClient each : all) {
      Thread thread =
          new Thread(
              () -> {
                ready.countDown();
                Object value = "old";
                while ("old".equals(value)) {
                  value = each.send("GET", "k");
                }
                if (value == null) {
                  loads.incrementAndGet();
                  LockSupport.parkNanos(50_000_000);
                  each.send("SET", "k", "new");
                  value = each.send("GET", "k");
                }
                loaded.addAndGet("new".equals(value) ? 1 : 0);
              });
      threads.add(thread);
      thread.start();
    }
    Await.open(ready);
    Await.end(threads);
    assertEquals(CLIENTS, loaded.get());
    assertEquals(1, loads.get());
  }

  @Test
  void whatOthersWriteAtTheServerWakesThem() {
    connect().send("GET", "k");
    List<RawClient> waiters = waiters(4);
    direct.send("SET", "k", "v");
    waiters.forEach(each -> assertEquals("v", each.read()));
  }

  @Test
  void whatIsWrittenWhileTheServerIsNotHeardWakesThemWhenItIs() {
    connect().send("GET", "k");
    List<RawClient> waiters = waiters(4);
    // In one turn of its loop: it tells nobody of the write, since nobody listens any more.
    direct.send("MULTI");
    direct.send("CLIENT", "KILL", "TYPE", "normal");
    direct.send("SET", "k", "v");
    direct.send("EXEC");
    waiters.forEach(each -> assertEquals("v", each.read()));
  }

  @Test
  void aLoaderThatLeavesFreesTheNext() {
    RawClient loader = connect();
    loader.send("GET", "k");
    List<RawClient> waiters = waiters(2);
    loader.close();
    Await.until("one of them loads", () -> inFlight() == 1);
    direct.send("SET", "k", "v");
    List<Object> replies = new ArrayList<>();
    waiters.forEach(each -> replies.add(String.valueOf(each.read())));
    replies.sort(null);
    assertEquals(List.of("null", "v"), replies);
  }

  private double inFlight() {
    return proxy.metric("cashew_requests_in_flight{pool=\"test\"}");
  }

  @Test
  void deletionDoesNotEndALease() {
    RawClient loader = connect();
    loader.send("GET", "k");
    List<RawClient> waiters = waiters(2);
    connect().send("DEL", "k");
    direct.send("SET", "k", "gone", "PX", "1");
    loader.send("SET", "k", "v");
    waiters.forEach(RawClient::read);
  }

  @Test
  void itEndsWithItsTime() {
    restart(300, 10_000);
    RawClient loader = connect();
    assertNull(loader.send("GET", "k"));
    RawClient waiter = connect();
    assertNull(waiter.send("GET", "k"));
    assertNull(connect().send("GET", "k"));
  }

  @Test
  void theLoadersOwnSecondReadIsNil() {
    RawClient loader = connect();
    assertNull(loader.send("GET", "k"));
    assertNull(loader.send("GET", "k"));
  }

  @Test
  void aWaiterThatSaysMoreAboutTheKeyWaitsNoLonger() {
    connect().send("GET", "k");
    RawClient waiter = waiters(1).get(0);
    waiter.write(RawClient.request("SET", "k", "mine"));
    assertNull(waiter.read());
    assertEquals("OK", waiter.read());
    assertEquals("mine", waiter.send("GET", "k"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MULTI", "WATCH k", "WATCH other", "UNWATCH"})
  void aWaiterThatBeginsATransactionWaitsNoLonger(String request) {
    connect().send("GET", "k");
    RawClient waiter = waiters(1).get(0);
    waiter.write(RawClient.request(request.split(" ")));
    assertNull(waiter.read());
    assertEquals("OK", waiter.read());
  }

  @Test
  void otherKeysOfAWaiterAreNotHeldUp() {
    connect().send("GET", "k");
    RawClient waiter = waiters(1).get(0);
    waiter.write(RawClient.request("SET", "other", "done"));
    Await.until("it is executed", () -> "done".equals(direct.send("GET", "other")));
    direct.send("SET", "k", "v");
    assertEquals("v", waiter.read());
    assertEquals("OK", waiter.read());
  }

  @Test
  void aboveTheLimitOfWaitersNilIsGivenAtOnce() {
    restart(LONG, 3);
    connect().send("GET", "k");
    waiters(3);
    assertNull(connect().send("GET", "k"));
  }

  @Test
  void waitersThatLeaveMakeRoomForOthers() {
    restart(LONG, 2);
    connect().send("GET", "k");
    waiters(2).forEach(RawClient::reset);
    Await.until("they have left", () -> proxy.metric("cashew_clients{pool=\"test\"}") == 1);
    List<RawClient> waiters = waiters(2);
    direct.send("SET", "k", "v");
    waiters.forEach(each -> assertEquals("v", each.read()));
  }
}
