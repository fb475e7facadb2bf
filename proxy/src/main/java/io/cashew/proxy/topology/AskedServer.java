package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that is asked now and then, over one connection for as long as that holds. Confined to
 * the control thread.
 */
final class AskedServer implements AutoCloseable {
  /** A connection to a name is made anew after so long: the name may have moved. */
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Asking asking;
  private final String address;
  private final boolean isNamed;
  private Asking.@Nullable Connection connection;
  private long connectedNanos;
  private String failure = "it has not been asked";

  AskedServer(Asking asking, String address) {
    this.asking = asking;
    this.address = address;
    isNamed = ServerAddress.isNamed(address);
  }

  /** Where it is. */
  String address() {
    return address;
  }

  /** Why it did not answer when it last did not. */
  String failure() {
    return failure;
  }

  /**
   * Asks it.
   *
   * @param reply hears the reply, or null if none came; not within this call
   */
  void ask(byte[] request, Consumer<@Nullable ReplyValue> reply) {
    ask(List.of(request), replies -> reply.accept(replies == null ? null : replies.get(0)));
  }

  /**
   * Asks it several things at once.
   *
   * @param replies hears one for each, or null if they did not come; not within this call
   */
  void ask(List<byte[]> requests, Consumer<@Nullable List<ReplyValue>> replies) {
    Asking.Connection open = connection;
    long nowNanos = System.nanoTime();
    if (open != null && isNamed && nowNanos - connectedNanos >= LONGEST_NANOS) {
      open.close();
      open = null;
    }
    if (open == null) {
      connection = open = asking.connect(address, this::closed);
      connectedNanos = nowNanos;
    }
    open.ask(requests, replies);
  }

  private void closed(String why) {
    failure = why;
    connection = null;
  }

  @Override
  public void close() {
    Asking.Connection open = connection;
    if (open != null) {
      connection = null;
      open.close();
    }
  }
}
