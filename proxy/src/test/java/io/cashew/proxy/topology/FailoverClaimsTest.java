package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.topology.FailoverClaims.Saying;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which Sentinel is believed that says that it replaces a primary, and for how long. */
final class FailoverClaimsTest {
  private static final String FORMER = "10.0.0.1:6379";
  private static final String NEXT = "10.0.0.2:6379";

  private final FailoverClaims claims = new FailoverClaims();

  /** As clocks do, it begins anywhere, and may pass the greatest number. */
  private long nowNanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5);

  private void pass(long millis) {
    nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void say(Saying... sayings) {
    claims.look(List.of(sayings), nowNanos);
  }

  private static Saying one(boolean replaces, String names) {
    return new Saying("s1:1", replaces, Optional.of(names));
  }

  private static Saying other(boolean replaces, String names) {
    return new Saying("s2:1", replaces, Optional.of(names));
  }

  private boolean isBelieved() {
    return claims.against(FORMER).isPresent();
  }

  @Test
  void oneThatReplacesIsBelievedUntilItGivesUp() {
    say(one(false, FORMER), other(false, FORMER));
    assertEquals(Optional.empty(), claims.against(FORMER));
    say(one(true, FORMER), other(false, FORMER));
    assertEquals(Optional.of("s1:1"), claims.against(FORMER));
    assertEquals(Optional.empty(), claims.against(NEXT));
    say(one(false, FORMER), other(false, FORMER));
    assertEquals(Optional.empty(), claims.against(FORMER));
  }

  @Test
  void oneThatHasReplacedItAndNamesTheNextIsBelievedUntilOthersDo() {
    say(one(true, FORMER));
    say(one(true, NEXT));
    assertTrue(isBelieved());
    say(one(false, NEXT));
    assertTrue(isBelieved(), "the others name the former still");
    claims.isReplaced(FORMER);
    say(one(false, NEXT));
    assertEquals(Optional.empty(), claims.against(FORMER));
    assertEquals(Optional.empty(), claims.against(NEXT));
  }

  @Test
  void oneThatGoesOnWithTheReplicasOfTheNextClaimsNothingAnyMore() {
    say(one(true, FORMER));
    claims.isReplaced(FORMER);
    say(one(true, NEXT));
    assertEquals(Optional.empty(), claims.against(NEXT));
  }

  @Test
  void oneThatDoesNotAnswerClaimsNothing() {
    say(one(true, FORMER));
    say(new Saying("s1:1", false, Optional.empty()));
    assertEquals(Optional.empty(), claims.against(FORMER));
    say(new Saying("s1:1", true, Optional.empty()));
    assertEquals(Optional.empty(), claims.against(FORMER));
  }

  @Test
  void oneThatOnlyNamesAnotherClaimsNothing() {
    say(one(false, FORMER));
    say(one(false, NEXT));
    assertEquals(Optional.empty(), claims.against(FORMER));
  }

  @Test
  void oneThatGoesOnAndOnIsBelievedForItsCreditOnly() {
    say(one(true, FORMER));
    pass(FailoverClaims.CREDIT_MILLIS - 1);
    say(one(true, FORMER));
    assertTrue(isBelieved());
    pass(1);
    say(one(true, FORMER));
    assertEquals(Optional.empty(), claims.against(FORMER));
    pass(TimeUnit.HOURS.toMillis(1));
    say(one(true, FORMER));
    assertEquals(Optional.empty(), claims.against(FORMER), "it is the same claim");
  }

  @Test
  void oneThatClaimsAgainAndAgainIsBelievedForASmallShareOfTheTime() {
    long believedMillis = 0;
    long hour = TimeUnit.HOURS.toMillis(1);
    for (long past = 0; past < hour; past += 50) {
      say(one(past % 1000 != 0, past % 3000 == 0 ? NEXT : FORMER));
      believedMillis += isBelieved() ? 50 : 0;
      pass(50);
    }
    long share = FailoverClaims.CREDIT_MILLIS + hour / FailoverClaims.EARNS_IN;
    assertTrue(believedMillis <= share, believedMillis + " ms");
    assertTrue(believedMillis >= share / 2, "it earns some: " + believedMillis + " ms");
  }

  @Test
  void oneThatHasToldTheTruthHasItsCreditBack() {
    say(one(true, FORMER));
    pass(FailoverClaims.CREDIT_MILLIS - 1);
    say(one(true, FORMER));
    claims.isReplaced(FORMER);
    say(one(false, NEXT));
    say(one(true, NEXT));
    pass(FailoverClaims.CREDIT_MILLIS - 1);
    say(one(true, NEXT));
    assertTrue(claims.against(NEXT).isPresent());
  }

  @Test
  void whatOneHasUsedUpAnotherHas() {
    say(one(true, FORMER), other(false, FORMER));
    pass(FailoverClaims.CREDIT_MILLIS);
    say(one(true, FORMER), other(false, FORMER));
    assertEquals(Optional.empty(), claims.against(FORMER));
    say(one(true, FORMER), other(true, FORMER));
    assertEquals(Optional.of("s2:1"), claims.against(FORMER));
  }

  @Test
  void noTruthIsToldOfAnotherServer() {
    say(one(true, FORMER));
    pass(FailoverClaims.CREDIT_MILLIS);
    say(one(true, FORMER));
    claims.isReplaced("10.0.0.3:6379");
    say(one(false, FORMER));
    say(one(true, FORMER));
    assertEquals(Optional.empty(), claims.against(FORMER));
  }
}
