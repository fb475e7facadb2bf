package io.cashew.proxy.testing;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves a buffer unreleased. It sees what an allocator has made, also on
 * other threads; not {@code Unpooled} heap buffers.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {

  /** What earlier classes have left is not this one's fault: it is said, and forgotten. */
  @Override
  public void beforeAll(ExtensionContext test) {
    try {
      LeakPresenceDetector.check();
    } catch (IllegalStateException e) {
      System.err.println(
          "before " + test.getDisplayName() + ", by an earlier class: " + e.getMessage());
    }
  }

  @Override
  public void afterAll(ExtensionContext test) {
    LeakPresenceDetector.check();
  }
}
