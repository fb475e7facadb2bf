package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.resp.Redirection;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What requests that are sent again ask of their pool. Confined to the worker. */
public interface RequestHome {
  /** Where a request of a lane goes now that was sent before; borrows it. */
  Backend backendOf(ByteBuf request, Lane lane);

  /**
   * Reads the keys of a request of a lane.
   *
   * @return whether there are any, all of which are known
   */
  boolean keysOf(ByteBuf request, Lane lane, RequestKeys into);

  /**
   * The primary that has now what another had, to which a request for all of that was sent.
   *
   * @param then what it was sent by
   * @param isReplica whether that server has said that it is a replica now
   * @return {@code former} itself if no other is known; null: it had nothing, and is no primary
   */
  default @Nullable Backend inPlaceOf(Backend former, RoutingTable then, boolean isReplica) {
    return former;
  }

  /** Whether slots may move between the servers of a server's pool. */
  boolean slotsMoveAt(Node server);

  /** The slot that a group is, in its pool. */
  default int slotOf(int group) {
    return group;
  }

  /**
   * Where a request goes that only reads, and that a server has not answered; borrows it.
   *
   * @return null if nobody may answer it
   */
  default @Nullable Backend readerInsteadOf(Backend former, ByteBuf request, Lane lane) {
    return backendOf(request, lane);
  }

  /** Whether what a replica refuses may be asked of the primary. */
  default boolean fallsBackToPrimary() {
    return true;
  }

  /** Whether keys may have been elsewhere a moment ago. */
  default boolean hasJustChanged() {
    return false;
  }

  /** The server to which one leads by a redirection; null: it is not known here. */
  @Nullable Backend at(Node teller, Redirection where);

  /** A server has said that a slot moves. */
  void slotMoves(Node teller, int slot);

  /** A server has said that a slot is at another, which is known here. */
  default void isAt(int slot, Backend from, Backend to) {}

  /** How often it was learnt anew who has a slot, other than by what servers say to requests. */
  default int newsOf(Node teller, int slot) {
    return 0;
  }

  /** A request is sent again. */
  void sentAgain();
}
