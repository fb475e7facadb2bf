package io.cashew.hashing.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SlotsTest {
  /** The last slot of each node, as {@code redis-cli --cluster create} of Redis 7.0 prints them. */
  static Stream<Arguments> bordersOfRedisCli() {
    return Stream.of(
        Arguments.of(List.of(5460, 10922, 16383)),
        Arguments.of(List.of(3276, 6553, 9829, 13106, 16383)),
        Arguments.of(List.of(2730, 5460, 8191, 10922, 13652, 16383)),
        Arguments.of(List.of(2340, 4680, 7021, 9361, 11702, 14042, 16383)));
  }

  @ParameterizedTest
  @MethodSource("bordersOfRedisCli")
  void withoutRangesTheSplitIsThatOfRedisCli(List<Integer> lastSlots) {
    Distribution slots = create(Members.equal(lastSlots.size()));
    int first = 0;
    for (int node = 0; node < lastSlots.size(); node++) {
      assertEquals(node, slots.nodeFor(first));
      assertEquals(node, slots.nodeFor(lastSlots.get(node)));
      first = lastSlots.get(node) + 1;
    }
  }

  @Test
  void theEvenSplitIsEvenForEveryNumberOfNodes() {
    for (int count = 1; count <= 1_000; count++) {
      for (double share : create(Members.equal(count)).shares(count)) {
        double slots = share * 16384;
        assertTrue(Math.abs(slots - 16384.0 / count) < 2, () -> slots + " slots");
      }
    }
    for (double share : create(Members.equal(16384)).shares(16384)) {
      assertEquals(1, share * 16384, 1e-9);
    }
  }

  @Test
  void theEvenSplitGoesByIndexWhateverTheNamesAndTheOrderOfTheList() {
    Distribution slots =
        create(List.of(Members.withSlots(1, "a"), Members.withSlots(0, "a-longer-name")));
    assertEquals(0, slots.nodeFor(0));
    assertEquals(1, slots.nodeFor(16383));
  }

  @Test
  void onlyTheLowFourteenBitsOfTheHashCount() {
    Distribution slots = create(Members.equal(3));
    assertEquals(1, slots.nodeFor(0xffff_c000 | 5461));
    assertEquals(0, slots.nodeFor(0x8000_0000));
  }

  @Test
  void aNodeOwnsItsRanges() {
    Distribution slots =
        create(
            List.of(
                Members.withSlots(0, "a", new SlotRange(0, 99), new SlotRange(200, 16383)),
                Members.withSlots(1, "b", new SlotRange(100, 199)),
                Members.withSlots(2, "new-and-still-empty")));
    assertEquals(0, slots.nodeFor(99));
    assertEquals(1, slots.nodeFor(100));
    assertEquals(1, slots.nodeFor(199));
    assertEquals(0, slots.nodeFor(200));
    double[] shares = slots.shares(3);
    assertEquals(16284 / 16384.0, shares[0], 1e-12);
    assertEquals(100 / 16384.0, shares[1], 1e-12);
    assertEquals(0, shares[2]);
  }

  @ParameterizedTest
  @CsvSource({
    "foo,12182",
    "{user1000}.following,3443",
    "{user1000}.followers,3443",
    "user1000,3443",
    "foo{}{bar},8363",
    "foo{{bar}}zap,4015",
    "foo{bar}{zap},5061",
    "bar,5061"
  })
  void underCrc16AKeyIsInItsSlotOfRedisCluster(String key, int slot) {
    List<Member> oneForEachSlot = new ArrayList<>();
    for (int i = 0; i < SlotRange.SLOTS; i++) {
      oneForEachSlot.add(Members.withSlots(i, "node" + i, new SlotRange(i, i)));
    }
    KeyMapper mapper =
        new KeyMapper(
            HashFunctions.byName("crc16"),
            Optional.of(HashTag.of("{}")),
            create(oneForEachSlot),
            oneForEachSlot.size());
    byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
    assertEquals(slot, mapper.nodeFor(bytes, 0, bytes.length));
  }

  @Test
  void aSlotOfTwoNodesIsAnErrorThatNamesAllThree() {
    assertMessage(
        "slots: slot 100 belongs to 'a' and again to 'b': each slot has exactly one owner",
        Members.withSlots(0, "a", new SlotRange(0, 100)),
        Members.withSlots(1, "b", new SlotRange(100, 16383)));
  }

  @Test
  void aSlotThatANodeNamesTwiceIsAnError() {
    assertMessage(
        "slots: slot 5 belongs to 'a' and again to 'a': each slot has exactly one owner",
        Members.withSlots(0, "a", new SlotRange(0, 16383), new SlotRange(5, 5)));
  }

  @Test
  void slotsWithoutANodeAreAnErrorThatNamesTheFirstGap() {
    assertMessage(
        "slots: no node owns slots 101 to 199: all of 0 to 16383 need an owner",
        Members.withSlots(0, "a", new SlotRange(0, 100)),
        Members.withSlots(1, "b", new SlotRange(200, 300)));
    assertMessage(
        "slots: no node owns slots 301 to 16383: all of 0 to 16383 need an owner",
        Members.withSlots(0, "a", new SlotRange(0, 300)));
  }

  @Test
  void moreNodesThanSlotsAreAnError() {
    assertMessage(
        "slots: 16385 nodes, but there are only 16384 slots",
        Members.equal(16385).toArray(new Member[0]));
  }

  @ParameterizedTest
  @CsvSource({"-1,5", "0,16384", "7,6"})
  void rangesLieWithinTheSlots(int first, int last) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> new SlotRange(first, last));
    assertEquals(
        "a range of slots goes from a lower to a higher number within 0 to 16383: got %d to %d"
            .formatted(first, last),
        error.getMessage());
  }

  private static void assertMessage(String message, Member... members) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> create(Arrays.asList(members)));
    assertEquals(message, error.getMessage());
  }

  private static Distribution create(List<Member> members) {
    return Distributions.byName("slots").create(members, DistributionOptions.DEFAULT);
  }
}
