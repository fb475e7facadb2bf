package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.topology.SentinelVotes.Outcome;
import io.cashew.proxy.topology.SentinelVotes.Told;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whom most of all Sentinels name. */
final class SentinelVotesTest {
  private final SentinelVotes votes = new SentinelVotes(List.of("s1:1", "s2:1", "s3:1"));

  private static Outcome most(String primary, int votes, int answering, int all) {
    return new Outcome(Optional.of(primary), votes, answering, all);
  }

  private static Outcome noMost(int votes, int answering, int all) {
    return new Outcome(Optional.empty(), votes, answering, all);
  }

  private static void answers(
      SentinelVotes votes, String address, String id, String primary, Told... others) {
    votes.is(address, id);
    votes.names(address, primary);
    votes.tells(address, List.of(others));
  }

  private static Told told(String id) {
    return new Told(id, "10.0.0." + id.substring(1) + ":26379");
  }

  @Test
  void twoOfThreeAreMost() {
    votes.names("s1:1", "a");
    assertEquals(noMost(1, 1, 3), votes.outcome());
    votes.names("s2:1", "a");
    assertEquals(most("a", 2, 2, 3), votes.outcome());
  }

  @Test
  void oneThatLiesMovesNothing() {
    votes.names("s1:1", "a");
    votes.names("s2:1", "a");
    votes.names("s3:1", "b");
    assertEquals(most("a", 2, 3, 3), votes.outcome());
    assertFalse(votes.outcome().isUndisputed());
    votes.isSilent("s3:1");
    assertTrue(votes.outcome().isUndisputed());
    votes.namesNobody("s3:1");
    assertFalse(votes.outcome().isUndisputed());
  }

  @Test
  void oneThatIsLeftProvesNothing() {
    votes.names("s1:1", "a");
    votes.names("s2:1", "a");
    votes.isSilent("s1:1");
    assertEquals(noMost(1, 1, 3), votes.outcome());
    assertFalse(votes.outcome().mostAnswer());
  }

  @Test
  void threeThatDisagreeProveNothing() {
    votes.names("s1:1", "a");
    votes.names("s2:1", "b");
    votes.namesNobody("s3:1");
    assertEquals(noMost(1, 3, 3), votes.outcome());
    assertTrue(votes.outcome().mostAnswer());
  }

  @Test
  void whoIsLearntCountsWhetherItAnswersOrNot() {
    SentinelVotes one = new SentinelVotes(List.of("s1:1"));
    answers(one, "s1:1", "i1", "a", told("i2"), told("i3"));
    assertEquals(noMost(1, 1, 3), one.outcome());
    assertEquals(List.of("s1:1", "10.0.0.2:26379", "10.0.0.3:26379"), one.addresses());
    answers(one, "10.0.0.2:26379", "i2", "a", told("i1"), told("i3"));
    assertEquals(most("a", 2, 2, 3), one.outcome());
  }

  @Test
  void twoAddressesOfOneSentinelCountOnce() {
    SentinelVotes two = new SentinelVotes(List.of("s1:1", "alias:1", "s2:1"));
    answers(two, "s1:1", "i1", "b", told("i2"), told("i3"));
    answers(two, "alias:1", "i1", "b", told("i2"), told("i3"));
    assertEquals(noMost(1, 1, 3), two.outcome());
    answers(two, "s2:1", "i2", "a", told("i1"), told("i3"));
    answers(two, "10.0.0.3:26379", "i3", "a");
    assertEquals(most("a", 2, 3, 3), two.outcome());
  }

  @Test
  void aConfiguredOneThatNeverAnsweredIsOneOfThoseThatAreLearnt() {
    answers(votes, "s1:1", "i1", "a", told("i2"), told("i3"));
    answers(votes, "s2:1", "i2", "a", told("i1"), told("i3"));
    assertEquals(most("a", 2, 2, 3), votes.outcome());
  }

  @Test
  void aConfiguredOneBeyondThoseThatAreLearntCounts() {
    SentinelVotes four = new SentinelVotes(List.of("s1:1", "s2:1", "s3:1", "s4:1"));
    answers(four, "s1:1", "i1", "a", told("i2"));
    answers(four, "s2:1", "i2", "a", told("i1"));
    assertEquals(noMost(2, 2, 4), four.outcome());
  }

  @Test
  void sentinelsThatOneMakesUpDoNotCount() {
    Told[] madeUp = IntStream.range(10, 60).mapToObj(i -> told("f" + i)).toArray(Told[]::new);
    answers(votes, "s1:1", "i1", "liar", madeUp);
    for (Told each : madeUp) { // and each of them supports it
      answers(votes, each.address(), each.id(), "liar", madeUp);
    }
    answers(votes, "s2:1", "i2", "a", told("i1"), told("i3"));
    answers(votes, "s3:1", "i3", "a", told("i1"), told("i2"));
    assertEquals(most("a", 2, 3, 3), votes.outcome());
    assertEquals(List.of("s1:1", "s2:1", "s3:1"), votes.addresses());
  }

  @Test
  void thoseThatAreToldOfAreBounded() {
    SentinelVotes one = new SentinelVotes(List.of("s1:1"));
    one.tells("s1:1", IntStream.range(0, 10_000).mapToObj(i -> told("f" + i)).toList());
    assertEquals(1 + SentinelVotes.MOST, one.addresses().size());
  }

  @Test
  void anOlderSentinelIsKnownByTheAddressThatOthersTell() {
    SentinelVotes two = new SentinelVotes(List.of("10.0.0.1:26379", "10.0.0.2:26379"));
    two.names("10.0.0.1:26379", "a");
    two.tells("10.0.0.1:26379", List.of(told("i2")));
    two.names("10.0.0.2:26379", "a");
    two.tells("10.0.0.2:26379", List.of(told("i1")));
    assertEquals(most("a", 2, 2, 2), two.outcome());
  }

  @Test
  void aNameThatMostDoNotKnowIsUnknown() {
    votes.namesNobody("s1:1");
    assertFalse(votes.isUnknown());
    votes.namesNobody("s2:1");
    assertTrue(votes.isUnknown());
    votes.names("s2:1", "a");
    assertFalse(votes.isUnknown());
  }
}
