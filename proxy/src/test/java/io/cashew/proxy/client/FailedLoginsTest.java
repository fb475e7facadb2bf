package io.cashew.proxy.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FailedLoginsTest {
  private static final long SECOND = 1_000_000_000L;

  private final FailedLogins logins = new FailedLogins("test", 1000);
  private final SocketAddress one = at("10.0.0.1", 1);
  private final SocketAddress two = at("10.0.0.2", 1);
  private long nowNanos = System.nanoTime();

  private static SocketAddress at(String address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private long fail(@Nullable SocketAddress peer, int times) {
    long delay = 0;
    for (int i = 0; i < times; i++) {
      delay = logins.failed(peer, nowNanos);
    }
    return delay;
  }

  @Test
  void fewAreAnsweredAtOnceAndMoreLaterAndLater() {
    assertEquals(0, fail(one, FailedLogins.FREE));
    assertEquals(10, fail(one, 1));
    assertEquals(20, fail(one, 1));
    assertEquals(1000, fail(one, 1000));
    assertEquals(0, fail(two, 1));
  }

  @Test
  void portsOfAnAddressAreOneAndSoIsHalfOfAnAddressOfIpv6() {
    fail(one, FailedLogins.FREE);
    assertEquals(10, fail(at("10.0.0.1", 2), 1));
    fail(at("2001:db8::1", 1), FailedLogins.FREE);
    assertEquals(10, fail(at("2001:db8::2:1", 1), 1));
    assertEquals(0, fail(at("2001:db8:0:1::1", 1), 1));
  }

  @Test
  void rightPasswordsAreAnsweredAtOnceHoweverManyWereWrong() {
    fail(one, FailedLogins.FREE + FailedLogins.LATE_MAX - 1);
    assertEquals(0, logins.succeeded(one));
  }

  @Test
  void silenceDoesNotTellWhereMoreWaitThanWouldWithoutAnAttack() {
    fail(one, FailedLogins.FREE + FailedLogins.LATE_MAX);
    assertEquals(1000, logins.succeeded(one));
    assertEquals(0, logins.succeeded(two));
    logins.answered(one);
    logins.answered(one);
    assertEquals(0, logins.succeeded(one));
  }

  @Test
  void aMinuteWithoutAnyForgetsThem() {
    fail(one, 500);
    nowNanos += 61 * SECOND;
    assertEquals(0, fail(two, 1));
    assertEquals(1, logins.addresses());
    assertEquals(0, fail(one, 1));
    logins.answered(one); // what was kept back then
  }

  @Test
  void theTableIsBoundedAndForgetsTheOldest() {
    for (int i = 0; i < 2 * FailedLogins.ADDRESSES_MAX; i++) {
      fail(at("10.1." + (i >> 8) + "." + (i & 255), 1), 1);
    }
    assertTrue(logins.addresses() <= FailedLogins.ADDRESSES_MAX);
    fail(at("10.1.31.255", 1), FailedLogins.FREE - 1);
    assertEquals(10, fail(at("10.1.31.255", 1), 1));
  }

  @Test
  void aUnixSocketHasNoAddressAndZeroIsNever() {
    assertEquals(0, fail(UnixDomainSocketAddress.of("/tmp/x"), 1000));
    assertEquals(0, fail(null, 1000));
    FailedLogins off = new FailedLogins("test", 0);
    for (int i = 0; i < 1000; i++) {
      assertEquals(0, off.failed(one, nowNanos));
    }
    assertEquals(0, off.addresses());
  }
}
