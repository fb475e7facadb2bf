package io.cashew.proxy.control;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which of the addresses of one name is used. Shared by all in the proxy who use the name with the
 * same port, under its lock; time is an argument.
 *
 * <p>An address that serves is kept while the name has it. One that does not is left for the next
 * one in the order of the name's addresses, and is not chosen again for {@link #REST_MILLIS} unless
 * all others have failed since: so a name of which no address serves goes round at that pace.
 */
final class AddressChoice {
  /** How long an address that has failed is left alone. */
  static final long REST_MILLIS = 500;

  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(REST_MILLIS);

  /** What the name had when it was last looked up; empty: it never had any. */
  private List<InetAddress> found = List.of();

  /** When addresses have failed, as {@link System#nanoTime}. */
  private final Map<InetAddress, Long> failedNanos = new HashMap<>();

  /** That the name has several addresses. */
  private boolean told;

  /** What was chosen last; null: nothing. */
  private @Nullable InetAddress last;

  /**
   * The name has been looked up.
   *
   * @param addresses of it, at least one, best first
   * @return whether it is to be told: it {@linkplain #isSeveral is several} and was one, or is one
   *     again
   */
  synchronized boolean found(List<InetAddress> addresses) {
    found = List.copyOf(addresses);
    failedNanos.keySet().retainAll(found);
    boolean several = isSeveral(found);
    boolean tell = told != several;
    told = several;
    return tell;
  }

  /** The server at an address refuses connections, does not answer, or is no primary. */
  synchronized void failed(InetAddress address, long nowNanos) {
    failedNanos.put(address, nowNanos);
  }

  /**
   * The address to use; at least one was found.
   *
   * @param current that is in use; null: none is yet
   * @param serves whether nothing is known against it
   */
  synchronized InetAddress choose(@Nullable InetAddress current, boolean serves, long nowNanos) {
    InetAddress choice = choice(current, serves, nowNanos);
    last = choice;
    return choice;
  }

  private InetAddress choice(@Nullable InetAddress current, boolean serves, long nowNanos) {
    InetAddress kept = current == null ? last : current;
    if (kept == null || !found.contains(kept)) {
      return next(-1, nowNanos);
    }
    return (current == null ? isRested(kept, nowNanos) : serves)
        ? kept
        : next(found.indexOf(kept), nowNanos);
  }

  /** The first behind a place that has not failed just now; else that of the place. */
  private InetAddress next(int after, long nowNanos) {
    for (int i = 1; i <= found.size(); i++) {
      int place = (after + i) % found.size();
      if (place != after && isRested(found.get(place), nowNanos)) {
        return found.get(place);
      }
    }
    return found.get(Math.max(0, after));
  }

  private boolean isRested(InetAddress address, long nowNanos) {
    Long failed = failedNanos.get(address);
    return failed == null || nowNanos - failed >= REST_NANOS;
  }

  /** Has {@link #found} tell once more of several addresses. */
  synchronized void forget() {
    told = false;
  }

  /** What the name had when it was last looked up. */
  synchronized List<InetAddress> addresses() {
    return found;
  }

  /** A machine of both families has one address of each: these are no two servers. */
  static boolean isSeveral(List<InetAddress> addresses) {
    long families = addresses.stream().map(each -> each.getAddress().length).distinct().count();
    return addresses.stream().distinct().count() > families;
  }
}
