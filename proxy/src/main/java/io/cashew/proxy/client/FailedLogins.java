package io.cashew.proxy.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wrong passwords by the address that they came from: whoever sends many of them gets the answers
 * late, so that guessing is slow and an application with an old password, which tries again and
 * again, costs little. One per pool, used by all its workers under its lock: only passwords come
 * here.
 *
 * <p>Nobody is locked out. A right password is answered at once, however many wrong ones came from
 * the same address, behind which there may be many applications. Only where more answers are kept
 * back than an application with a wrong password has connections, somebody guesses on a new
 * connection each and does not wait for the answer: then the right password is answered as late, or
 * silence would tell that a guess was wrong.
 */
public final class FailedLogins {
  private static final Logger LOG = LoggerFactory.getLogger(FailedLogins.class);

  /** So many wrong passwords are answered at once: a deployment with an old one is no attack. */
  static final int FREE = 100;

  /** Each one more makes the answer so much later. */
  static final long STEP_MILLIS = 10;

  /** From so many answers on that are kept back, right passwords are answered late too. */
  static final int LATE_MAX = 256;

  /** An address that has sent none for so long is as any other. */
  private static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Beyond this many addresses the one that failed longest ago is forgotten. */
  static final int ADDRESSES_MAX = 4096;

  /** In the order of their last failures. */
  private final Map<Origin, Failures> failures = new LinkedHashMap<>();

  private final String pool;
  private long longestMillis;

  /** An address; of IPv6 the half that one customer is given as a whole. */
  private record Origin(boolean ipv6, long bits) {}

  private static final class Failures {
    int count;
    int late;
    long lastNanos;
  }

  /**
   * None yet.
   *
   * @param pool name of the pool, for messages
   * @param longestMillis for which an answer is kept back; 0: never
   */
  public FailedLogins(String pool, long longestMillis) {
    this.pool = pool;
    this.longestMillis = longestMillis;
  }

  /** Keeps answers back for another time at most from now on; 0: never. */
  public synchronized void longestMillis(long millis) {
    longestMillis = millis;
  }

  /**
   * A wrong password came. Unless 0 is returned, {@link #answered} is called later.
   *
   * @param peer the client's; null: a unix socket, behind which nobody is far away
   * @param nowNanos {@link System#nanoTime()}
   * @return for how many milliseconds its answer is to be kept back
   */
  public synchronized long failed(@Nullable SocketAddress peer, long nowNanos) {
    Origin origin = origin(peer);
    if (origin == null || longestMillis == 0) {
      return 0;
    }
    forgetOld(nowNanos);
    Failures of = failures.remove(origin);
    if (of == null) {
      of = new Failures();
    }
    failures.put(origin, of);
    of.lastNanos = nowNanos;
    of.count++;
    long delay = Math.min(longestMillis, (of.count - (long) FREE) * STEP_MILLIS);
    if (delay <= 0) {
      return 0;
    }
    if (of.count == FREE + 1) {
      LOG.warn(
          "{} wrong passwords for pool '{}' came from {}: its next ones are answered late",
          of.count,
          pool,
          peer);
    }
    of.late++;
    return delay;
  }

  /** A right password came; as {@link #failed}. */
  public synchronized long succeeded(@Nullable SocketAddress peer) {
    Origin origin = origin(peer);
    Failures of = origin == null ? null : failures.get(origin);
    if (of == null || of.late < LATE_MAX) {
      return 0;
    }
    of.late++;
    return longestMillis;
  }

  /** An answer that was kept back was given, or its client has left. */
  public synchronized void answered(@Nullable SocketAddress peer) {
    Origin origin = origin(peer);
    Failures of = origin == null ? null : failures.get(origin);
    if (of != null && of.late > 0) { // else it was forgotten meanwhile
      of.late--;
    }
  }

  /** How many addresses are known. */
  synchronized int addresses() {
    return failures.size();
  }

  private void forgetOld(long nowNanos) {
    Iterator<Failures> oldest = failures.values().iterator();
    while (oldest.hasNext()) {
      boolean old = nowNanos - oldest.next().lastNanos > FORGET_NANOS;
      if (!old && failures.size() < ADDRESSES_MAX) {
        return;
      }
      oldest.remove();
    }
  }

  private static @Nullable Origin origin(@Nullable SocketAddress peer) {
    InetAddress address = peer instanceof InetSocketAddress inet ? inet.getAddress() : null;
    if (address == null) {
      return null;
    }
    byte[] bytes = address.getAddress();
    long bits = 0;
    for (byte b : Arrays.copyOf(bytes, Math.min(bytes.length, Long.BYTES))) {
      bits = bits << Byte.SIZE | (b & 0xff);
    }
    return new Origin(bytes.length > 4, bits);
  }
}
