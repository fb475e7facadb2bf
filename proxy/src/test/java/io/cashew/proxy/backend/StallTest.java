package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StallTest {
  private static final long MOST_MILLIS = 200;

  private final VirtualWorker worker = new VirtualWorker();
  private final List<Boolean> reading = new ArrayList<>();
  private final Stall stall = new Stall(worker.worker(), reading::add);
  private final List<String> told = new ArrayList<>();
  private final Receiver receiver = new Receiver();

  private final class Receiver extends InFlight {
    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {}

    @Override
    public void onFailure(NodeFailure failure) {}

    @Override
    public void onStallTimeout() {
      told.add("time-out");
    }

    @Override
    public void onStalledTick() {
      told.add("tick");
    }
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private boolean tick() {
    worker.advance(100);
    return worker.on(() -> stall.onTick(worker.worker().tickMillis(), MOST_MILLIS));
  }

  @Test
  void aConnectionThatIsReadFromDoesNotStandStill() {
    assertFalse(tick());
    assertEquals(List.of(), reading);
  }

  @Test
  void itStandsStillUntilTheReceiverThatStalledItCanTakeMore() {
    worker.run(() -> stall.begin(receiver));
    assertEquals(List.of(false), reading);
    assertTrue(tick());
    stall.end(new Receiver());
    assertEquals(List.of(false), reading, "another was never waited for");
    stall.end(receiver);
    assertEquals(List.of(false, true), reading);
    assertEquals(List.of("tick"), told);
    assertFalse(tick());
  }

  @Test
  void aReceiverThatTakesNothingForTooLongGivesUp() {
    worker.run(() -> stall.begin(receiver));
    assertTrue(tick());
    worker.run(() -> stall.begin(receiver)); // its time does not begin anew
    assertTrue(tick());
    assertTrue(tick());
    assertEquals(List.of("tick", "tick", "time-out"), told);
    assertEquals(List.of(false, true), reading);
    assertFalse(tick());
  }

  @Test
  void aConnectionThatHasEndedIsNotReadFrom() {
    worker.run(() -> stall.begin(receiver));
    stall.forget();
    stall.end(receiver);
    assertEquals(List.of(false), reading);
  }
}
