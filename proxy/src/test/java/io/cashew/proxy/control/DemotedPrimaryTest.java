package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.testing.ManualControl;
import io.cashew.proxy.topology.Asking;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.SentinelMaster;
import io.cashew.proxy.topology.Sentinels;
import io.cashew.proxy.topology.ServerId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How long writes may go to a server that most Sentinels do not name any more: half a second, from
 * the moment that they name another until each worker has gone over; when they wait before that;
 * and from when on they may go to one that has taken none for a while. Time is the test's.
 */
final class DemotedPrimaryTest {
  private static final long LAW_MILLIS = 500;
  private static final String SENTINEL = "10.0.0.9:26379";
  private static final String FORMER = "10.0.0.1:6379";
  private static final String NEXT = "10.0.0.2:6379";

  private final ManualControl control = new ManualControl();
  private final Map<String, String> roles = new HashMap<>(Map.of(FORMER, "master", NEXT, "slave"));
  private final List<Optional<String>> found = new ArrayList<>();
  private final List<Optional<String>> doubts = new ArrayList<>();
  private boolean isBeingReplaced;
  private String named = FORMER;
  private String flags = "master";
  private final SentinelMaster master = watch();

  private SentinelMaster watch() {
    Asking asking = (address, listener) -> new Answering(address);
    return new SentinelMaster(
        "node 'n'", "main", new Sentinels(List.of(SENTINEL), asking, control), asking, control);
  }

  /** Everybody answers at once. */
  private final class Answering implements Asking.Connection {
    private final String address;

    Answering(String address) {
      this.address = address;
    }

    @Override
    public void ask(List<byte[]> requests, Consumer<@Nullable List<ReplyValue>> replies) {
      List<ReplyValue> answers =
          requests.stream()
              .map(request -> answer(new String(request, StandardCharsets.ISO_8859_1)))
              .toList();
      control.execute(() -> replies.accept(answers));
    }

    private ReplyValue answer(String request) {
      if (request.contains("ROLE")) {
        String role = roles.getOrDefault(address, "");
        return role.equals("master")
            ? ReplyValue.array(
                List.of(text("master"), ReplyValue.integer(0), ReplyValue.array(List.of())))
            : array("slave", "10.0.0.1", "6379", "connected", "0");
      }
      if (request.contains("\r\nMASTER\r\n")) {
        return array("flags", flags);
      }
      int colon = named.indexOf(':');
      return request.contains("GET-MASTER-ADDR")
          ? array(named.substring(0, colon), named.substring(colon + 1))
          : request.contains("MYID") ? text("f".repeat(40)) : ReplyValue.array(List.of());
    }

    @Override
    public void close() {}
  }

  private static ReplyValue text(String text) {
    return new ReplyValue('$', text, List.of(), false);
  }

  private static ReplyValue array(String... texts) {
    return ReplyValue.array(List.of(texts).stream().map(DemotedPrimaryTest::text).toList());
  }

  @BeforeEach
  void theFormerIsPrimary() {
    master.start(
        now -> {
          isBeingReplaced = now.isBeingReplaced();
          if (found.isEmpty() || !found.get(found.size() - 1).equals(now.primary())) {
            found.add(now.primary());
          }
        });
    control.pass(0);
    assertEquals(List.of(Optional.of(FORMER)), found);
    named = NEXT;
    master.hint(new Hint.Lost(new ServerId(FORMER, 0))); // the Sentinels are asked at once
  }

  /** Passes time until something else is found. @return how much */
  private long untilAnother() {
    long millis = 0;
    while (found.size() == 1 && millis < 10 * LAW_MILLIS) {
      control.pass(1);
      millis++;
    }
    return millis;
  }

  @Test
  void aServerThatConfirmsIsGoneOverToWithinTheBound() {
    roles.put(NEXT, "master");
    long millis = untilAnother();
    assertEquals(List.of(Optional.of(FORMER), Optional.of(NEXT)), found);
    assertTrue(millis + PoolChanges.PREPARE_PUBLISHED_MILLIS <= LAW_MILLIS, "" + millis);
  }

  @Test
  void whileNobodyConfirmsNobodyTakesWritesWithinTheBound() {
    long millis = untilAnother();
    assertEquals(List.of(Optional.of(FORMER), Optional.<String>empty()), found);
    assertTrue(millis + PoolChanges.PREPARE_PUBLISHED_MILLIS <= LAW_MILLIS, "" + millis);
    roles.put(NEXT, "master");
    control.pass(2_000);
    assertEquals(Optional.of(NEXT), found.get(found.size() - 1));
  }

  @Test
  void theFormerStaysIfTheSentinelsNameItAgainInTime() {
    control.pass(100);
    named = FORMER;
    master.hint(new Hint.Lost(new ServerId(FORMER, 0)));
    control.pass(1_000);
    assertEquals(List.of(Optional.of(FORMER)), found);
  }

  /** The Sentinel names the former again, and says so. */
  private void begin(String failover) {
    named = FORMER;
    flags = failover;
    control.pass(2_000);
  }

  private Optional<String> last() {
    return found.get(found.size() - 1);
  }

  @Test
  void whatMayWriteWaitsWhileAFailoverThatWasAskedForIsUnderWay() {
    begin("master");
    assertFalse(isBeingReplaced);
    begin("master,failover_in_progress,force_failover");
    assertTrue(isBeingReplaced);
    assertEquals(Optional.of(FORMER), last());
    named = NEXT;
    control.pass(1);
    assertTrue(isBeingReplaced);
    flags = "master";
    roles.put(NEXT, "master");
    control.pass(2_000);
    assertEquals(Optional.of(NEXT), last());
    assertFalse(isBeingReplaced);
  }

  @Test
  void whatMayWriteGoesOnWhenAFailoverIsGivenUp() {
    begin("master,failover_in_progress,force_failover");
    assertTrue(isBeingReplaced);
    begin("master");
    assertFalse(isBeingReplaced);
    assertEquals(Optional.of(FORMER), last());
  }

  @Test
  void aSentinelThatAsksTheOthersWhetherItMayReplaceHoldsUpNothing() {
    begin("s_down,o_down,master,failover_in_progress");
    assertFalse(isBeingReplaced);
  }

  @Test
  void whatMayWriteWaitsWhileMostNameAServerThatHasNotConfirmedIt() {
    begin("master");
    named = NEXT;
    for (int i = 0; i < 2000 && !isBeingReplaced; i++) {
      control.pass(1);
    }
    assertTrue(isBeingReplaced);
    assertEquals(Optional.of(FORMER), last());
  }

  private void settle() {
    named = FORMER;
    control.pass(2_000);
    flags = "master,failover_in_progress";
    master.settle(doubts::add);
  }

  @Test
  void whoIsPrimaryIsSettledWhenAFailoverHasEnded() {
    settle();
    control.pass(3_000);
    assertEquals(List.of(), doubts, "the former still says that it is primary");
    named = NEXT;
    roles.put(NEXT, "master");
    flags = "master";
    control.pass(2_000);
    assertEquals(List.of(Optional.<String>empty()), doubts);
    assertEquals(Optional.of(NEXT), found.get(found.size() - 1), "and said before");
  }

  @Test
  void itIsSettledWhenAFailoverIsGivenUp() {
    settle();
    control.pass(3_000);
    flags = "master";
    control.pass(2_000);
    assertEquals(List.of(Optional.<String>empty()), doubts);
    assertEquals(Optional.of(FORMER), found.get(found.size() - 1));
  }

  @Test
  void aFailoverThatDoesNotEndIsNamed() {
    settle();
    control.pass(9_000);
    assertEquals(List.of(), doubts);
    control.pass(1_000);
    assertEquals(1, doubts.size());
    String why = doubts.get(0).orElse("");
    assertTrue(why.contains(SENTINEL + " is replacing the primary of 'main'"), why);
  }

  @Test
  void aServerThatDoesNotSayThatItIsPrimaryIsNotSettled() {
    named = FORMER;
    control.pass(2_000);
    roles.put(FORMER, "slave");
    master.settle(doubts::add);
    control.pass(10_000);
    assertEquals(1, doubts.size());
    assertTrue(doubts.get(0).isPresent());
  }
}
