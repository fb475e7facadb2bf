package io.cashew.proxy.asking;

import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.resp.Requests;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How servers are reached that are asked. Immutable; used by any thread.
 *
 * @param sockets how to talk to the kernel
 * @param names how names are looked up
 * @param tls null: none is spoken
 * @param greeting requests that a connection begins with; a server that refuses one is not asked
 * @param timeoutMillis for a connection to be opened, and for each answer
 */
public record Access(
    Sockets sockets, Names names, @Nullable Tls tls, List<byte[]> greeting, long timeoutMillis) {

  /** Looks names up, off the loops. */
  @FunctionalInterface
  public interface Names {
    /**
     * Finds an address of a name; returns at once.
     *
     * @param found hears it, on any thread; null: there is none, or nobody says
     */
    void find(String host, int port, Consumer<@Nullable SocketAddress> found);
  }

  /** Makes what encrypts a connection. */
  @FunctionalInterface
  public interface Tls {
    /** The handler for a connection to a server that is asked for {@code host}. */
    SslHandler connecting(ByteBufAllocator allocator, String host, int port);
  }

  public Access {
    greeting = List.copyOf(greeting);
  }

  /**
   * The greeting that a login is; empty without a password.
   *
   * @param username empty: only the password is sent
   */
  public static List<byte[]> login(Optional<String> username, Optional<String> password) {
    return password
        .map(
            secret ->
                List.of(
                    username
                        .map(user -> Requests.of("AUTH", user, secret))
                        .orElseGet(() -> Requests.of("AUTH", secret))))
        .orElse(List.of());
  }
}
