package io.cashew.proxy.acl;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * Who was refused what, newest first, as {@code ACL LOG} shows it. One per pool, used by all its
 * workers under its lock: only refusals come here, and none waits for anything but memory.
 */
public final class AclLog {
  private static final int ENTRIES_MAX = 128;
  private static final int LOOKED_AT_MAX = 10;
  private static final long GROUPED_MILLIS = 60_000;

  /** Long keys are told by their beginning: an entry must not hold megabytes. */
  private static final int OBJECT_BYTES_MAX = 16 << 10;

  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long nextId;

  /** What the user has no right to. */
  public enum Reason {
    COMMAND,
    KEY,
    CHANNEL,
    AUTH;

    /** As Redis spells it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where the command was. */
  public enum Context {
    TOPLEVEL,
    MULTI;

    /** As Redis spells it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Refusals of one thing.
   *
   * @param id unique in the log, rising
   * @param count of refusals
   * @param reason what is missing
   * @param context where the last one was
   * @param object full name of the command, key, channel, or the command with the password
   * @param username who was refused
   * @param client the line of {@code CLIENT INFO} of the last one
   * @param createdMillis of the first one, since 1970
   * @param updatedMillis of the last one, since 1970
   */
  public record Entry(
      long id,
      long count,
      Reason reason,
      Context context,
      byte[] object,
      String username,
      String client,
      long createdMillis,
      long updatedMillis) {

    private boolean isLike(
        Reason otherReason,
        Context otherContext,
        byte[] otherObject,
        String otherUser,
        long nowMillis) {
      return reason == otherReason
          && context == otherContext
          && Math.abs(nowMillis - updatedMillis) <= GROUPED_MILLIS
          && username.equals(otherUser)
          && Arrays.equals(object, otherObject);
    }

    private Entry again(String otherClient, long nowMillis) {
      return new Entry(
          id, count + 1, reason, context, object, username, otherClient, createdMillis, nowMillis);
    }
  }

  /** Notes a refusal; one that is like a recent one only counts that once more. */
  public synchronized void add(
      Reason reason,
      Context context,
      byte[] object,
      String username,
      String client,
      long nowMillis) {
    byte[] kept =
        object.length > OBJECT_BYTES_MAX ? Arrays.copyOf(object, OBJECT_BYTES_MAX) : object;
    Iterator<Entry> newest = entries.iterator();
    for (int i = 0; i < LOOKED_AT_MAX && newest.hasNext(); i++) {
      Entry entry = newest.next();
      if (entry.isLike(reason, context, kept, username, nowMillis)) {
        newest.remove();
        entries.addFirst(entry.again(client, nowMillis));
        return;
      }
    }
    entries.addFirst(
        new Entry(nextId++, 1, reason, context, kept, username, client, nowMillis, nowMillis));
    if (entries.size() > ENTRIES_MAX) {
      entries.removeLast();
    }
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

  /** Forgets all entries. */
  public synchronized void clear() {
    entries.clear();
  }
}
