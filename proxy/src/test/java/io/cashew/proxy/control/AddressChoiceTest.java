package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class AddressChoiceTest {
  private static final InetAddress A = at("192.0.2.1");
  private static final InetAddress B = at("192.0.2.2");
  private static final InetAddress C = at("192.0.2.3");
  private static final long LATER = TimeUnit.MILLISECONDS.toNanos(AddressChoice.REST_MILLIS);

  private final AddressChoice choice = new AddressChoice();

  private static InetAddress at(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private InetAddress fails(InetAddress current, long nowNanos) {
    choice.failed(current, nowNanos);
    return choice.choose(current, false, nowNanos);
  }

  @Test
  void theBestIsFirst() {
    choice.found(List.of(B, A));
    assertEquals(B, choice.choose(null, true, 0));
  }

  @Test
  void whatServesIsKeptWhileTheNameHasIt() {
    choice.found(List.of(A, B));
    assertEquals(B, choice.choose(B, true, 0));
    choice.found(List.of(A, C));
    assertEquals(A, choice.choose(B, true, 0));
  }

  @Test
  void eachIsTriedOnceAndThenOnlyAfterARest() {
    choice.found(List.of(A, B, C));
    assertEquals(B, fails(A, 0));
    assertEquals(C, fails(B, 1));
    assertEquals(C, fails(C, 2));
    assertEquals(C, fails(C, LATER - 1));
    assertEquals(A, fails(C, LATER));
    assertEquals(B, fails(A, LATER + 1));
    assertEquals(B, fails(B, LATER + 2));
  }

  @Test
  void theOnlyOneIsKeptHoweverOftenItFails() {
    choice.found(List.of(A));
    assertEquals(A, fails(A, 0));
    assertEquals(A, fails(A, LATER));
  }

  /** Who asks a server who is primary, and who sends it requests, mean the same one. */
  @Test
  void whoComesNewUsesWhatTheOthersDo() {
    choice.found(List.of(A, B));
    assertEquals(B, fails(A, 0));
    choice.found(List.of(A, B));
    assertEquals(B, choice.choose(null, true, 2 * LATER));
    choice.failed(B, 2 * LATER);
    assertEquals(A, choice.choose(null, true, 2 * LATER));
  }

  @Test
  void severalAreToldOfOnceAndWhenTheyAreOneAgain() {
    assertFalse(choice.found(List.of(A)));
    assertTrue(choice.found(List.of(A, B)));
    assertFalse(choice.found(List.of(B, C)));
    choice.forget();
    assertTrue(choice.found(List.of(B, C)));
    assertTrue(choice.found(List.of(C)));
    assertFalse(choice.found(List.of(A)));
  }

  @Test
  void aMachineOfTwoFamiliesIsOneServer() {
    assertFalse(AddressChoice.isSeveral(List.of(A, at("2001:db8::1"))));
    assertTrue(AddressChoice.isSeveral(List.of(A, B, at("2001:db8::1"))));
  }
}
