package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that is asked now and then, over one connection for as long as that holds. Confined to
 * the control thread.
 */
final class AskedServer implements AutoCloseable {
  private final Asking asking;
  private final String address;
  private Asking.@Nullable Connection connection;
  private String failure = "it has not been asked";

  AskedServer(Asking asking, String address) {
    this.asking = asking;
    this.address = address;
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
    Asking.Connection open = connection;
    if (open == null) {
      connection = open = asking.connect(address, this::closed);
    }
    open.ask(List.of(request), replies -> reply.accept(replies == null ? null : replies.get(0)));
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
