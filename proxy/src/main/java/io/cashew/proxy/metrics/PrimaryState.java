package io.cashew.proxy.metrics;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is the primary of one node, since when, and how often another server has taken over. Written
 * by the control thread alone, read on any.
 */
public final class PrimaryState {

  /**
   * What is so at one moment.
   *
   * @param address of the primary; null: there is none
   * @param sinceMillis when that began, since 1970
   * @param failovers times that another server has taken over, since the start of the process
   */
  public record Now(@Nullable String address, long sinceMillis, long failovers) {}

  private volatile Now now = new Now(null, 0, 0);

  /** Who was primary last; null: nobody yet, or the node has been configured elsewhere. */
  private @Nullable String last;

  /** Since when the last primary has not served; 0: it serves. */
  private long awaySinceMillis;

  private volatile Supplier<List<String>> rivals = List::of;
  private volatile boolean beingReplaced;

  /** The present moment. */
  public Now now() {
    return now;
  }

  /** Whether the node is in use and has no primary. */
  boolean isWithoutPrimary() {
    Now here = now;
    return here.address() == null && here.sinceMillis() > 0;
  }

  /** Other servers that say that they are primary, by their addresses. */
  public List<String> rivals() {
    return rivals.get();
  }

  /** Those are found like this, on any thread. */
  public void rivals(Supplier<List<String>> found) {
    rivals = found;
  }

  /** Whether another server is about to take over, and what may write waits for that. */
  public boolean beingReplaced() {
    return beingReplaced;
  }

  /** It is so, or not. Control thread only. */
  public void beingReplaced(boolean is) {
    beingReplaced = is;
  }

  /** Who was primary last. Control thread only. */
  public @Nullable String lastAddress() {
    return last;
  }

  /**
   * A server is primary; again is nothing. Control thread only.
   *
   * @return how long nobody had served if it takes over from another server: a failover; else empty
   */
  public OptionalLong is(String address, long nowMillis) {
    Now before = now;
    if (address.equals(before.address())) {
      return OptionalLong.empty();
    }
    boolean takesOver = last != null && !address.equals(last);
    long awayMillis = awaySinceMillis == 0 ? 0 : Math.max(0, nowMillis - awaySinceMillis);
    last = address;
    awaySinceMillis = 0;
    now = new Now(address, nowMillis, before.failovers() + (takesOver ? 1 : 0));
    return takesOver ? OptionalLong.of(awayMillis) : OptionalLong.empty();
  }

  /** No server is primary; again is nothing. Control thread only. */
  public void isNobody(long nowMillis) {
    Now before = now;
    if (before.address() != null || before.sinceMillis() == 0) {
      now = new Now(null, nowMillis, before.failovers());
      isAway(nowMillis);
    }
  }

  /** Who was primary does not serve; again is nothing. Control thread only. */
  void isAway(long nowMillis) {
    if (awaySinceMillis == 0) {
      awaySinceMillis = nowMillis;
    }
  }

  /** Who is primary serves. Control thread only. */
  void serves() {
    if (now.address() != null) {
      awaySinceMillis = 0;
    }
  }

  /** The node is configured elsewhere: whoever is primary there takes over from nobody. */
  public void isElsewhere() {
    last = null;
    awaySinceMillis = 0;
  }
}
