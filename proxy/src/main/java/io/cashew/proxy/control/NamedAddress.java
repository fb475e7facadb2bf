package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.event.Events;
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
 * <p>The address that it has is kept while it serves and the name still has it among others, and
 * while the name has none or no name server answers; {@link AddressChoice} says which one is next.
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
  private final AddressChoice choice;

  // What follows is written under the lock.
  private volatile @Nullable InetSocketAddress home;
  private volatile @Nullable InetSocketAddress current;
  private volatile boolean moved;

  /** The server at {@link #current} does not do what is asked of it. */
  private boolean failed;

  /** When a look-up was asked for last, or the address came to be known. */
  private long askedNanos = System.nanoTime();

  /** A look-up is due before its time. */
  private boolean due;

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
    choice = names.choice(address.text());
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
    askedNanos = System.nanoTime();
    due = false;
    if (running == null) {
      running = new LookUp();
      begin();
    } else if (next == null) {
      next = new LookUp();
    }
  }

  /** What is known of the node that takes the place of one that has moved does not count here. */
  @Override
  public synchronized void doesNotServe() {
    InetSocketAddress here = current;
    if (moved || here == null) {
      return;
    }
    failed = true;
    choice.failed(here.getAddress(), System.nanoTime());
    refresh();
  }

  @Override
  public synchronized void refreshSoon(long nowNanos, long leastNanos) {
    if (nowNanos - askedNanos >= leastNanos) {
      refresh();
    } else {
      due = true;
    }
  }

  @Override
  public boolean mayMove() {
    return true;
  }

  @Override
  public boolean hasOthers() {
    return choice.addresses().size() > 1;
  }

  @Override
  public synchronized void refreshIfOlder(long nowNanos, long ageNanos) {
    if (due || nowNanos - askedNanos >= ageNanos) {
      refresh();
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
    try {
      names.found(address, choice, names.lookup().addressesOf(address.host()));
    } catch (UnknownHostException e) {
      LOG.warn("{} has no address: {}", text(), e.getMessage());
      if (choice.addresses().isEmpty()) {
        return false;
      }
    }
    return take();
  }

  private synchronized boolean take() {
    InetSocketAddress before = current;
    boolean serves = !failed;
    failed = false;
    InetAddress chosen =
        choice.choose(before == null ? null : before.getAddress(), serves, System.nanoTime());
    if (before != null && chosen.equals(before.getAddress())) {
      return false;
    }
    InetSocketAddress now = new InetSocketAddress(chosen, address.port());
    current = now;
    if (before == null) {
      home = now;
      return false;
    }
    boolean has = choice.addresses().contains(before.getAddress());
    LOG.info(
        Events.NAME_MOVED,
        "{} is now at {}, it was at {}{}: its connections are replaced",
        text(),
        now.getAddress().getHostAddress(),
        before.getAddress().getHostAddress(),
        has ? ", which does not serve" : "");
    moved = true;
    return true;
  }
}
