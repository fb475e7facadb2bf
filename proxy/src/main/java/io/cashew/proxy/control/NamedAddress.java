package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's address that is given by a name. Shared: workers ask for look-ups and wait for them,
 * threads of {@link Names} carry them out, one at a time a name; its lock is taken when a
 * connection has ended or is opened, never for a request.
 *
 * <p>The address that it has is kept while the name still has it among others, and while the name
 * has none or no name server answers.
 */
final class NamedAddress implements NodeAddress {
  private static final Logger LOG = LoggerFactory.getLogger(NamedAddress.class);

  /** A look-up that was asked for and has not ended. */
  private record LookUp(long askedNanos, List<Runnable> waiting) {
    LookUp() {
      this(System.nanoTime(), new ArrayList<>());
    }
  }

  private final Address.Tcp address;
  private final Names names;

  // What follows is written under the lock.
  private volatile @Nullable InetSocketAddress home;
  private volatile @Nullable InetSocketAddress current;
  private volatile boolean moved;
  private @Nullable LookUp running;

  /** Asked for while one was running, whose answer may be older than what it was asked for. */
  private @Nullable LookUp next;

  /**
   * A name that is not looked up yet.
   *
   * @param known the address that it had last; null: nobody knows
   */
  NamedAddress(Address.Tcp address, Names names, @Nullable InetSocketAddress known) {
    this.address = address;
    this.names = names;
    home = known;
    current = known;
  }

  @Override
  public String text() {
    return address.text();
  }

  @Override
  public @Nullable InetSocketAddress current() {
    return current;
  }

  @Override
  public @Nullable InetSocketAddress home() {
    return home;
  }

  /**
   * Also when the name is back where it was: connections may have been made elsewhere meanwhile.
   */
  @Override
  public boolean moved() {
    return moved;
  }

  @Override
  public synchronized void refresh() {
    if (running == null) {
      running = new LookUp();
      begin();
    } else if (next == null) {
      next = new LookUp();
    }
  }

  private void begin() {
    try {
      names.threads().execute(this::lookUpAsAsked);
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is not looked up again: the proxy is stopping", text());
      running = null;
    }
  }

  @Override
  public synchronized boolean lookedUpNow(long nowNanos, long boundNanos) {
    LookUp lookUp = running;
    return lookUp != null && nowNanos - lookUp.askedNanos < boundNanos;
  }

  @Override
  public void whenLookedUp(Runnable task) {
    synchronized (this) {
      LookUp last = next == null ? running : next;
      if (last != null) {
        last.waiting.add(task);
        return;
      }
    }
    task.run();
  }

  private void lookUpAsAsked() {
    boolean other = lookUp();
    List<Runnable> waiting;
    synchronized (this) {
      LookUp ended = running;
      waiting = ended == null ? List.of() : ended.waiting;
      running = next;
      next = null;
      if (running != null) {
        begin();
      }
    }
    waiting.forEach(Runnable::run);
    if (other) {
      names.moved().run();
    }
  }

  /** Looks the name up on the calling thread. @return whether it has another address */
  boolean lookUp() {
    InetAddress[] found;
    try {
      found = names.lookup().addressesOf(address.host());
    } catch (UnknownHostException e) {
      LOG.warn("{} has no address: {}", text(), e.getMessage());
      return false;
    }
    return take(found);
  }

  private synchronized boolean take(InetAddress[] found) {
    InetSocketAddress before = current;
    for (InetAddress each : found) {
      if (before != null && each.equals(before.getAddress())) {
        return false;
      }
    }
    InetSocketAddress now = new InetSocketAddress(found[0], address.port());
    current = now;
    if (before == null) {
      home = now;
      return false;
    }
    LOG.info(
        "{} is now at {}, it was at {}: its connections are replaced",
        text(),
        now.getAddress().getHostAddress(),
        before.getAddress().getHostAddress());
    moved = true;
    return true;
  }
}
