package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.testing.Await;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NamedAddressTest {
  private static final long BOUND = TimeUnit.SECONDS.toNanos(1);

  private final AtomicInteger lookUps = new AtomicInteger();
  private final AtomicInteger moves = new AtomicInteger();
  private final Names names = Names.of(this::lookUp, moves::incrementAndGet);
  private volatile List<String> found = List.of("192.0.2.1");
  private volatile CountDownLatch answer = new CountDownLatch(0);
  private final NamedAddress address =
      new NamedAddress(new Address.Tcp("db.example", 6379), names, null);

  @AfterEach
  void stop() {
    answer.countDown();
    names.threads().shutdownNow();
  }

  private InetAddress[] lookUp(String name) throws UnknownHostException {
    lookUps.incrementAndGet();
    try {
      answer.await();
    } catch (InterruptedException e) {
      throw new UnknownHostException("interrupted");
    }
    if (found.isEmpty()) {
      throw new UnknownHostException(name);
    }
    InetAddress[] all = new InetAddress[found.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = InetAddress.getByName(found.get(i));
    }
    return all;
  }

  private static InetSocketAddress at(String text) {
    return new InetSocketAddress(text, 6379);
  }

  private void lookUpAgain() {
    CountDownLatch done = new CountDownLatch(1);
    address.refresh();
    address.whenLookedUp(done::countDown);
    Await.until("it is looked up", () -> done.getCount() == 0);
  }

  @Test
  void theFirstAddressThatIsFoundIsItsHome() {
    assertNull(address.current());
    found = List.of();
    assertFalse(address.lookUp());
    assertNull(address.current());
    found = List.of("192.0.2.1", "192.0.2.2");
    assertFalse(address.lookUp());
    assertEquals(at("192.0.2.1"), address.current());
    assertEquals(at("192.0.2.1"), address.home());
    assertFalse(address.moved());
  }

  @Test
  void anAddressThatTheNameStillHasIsKept() {
    address.lookUp();
    found = List.of("192.0.2.2", "192.0.2.1");
    lookUpAgain();
    assertEquals(at("192.0.2.1"), address.current());
    assertEquals(0, moves.get());
  }

  @Test
  void anAddressThatTheNameNoLongerHasIsLeft() {
    address.lookUp();
    found = List.of("192.0.2.2", "192.0.2.3");
    lookUpAgain();
    assertEquals(at("192.0.2.2"), address.current());
    assertEquals(at("192.0.2.1"), address.home());
    assertTrue(address.moved());
    Await.until("it is told", () -> moves.get() == 1);
  }

  /** Connections may have been made where it was meanwhile: only another node has none there. */
  @Test
  void aNameThatIsBackHasMovedAllTheSame() {
    address.lookUp();
    found = List.of("192.0.2.2");
    lookUpAgain();
    found = List.of("192.0.2.1");
    lookUpAgain();
    assertEquals(at("192.0.2.1"), address.current());
    assertTrue(address.moved());
  }

  @Test
  void theLastAddressIsKeptWhileTheNameHasNone() {
    address.lookUp();
    found = List.of();
    lookUpAgain();
    assertEquals(at("192.0.2.1"), address.current());
    assertFalse(address.moved());
  }

  @Test
  void whatIsAskedWhileALookUpRunsIsAnsweredByOneMoreHoweverOftenItIsAsked() {
    answer = new CountDownLatch(1);
    address.refresh();
    Await.until("it runs", () -> lookUps.get() == 1);
    for (int i = 0; i < 100; i++) {
      address.refresh();
    }
    CountDownLatch done = new CountDownLatch(1);
    address.whenLookedUp(done::countDown);
    assertEquals(1, done.getCount());
    answer.countDown();
    Await.until("all have ended", () -> done.getCount() == 0);
    assertEquals(2, lookUps.get());
  }

  @Test
  void anAnswerIsWaitedForUpToTheBound() {
    long before = System.nanoTime();
    assertFalse(address.lookedUpNow(before, BOUND));
    answer = new CountDownLatch(1);
    address.refresh();
    assertTrue(address.lookedUpNow(before, BOUND));
    assertFalse(address.lookedUpNow(System.nanoTime() + BOUND, BOUND));
    answer.countDown();
    Await.until("it has ended", () -> !address.lookedUpNow(before, BOUND));
  }

  @Test
  void whoWaitsForNothingIsToldAtOnce() {
    CountDownLatch done = new CountDownLatch(1);
    address.whenLookedUp(done::countDown);
    assertEquals(0, done.getCount());
  }
}
