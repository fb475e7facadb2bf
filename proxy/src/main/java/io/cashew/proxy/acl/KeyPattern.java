package io.cashew.proxy.acl;

import io.cashew.proxy.command.GlobPattern;

/** Keys that may be read, or written, or both. */
record KeyPattern(GlobPattern pattern, boolean reads, boolean writes) {

  /** As a rule: {@code ~x}, {@code %R~x} or {@code %W~x}. */
  String rule() {
    return (reads && writes ? "~" : reads ? "%R~" : "%W~") + pattern.text();
  }

  /**
   * Whether all that is asked for is allowed. To ask for neither is to ask whether a key is there.
   */
  boolean allows(boolean reading, boolean writing) {
    return (reads || !reading) && (writes || !writing);
  }
}
