package io.cashew.proxy.testing;

import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A request in flight that keeps what becomes of it, for a test to read when all is settled. */
public final class ReceivedReply extends InFlight {
  private final StringBuilder bytes = new StringBuilder();
  private volatile boolean whole;
  private volatile @Nullable NodeFailure failure;

  @Override
  public void onReply(ByteBuf buf, int index, int length, boolean last) {
    if (over()) {
      throw new IllegalStateException("a reply after the end");
    }
    bytes.append(buf.toString(index, length, StandardCharsets.ISO_8859_1));
    whole = last;
  }

  @Override
  public void onFailure(NodeFailure why) {
    if (over()) {
      throw new IllegalStateException("a failure after the end: " + why.text());
    }
    failure = why;
  }

  @Override
  public void onStallTimeout() {}

  private boolean over() {
    return whole || failure != null;
  }

  /** The reply; of a failure, the error that a client would get; {@code ""}: nothing yet. */
  public String text() {
    NodeFailure why = failure;
    return why == null ? bytes.toString() : new String(why.error(), StandardCharsets.ISO_8859_1);
  }

  /**
   * Why there was no reply.
   *
   * @throws AssertionError if that was not told
   */
  public NodeFailure failure() {
    NodeFailure why = failure;
    if (why == null) {
      throw new AssertionError("it has not failed; its reply so far: " + bytes);
    }
    return why;
  }

  /** Whether the reply is all here. */
  public boolean whole() {
    return whole;
  }
}
