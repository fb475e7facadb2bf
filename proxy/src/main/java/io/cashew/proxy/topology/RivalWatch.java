package io.cashew.proxy.topology;

import io.cashew.proxy.event.Events;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the servers of a shard that are not its primary, once a second, whether one says that it is
 * primary all the same. Nothing goes there from here, but others may write to it. Confined to the
 * control thread, but for {@link #rivals}.
 */
final class RivalWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RivalWatch.class);

  static final long EVERY_MILLIS = 1000;

  private final String shard;
  private final Asking asking;
  private final ScheduledExecutorService control;
  private final Map<String, AskedServer> others = new HashMap<>();
  private @Nullable ScheduledFuture<?> next;

  /** Written by the control thread. */
  private volatile List<String> rivals = List.of();

  /**
   * Watches nobody yet.
   *
   * @param shard for messages
   * @param asking with the credentials of the shard's servers
   */
  RivalWatch(String shard, Asking asking, ScheduledExecutorService control) {
    this.shard = shard;
    this.asking = asking;
    this.control = control;
  }

  /** Those that say so, by their addresses; from any thread. */
  List<String> rivals() {
    return rivals;
  }

  /** Watches these from now on: all servers but the primary. */
  void follow(List<String> addresses) {
    assert ControlThread.isHere(control);
    for (String each : List.copyOf(others.keySet())) {
      if (!addresses.contains(each)) {
        others.remove(each).close();
        says(each, false);
      }
    }
    addresses.forEach(
        each -> others.computeIfAbsent(each, address -> new AskedServer(asking, address)));
    if (next == null && !others.isEmpty()) {
      askAll();
    }
  }

  private void askAll() {
    next = null;
    for (AskedServer each : List.copyOf(others.values())) {
      each.ask(
          RoleReply.REQUEST,
          reply -> {
            if (others.get(each.address()) == each) {
              says(each.address(), RoleReply.of(reply) instanceof RoleReply.Primary);
            }
          });
    }
    if (!others.isEmpty()) {
      next = control.schedule(this::askAll, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void says(String address, boolean thatItIsPrimary) {
    if (rivals.contains(address) == thatItIsPrimary) {
      return;
    }
    List<String> now = new ArrayList<>(rivals);
    if (thatItIsPrimary) {
      now.add(address);
      LOG.atWarn()
          .addMarker(Events.RIVAL)
          .log("{}: {} says that it is primary, too; nothing is sent there", shard, address);
    } else {
      now.remove(address);
      LOG.atInfo()
          .addMarker(Events.RIVAL)
          .log("{}: {} does not say any more that it is primary", shard, address);
    }
    rivals = List.copyOf(now);
  }

  @Override
  public void close() {
    assert ControlThread.isHere(control);
    ScheduledFuture<?> planned = next;
    if (planned != null) {
      planned.cancel(false);
    }
    others.values().forEach(AskedServer::close);
    others.clear();
    rivals = List.of();
  }
}
