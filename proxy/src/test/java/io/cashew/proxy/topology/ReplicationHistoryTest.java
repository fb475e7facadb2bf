package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.topology.ReplicationHistory.Finding;
import io.cashew.proxy.topology.ReplicationHistory.Standing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is believed to be primary, where no Sentinel says so. */
final class ReplicationHistoryTest {
  private static final long SECOND = ReplicationHistory.LAG_MILLIS;

  private final ReplicationHistory history = new ReplicationHistory();
  private final Map<String, ReplicationState> answers = new LinkedHashMap<>();

  private static ReplicationState primary(String id, long offset) {
    return new ReplicationState(true, id, "", -1, offset, false);
  }

  private static ReplicationState successor(String id, String of, long tookOverAt, long offset) {
    return new ReplicationState(true, id, of, tookOverAt, offset, false);
  }

  private static ReplicationState replica(String id, long offset) {
    return new ReplicationState(false, id, "", -1, offset, true);
  }

  private static ReplicationState cutOff(String id, long offset) {
    return new ReplicationState(false, id, "", -1, offset, false);
  }

  private static Finding finding(String primary, Standing standing, String... others) {
    return new Finding(Optional.of(primary), standing, List.of(others));
  }

  private static Finding nobody(Standing standing, String... others) {
    return new Finding(Optional.empty(), standing, List.of(others));
  }

  private Finding judge(long atMillis) {
    return history.judge(answers, atMillis);
  }

  /** a is primary, b its replica, and both have been for three seconds. */
  private void aServes() {
    for (int i = 1; i <= 3; i++) {
      answers.put("a", primary("A", 100L * i));
      answers.put("b", replica("A", 100L * i));
      assertEquals(finding("a", Standing.SERVES), judge(i * SECOND));
    }
  }

  // ---------------------------------------------------------------- the first look

  @Test
  void whoSaysItAloneIsBelievedAtFirst() {
    answers.put("b", primary("B", 0));
    assertEquals(finding("b", Standing.SERVES), judge(0));
  }

  @Test
  void whoeverAnswersNotBeingPrimaryNobodyIs() {
    answers.put("a", cutOff("A", 1));
    assertEquals(nobody(Standing.NONE), judge(0));
    assertEquals(nobody(Standing.NONE), history.judge(Map.of(), 0));
  }

  @Test
  void anEmptyPrimaryIsNotBelievedAtFirstWhileReplicasHaveOtherData() {
    answers.put("a", primary("EMPTY", 0));
    answers.put("b", cutOff("A", 900));
    assertEquals(nobody(Standing.NONE, "a"), judge(0));
    answers.put("b", replica("EMPTY", 10)); // it has taken the data of the empty one
    assertEquals(finding("a", Standing.SERVES), judge(1));
  }

  @Test
  void ofTwoAtFirstThatIsBelievedWhichTookOverFromTheOther() {
    answers.put("a", primary("A", 500));
    answers.put("b", successor("B", "A", 300, 320));
    assertEquals(finding("b", Standing.TWO_PRIMARIES, "a"), judge(0));
  }

  @Test
  void ofTwoAtFirstThatIsBelievedWhichHasAReplica() {
    answers.put("a", primary("A", 500));
    answers.put("b", primary("B", 3));
    answers.put("c", replica("A", 500));
    assertEquals(finding("a", Standing.TWO_PRIMARIES, "b"), judge(0));
  }

  @Test
  void ofTwoStrangersNeitherIsBelieved() {
    answers.put("a", primary("A", 500));
    answers.put("b", primary("B", 600));
    assertEquals(nobody(Standing.TWO_PRIMARIES, "a", "b"), judge(0));
  }

  // ---------------------------------------------------------------- afterwards

  @Test
  void aReplicaThatTakesOverFromADeadPrimaryIsBelieved() {
    aServes();
    answers.remove("a");
    assertEquals(finding("a", Standing.SILENT), judge(4 * SECOND));
    answers.put("b", successor("B", "A", 301, 301));
    assertEquals(finding("b", Standing.SERVES), judge(5 * SECOND));
    answers.put("a", cutOff("A", 300)); // it comes back, and is made a replica
    assertEquals(finding("b", Standing.SERVES), judge(6 * SECOND));
  }

  @Test
  void whatTheFormerHadNotPassedOnWithinASecondIsNotAskedFor() {
    aServes(); // 300 in the end, 200 a second before
    answers.remove("a");
    answers.put("b", successor("B", "A", 220, 220));
    assertEquals(finding("b", Standing.SERVES), judge(4 * SECOND));
  }

  @Test
  void aReplicaThatWasFurtherBehindIsNotBelieved() {
    aServes();
    answers.remove("a");
    answers.put("b", successor("B", "A", 199, 199));
    assertEquals(finding("a", Standing.SILENT, "b"), judge(4 * SECOND));
  }

  @Test
  void anEmptyServerIsNotBelieved() {
    aServes();
    answers.remove("a");
    answers.put("b", primary("EMPTY", 0));
    assertEquals(finding("a", Standing.SILENT, "b"), judge(4 * SECOND));
  }

  @Test
  void aStrangerIsNotBelievedHoweverLongItsHistory() {
    aServes();
    answers.remove("a");
    answers.put("b", primary("STRANGER", 1L << 40));
    assertEquals(finding("a", Standing.SILENT, "b"), judge(4 * SECOND));
  }

  @Test
  void ofTwoPrimariesTheFormerStays() {
    aServes();
    answers.put("b", successor("B", "A", 301, 1000));
    assertEquals(finding("a", Standing.TWO_PRIMARIES, "b"), judge(4 * SECOND));
    assertEquals(finding("a", Standing.TWO_PRIMARIES, "b"), judge(5 * SECOND));
  }

  @Test
  void whenTheFormerFollowsTheOtherThatIsBelievedWhateverWasWrittenMeanwhile() {
    aServes();
    answers.put("b", successor("B", "A", 301, 301));
    answers.put("a", primary("A", 5000));
    assertEquals(finding("a", Standing.TWO_PRIMARIES, "b"), judge(4 * SECOND));
    assertEquals(finding("a", Standing.TWO_PRIMARIES, "b"), judge(6 * SECOND));
    answers.put("a", cutOff("A", 5000)); // REPLICAOF b, and it has not come to it yet
    assertEquals(nobody(Standing.NONE, "b"), judge(7 * SECOND));
    answers.put("a", replica("B", 305));
    assertEquals(finding("b", Standing.SERVES), judge(8 * SECOND));
  }

  @Test
  void aPlannedChangeIsFollowedAtOnce() {
    aServes();
    answers.put("a", cutOff("A", 310));
    answers.put("b", successor("B", "A", 311, 311));
    assertEquals(finding("b", Standing.SERVES), judge(3 * SECOND + 10));
  }

  @Test
  void whereNobodyIsPrimaryAnyMoreNobodyTakesWrites() {
    aServes();
    answers.put("a", cutOff("A", 310));
    assertEquals(nobody(Standing.NONE), judge(4 * SECOND));
    answers.put("a", successor("A2", "A", 311, 312)); // made primary again
    assertEquals(finding("a", Standing.SERVES), judge(5 * SECOND));
  }

  @Test
  void ofTwoThatTookOverThatIsBelievedWhichDidSoLater() {
    aServes();
    answers.remove("a");
    answers.put("b", successor("B", "A", 290, 4000));
    answers.put("c", successor("C", "A", 301, 302));
    assertEquals(finding("c", Standing.TWO_PRIMARIES, "b"), judge(4 * SECOND));
  }

  @Test
  void aPrimaryThatComesBackEmptyGivesWayToWhoHasItsData() {
    aServes();
    answers.put("a", primary("EMPTY", 0));
    assertEquals(finding("a", Standing.OTHER_DATA), judge(4 * SECOND));
    answers.put("b", successor("B", "A", 301, 301));
    assertEquals(finding("b", Standing.TWO_PRIMARIES, "a"), judge(5 * SECOND));
  }

  @Test
  void aPrimaryThatComesBackEmptyStaysWhereNobodyHasItsData() {
    aServes();
    answers.put("a", primary("EMPTY", 0));
    answers.put("b", replica("EMPTY", 0));
    assertEquals(finding("a", Standing.SERVES), judge(4 * SECOND));
    answers.remove("a");
    answers.put("b", successor("B", "EMPTY", 1, 1));
    assertEquals(finding("b", Standing.SERVES), judge(5 * SECOND));
  }
}
