package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections on which sources ask servers and Sentinels. Everything is called on the control
 * thread; nothing waits.
 */
public interface Asking {

  /** Who uses a connection. */
  interface Listener {
    /** It is ready to be asked. */
    default void opened() {}

    /** A message of a subscription has come. */
    default void message(ReplyValue message) {}

    /**
     * It has ended, once; not if its user has closed it.
     *
     * @param why in words: {@code Connection refused}
     */
    void closed(String why);
  }

  /** One of them. */
  interface Connection extends AutoCloseable {
    /**
     * Asks; what is asked before the connection is open waits for that.
     *
     * @param requests each whole, in RESP
     * @param replies hears one reply for each, or null if one of them did not come, which takes a
     *     bounded time; nothing once the connection is closed
     */
    void ask(List<byte[]> requests, Consumer<@Nullable List<ReplyValue>> replies);

    /** Ends it; nobody hears anything more. */
    @Override
    void close();
  }

  /**
   * Begins to connect.
   *
   * @param address {@code host:port} or {@code unix:/path}
   * @throws IllegalArgumentException if it is neither
   */
  Connection connect(String address, Listener listener);
}
