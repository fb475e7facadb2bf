package io.cashew.proxy.client.connection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/**
 * Which client leaves when, while a pool drains. Confined to the worker.
 *
 * <p>The turns of the clients are spread evenly, so that wherever they connect next they do not
 * arrive all at once. A client whose turn has come leaves between two requests: at once if it has
 * been quiet for a second, else with the last reply that it is owed, since one that is busy is
 * likely to send its next request just as its connection is closed. Whoever never pauses is given
 * the replies to what was read of it when the last call comes. Only a transaction may take until
 * the end of the drain.
 */
public final class DrainTurns {
  /** How long a client must have been quiet to be closed without a last reply. */
  static final long QUIET_MILLIS = 1000;

  private final long beginMillis;
  private final long spreadMillis;
  private final long lastCallMillis;
  private final Deque<ClientConnection> waiting;
  private final List<ClientConnection> leaving = new ArrayList<>();
  private int clients;
  private int called;

  /**
   * Nobody has left yet.
   *
   * @param present who is to leave, in this order
   * @param nowMillis by the worker's ticks
   * @param drainMillis how long all of them may take; 0: each leaves as soon as it is owed nothing
   */
  public DrainTurns(Collection<ClientConnection> present, long nowMillis, long drainMillis) {
    waiting = new ArrayDeque<>(present);
    clients = waiting.size();
    beginMillis = nowMillis;
    spreadMillis = drainMillis * 2 / 3;
    lastCallMillis = drainMillis * 5 / 6;
  }

  /** One more, who was accepted before the drain began. */
  public void join(ClientConnection client, long nowMillis) {
    waiting.add(client);
    clients++;
    onTick(nowMillis);
  }

  /** Lets go whose turn it is. */
  public void onTick(long nowMillis) {
    long elapsed = nowMillis - beginMillis;
    for (int due = due(clients, elapsed, spreadMillis); called < due; called++) {
      ClientConnection next = waiting.remove();
      next.leave();
      leaving.add(next);
    }
    leaving.removeIf(client -> !client.closing().takesRequests());
    for (ClientConnection client : leaving) {
      if (lastCallMillis == 0 || (elapsed >= lastCallMillis && !client.transactionUnderWay())) {
        client.closeAfterReplies();
      } else {
        client.leaveIfQuiet(nowMillis);
      }
    }
  }

  /**
   * How many turns have come: the n-th of {@code clients} in the middle of the n-th part of the
   * time.
   */
  static int due(int clients, long elapsedMillis, long spreadMillis) {
    return elapsedMillis >= spreadMillis
        ? clients
        : (int) ((2L * clients * elapsedMillis + spreadMillis) / (2 * spreadMillis));
  }

  /**
   * How long to wait for a client to close its end after ours is closed: what it sends meanwhile
   * would reset the connection, and take its last reply from it. One that has been quiet has read
   * that long ago.
   */
  static long lingerMillis(long quietMillis) {
    return Math.max(0, QUIET_MILLIS - quietMillis);
  }
}
