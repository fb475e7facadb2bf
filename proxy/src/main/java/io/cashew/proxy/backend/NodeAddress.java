package io.cashew.proxy.backend;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a node is. Names are looked up off the loops: a worker asks for a new look when a
 * connection has failed or ended, and the connections that are opened next wait for the answer, up
 * to a bound. Shared by all workers.
 */
public interface NodeAddress {

  /** The address as configured. */
  String text();

  /** The last address that the name had; null if it has none. Never blocks. */
  @Nullable SocketAddress current();

  /**
   * The first address that the name had, which is that of the node: when it has {@linkplain
   * #moved() another}, the node is replaced. Null if it has had none.
   */
  default @Nullable SocketAddress home() {
    return current();
  }

  /** Whether the name has had another address since the node was made. */
  default boolean moved() {
    return false;
  }

  /** Asks for the name to be looked up again, soon and elsewhere. Never blocks. */
  void refresh();

  /**
   * The server there cannot be reached, or takes no writes: the name is looked up again soon, and
   * another of its addresses is next. Never blocks.
   */
  default void doesNotServe() {}

  /**
   * Asks for another look-up unless the last one was asked for not long ago. Never blocks.
   *
   * @param nowNanos {@link System#nanoTime()}
   * @param ageNanos how long ago that may be
   */
  default void refreshIfOlder(long nowNanos, long ageNanos) {}

  /**
   * Asks for another look-up: now, or, if one was asked for not long ago, with the next {@link
   * #refreshIfOlder}. Never blocks.
   *
   * @param leastNanos between the two
   */
  default void refreshSoon(long nowNanos, long leastNanos) {}

  /** Whether it may become that of another server by itself, as a name may. */
  default boolean mayMove() {
    return false;
  }

  /** Whether the name has other addresses. */
  default boolean hasOthers() {
    return false;
  }

  /**
   * Whether an answer is to come that a new connection should wait for: not if the name server has
   * been silent for longer than the bound.
   *
   * @param nowNanos {@link System#nanoTime()}
   * @param boundNanos how long an answer is waited for
   */
  default boolean lookedUpNow(long nowNanos, long boundNanos) {
    return false;
  }

  /**
   * Runs a task when the look-ups that were asked for so far have ended, whatever they found; now
   * if there is none.
   *
   * @param task runs on any thread
   */
  default void whenLookedUp(Runnable task) {
    task.run();
  }

  /** Whether it stands for a server that nobody knows: of a node without a primary. */
  default boolean isNobody() {
    return false;
  }

  /** Whether it stands for a server that an operator has taken out. */
  default boolean isOut() {
    return false;
  }

  /** Why it has no address, if that is no name server's fault; empty: it is. */
  default String whyNone() {
    return "";
  }

  /** What a client gets while it has no address, with the error's code; empty: why it has none. */
  default String errorOfNobody() {
    return "";
  }

  /** What encrypts a new connection to it; null: nothing does. */
  default @Nullable SslHandler newTls(ByteBufAllocator allocator) {
    return null;
  }
}
