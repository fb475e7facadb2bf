package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks whether the connections are alive on which clients wait in blocking commands. Confined to
 * the worker.
 *
 * <p>A server says nothing on such a connection until the wait is over, so silence proves nothing,
 * and PING would be answered only then. But a server reads what a blocked client sends, and tells
 * others of it. So now and then a line end is sent, which every server takes for an empty command
 * and does not answer, and a time-out later the server is asked on another connection, with {@code
 * CLIENT LIST ID}, whether it has read it: the bytes that wait are in {@code qbuf}, or else {@code
 * idle} has begun anew. If neither is so twice, or the server has no such connection, it is lost:
 * it ends here with an error, and there with {@code CLIENT KILL}, lest the server give it what
 * somebody pushes.
 *
 * <p>The first look comes after a time-out, each further one after twice as long, up to a minute: a
 * wait of a day leaves 1,500 bytes at the server. The kernel's keepalive cannot do this: behind a
 * relay it is the relay that answers. Where the server cannot be asked (before Redis 6.2, or
 * without the right to), no line end is sent, and keepalive is what there is.
 */
final class WaitWatches {
  private static final long LONGEST_PAUSE_MILLIS = 60_000;

  /** The server's clock has whole seconds, and is read now and then. */
  private static final long CLOCK_MILLIS = 2000;

  private static final byte[] LINE_END = {'\n'};
  private static final Pattern IDLE = Pattern.compile(" idle=([0-9]{1,9}) ");
  private static final Pattern QUERY_BUFFER = Pattern.compile(" qbuf=([0-9]{1,9}) ");

  private enum Finding {
    ALIVE,
    DEAD,

    /** The server does not say. */
    UNKNOWN
  }

  private final Worker worker;
  private final Node node;
  private final ServerQueries queries;
  private final List<Watch> watches = new ArrayList<>();

  /** Nobody waits. */
  WaitWatches(Worker worker, Node node, ServerQueries queries) {
    this.worker = worker;
    this.node = node;
    this.queries = queries;
  }

  /** A client begins to wait on a connection; on the same one, an earlier wait is over. */
  void begin(RequestConnection connection, Lane lane) {
    assert worker.inThread();
    watches.add(new Watch(connection, lane, worker.tickMillis()));
  }

  void onTick(long tickMillis) {
    for (int i = watches.size() - 1; i >= 0; i--) {
      Watch watch = watches.get(i);
      if (watch.over()) {
        watches.set(i, watches.get(watches.size() - 1));
        watches.remove(watches.size() - 1);
      } else if (!watch.asking && tickMillis >= watch.dueTickMillis) {
        watch.look(tickMillis);
      }
    }
  }

  /**
   * What a reply to {@code CLIENT LIST ID} says.
   *
   * @param sent line ends on the connection since the wait began
   * @param sinceMillis the last of them was sent
   */
  private static Finding finding(String reply, long id, int sent, long sinceMillis) {
    if (reply.equals("$0") || reply.toLowerCase(Locale.ROOT).endsWith("\r\ntxt:")) {
      return Finding.DEAD; // it has no such connection
    }
    if (!reply.contains("id=" + id + " ")) {
      return Finding.UNKNOWN;
    }
    Matcher unread = QUERY_BUFFER.matcher(reply);
    if (!unread.find()) {
      return Finding.UNKNOWN;
    }
    Matcher idle = IDLE.matcher(reply);
    boolean heard =
        Long.parseLong(unread.group(1)) >= sent
            || (idle.find() && 1000 * Long.parseLong(idle.group(1)) <= sinceMillis + CLOCK_MILLIS);
    return heard ? Finding.ALIVE : Finding.DEAD;
  }

  /** One wait. */
  private final class Watch {
    private final RequestConnection connection;
    private final Lane lane;
    private final int wait;
    private long dueTickMillis;
    private long pauseMillis;

    /** Line ends, and when the last one was sent. */
    private int sent;

    private long sentTickMillis;

    /** The server has been asked, and has not answered. */
    private boolean asking;

    /** The server tells what it knows of its connections. */
    private boolean tells;

    /** A line end has been sent of which nobody has asked yet. */
    private boolean unproved;

    /** The last answer was that the server had not read it. */
    private boolean doubted;

    Watch(RequestConnection connection, Lane lane, long tickMillis) {
      this.connection = connection;
      this.lane = lane;
      wait = connection.lease().waits();
      pauseMillis = connection.silenceMillis();
      dueTickMillis = tickMillis + pauseMillis;
    }

    boolean over() {
      return connection.closed() || !connection.lease().isIn(wait);
    }

    void look(long tickMillis) {
      if (connection.lease().idOnNode() == 0) {
        return; // it is not known yet; until then its time-out is that of any reply
      }
      if (tells && !unproved) {
        connection.outbound().write(LINE_END, 0, LINE_END.length);
        sent++;
        sentTickMillis = tickMillis;
        unproved = true;
        dueTickMillis = tickMillis + connection.silenceMillis();
      } else {
        asking = true;
        queries.askServerOf(
            connection,
            lane,
            OwnCommands.of("CLIENT", "LIST", "ID", Long.toString(connection.lease().idOnNode())),
            this::answered,
            failure -> answered("")); // which says nothing of it
      }
    }

    private void answered(String reply) {
      asking = false;
      if (over()) {
        return;
      }
      long now = worker.tickMillis();
      switch (finding(reply, connection.lease().idOnNode(), sent, now - sentTickMillis)) {
        case ALIVE -> {
          boolean first = !tells;
          tells = true;
          unproved = false;
          doubted = false;
          if (!first) {
            pause(now);
          } // else the first line end goes at the next tick
        }
        case DEAD -> {
          if (doubted) {
            lost();
          } else { // a node that was busy may have read the question before the line end
            doubted = true;
            unproved = true;
            dueTickMillis = now + connection.silenceMillis();
          }
        }
        case UNKNOWN -> {
          doubted = false;
          pause(now);
        }
      }
    }

    private void pause(long tickMillis) {
      dueTickMillis = tickMillis + pauseMillis;
      pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    }

    private void lost() {
      String id = Long.toString(connection.lease().idOnNode());
      queries.askServerOf(
          connection, lane, OwnCommands.of("CLIENT", "KILL", "ID", id), text -> {}, failure -> {});
      connection.fail(
          node.failure(
              FailureKind.CLOSED, "Connection timed out (the node no longer reads from it)"),
          false);
    }
  }
}
