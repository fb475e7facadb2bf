package io.cashew.proxy.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ReplyModeTest {
  private final ReplyMode mode = new ReplyMode();

  @Test
  void skipIsAboutTheNextRequestAlone() {
    mode.skipNext();
    assertFalse(mode.muted(), "CLIENT REPLY SKIP itself");
    mode.requestTaken();
    assertTrue(mode.muted());
    mode.requestTaken();
    assertFalse(mode.muted());
  }

  @Test
  void aRequestThatMustWaitIsStillTheNext() {
    mode.skipNext();
    mode.requestTaken();
    assertTrue(mode.muted());
    assertTrue(mode.muted(), "it comes again");
    mode.requestTaken();
    assertFalse(mode.muted());
  }

  @Test
  void offLastsUntilOn() {
    mode.off();
    mode.requestTaken();
    mode.requestTaken();
    assertTrue(mode.muted());
    mode.on();
    assertFalse(mode.muted());
  }

  @Test
  void resetEndsBoth() {
    mode.off();
    mode.skipNext();
    mode.reset();
    mode.requestTaken();
    assertFalse(mode.muted());
  }
}
