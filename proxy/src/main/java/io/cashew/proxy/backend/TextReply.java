package io.cashew.proxy.backend;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The reply to a command of the proxy's own: a short line. */
final class TextReply extends InFlight {
  /** Longer ones are cut: nobody reads them. */
  private static final int MAX_TEXT = 1024;

  private final Consumer<String> receiver;
  private final Consumer<NodeFailure> failed;
  private final StringBuilder text = new StringBuilder();

  /** Gives the line, without its end, to {@code receiver}. */
  TextReply(Consumer<String> receiver) {
    this(receiver, failure -> {});
  }

  /** The same; {@code failed} is told why there is no reply. */
  TextReply(Consumer<String> receiver, Consumer<NodeFailure> failed) {
    this.receiver = receiver;
    this.failed = failed;
    proxysOwn = true;
  }

  @Override
  public void onReply(ByteBuf buf, int index, int length, boolean last) {
    int room = MAX_TEXT - text.length();
    text.append(buf.toString(index, Math.min(length, room), StandardCharsets.UTF_8));
    if (last) {
      receiver.accept(text.toString().strip());
    }
  }

  /** The owner of the connection hears why; there is no client behind this. */
  @Override
  public void onFailure(NodeFailure failure) {
    failed.accept(failure);
  }

  @Override
  public void onStallTimeout() {}
}
