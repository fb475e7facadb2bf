package io.cashew.proxy.insight;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slow requests of one pool, newest first, and a line of the log for each of them, ten a second
 * at most. Used by all of the pool's workers under its lock, which only a slow request takes.
 */
public final class SlowLog {
  private static final Logger LOG = LoggerFactory.getLogger(SlowLog.class);

  private static final int LINES_MAX = 10;
  private static final long LINES_MILLIS = 1000;

  /** An entry and its number, which rises. */
  public record Entry(long id, SlowRequest request) {}

  private final String pool;
  private final int entriesMax;
  private final boolean logsKeys;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long nextId;
  private long linesSinceMillis;
  private int lines;
  private long notLogged;

  /**
   * An empty log.
   *
   * @param pool name of the pool, for messages
   * @param entriesMax beyond which the oldest goes
   * @param logsKeys whether lines of the log have the key
   */
  public SlowLog(String pool, int entriesMax, boolean logsKeys) {
    this.pool = pool;
    this.entriesMax = entriesMax;
    this.logsKeys = logsKeys;
  }

  /** Most entries that it keeps. */
  public int entriesMax() {
    return entriesMax;
  }

  /** Notes a request. */
  public synchronized void add(SlowRequest request) {
    entries.addFirst(new Entry(nextId++, request));
    if (entries.size() > entriesMax) {
      entries.removeLast();
    }
    if (Math.abs(request.endedMillis() - linesSinceMillis) >= LINES_MILLIS) {
      linesSinceMillis = request.endedMillis();
      lines = 0;
    }
    if (lines < LINES_MAX) {
      lines++;
      LOG.warn("{}", line(request));
      notLogged = 0;
    } else {
      notLogged++;
    }
  }

  private String line(SlowRequest request) {
    return "slow request of client "
        + request.client()
        + " of pool '"
        + pool
        + "': "
        + request.command()
        + (logsKeys && request.key().length > 0 ? " " + Printable.quoted(request.key()) : "")
        + " took "
        + millis(request.micros())
        + " ms: "
        + millis(request.queueMicros())
        + " in the queue, "
        + millis(request.nodeMicros())
        + " at node '"
        + request.node()
        + "', "
        + millis(request.writeBackMicros())
        + " in the write-back"
        + (notLogged == 0 ? "" : " (" + notLogged + " more were not logged)");
  }

  private static String millis(long micros) {
    return micros / 1000 + "." + micros % 1000 / 100;
  }

  /** The newest entries, newest first, at most {@code count}. */
  public synchronized List<Entry> newest(long count) {
    List<Entry> newest = new ArrayList<>();
    for (Entry entry : entries) {
      if (newest.size() >= count) {
        break;
      }
      newest.add(entry);
    }
    return newest;
  }

  /** How many entries there are. */
  public synchronized int size() {
    return entries.size();
  }

  /** Forgets all entries. */
  public synchronized void clear() {
    entries.clear();
  }
}
