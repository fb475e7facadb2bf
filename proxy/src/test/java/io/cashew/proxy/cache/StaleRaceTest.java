package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.Topologies;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One key that many threads write, delete, read and hear of: a value that is given after its end is
 * none that was older than the newest.
 */
final class StaleRaceTest {
  /** Another one: {@code -Dcashew.seed=…}. */
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);

  private static final int ROUNDS = Integer.getInteger("cashew.cache.rounds", 200_000) / 400;
  private static final CacheRule RULE = Rules.stale("*", 600_000, 600_000);

  private final Upkeep upkeep = new Upkeep("test");
  private final Store store = new Store(1 << 20, 1, upkeep);
  private final Versions versions = new Versions(16);
  private final Keeper keeper = new Keeper(versions, store, new Store(1 << 20, 1, upkeep));
  private final StaleValues values = new StaleValues(store, versions);
  private final Source source = new Source();
  private final Ownership ownership = Ownership.of(Topologies.modula("alpha"));
  private final KeyBytes key = new KeyBytes();
  private final int stripe;
  private final Server server = new Server();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private volatile boolean over;

  StaleRaceTest() {
    key.set(Unpooled.copiedBuffer("k", StandardCharsets.UTF_8), 0, 1);
    stripe = versions.stripe(key.hash());
    source.listens(System.nanoTime());
  }

  @AfterEach
  void stop() {
    over = true;
    threads.shutdownNow();
    upkeep.close();
  }

  /** Has one key, whose values only rise, and tells once of all that happens in one turn. */
  private static final class Server {
    private long value;
    private long next;
    private long lastDeleted;
    private boolean changed;

    /** Turns whose messages have been heard. */
    private long turns;

    synchronized long set() {
      value = ++next;
      changed = true;
      return value;
    }

    /** What was deleted; 0: nothing was there. */
    synchronized long delete() {
      long before = value;
      if (before != 0) {
        lastDeleted = before;
        value = 0;
        changed = true;
      }
      return before;
    }

    synchronized long get() {
      return value;
    }

    /** Ends a turn. @return whether the key has changed in it */
    synchronized boolean turn() {
      boolean tells = changed;
      changed = false;
      return tells;
    }

    synchronized void heard() {
      turns++;
      notifyAll();
    }

    /** Waits until all has been heard that there is to tell now. */
    synchronized void awaitHeard() throws InterruptedException {
      for (long end = turns + 2; turns < end; ) {
        wait(); // the turn that runs may have ended before this
      }
    }

    /** What was there last, if nothing is there now; 0: something is. */
    synchronized long deleted() {
      return value == 0 ? lastDeleted : 0;
    }
  }

  private static byte[] reply(long value) {
    String digits = "" + value;
    return ("$" + digits.length() + "\r\n" + digits + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  private static long value(Kept kept) {
    byte[] reply = kept.reply();
    String text = new String(reply == null ? new byte[0] : reply, StandardCharsets.UTF_8);
    return Long.parseLong(text.substring(text.indexOf('\n') + 1, text.length() - 2));
  }

  private void writeAsClient() {
    versions.end(stripe);
    values.isWritten(key);
    server.set();
    versions.end(stripe);
    values.isWritten(key);
  }

  private void deleteAsClient() throws InterruptedException {
    Kept kept = values.isDeleted(key, System.nanoTime());
    versions.end(stripe);
    long deleted = server.delete();
    if (kept != null && deleted != 0 && deleted != value(kept)) {
      versions.end(stripe);
      values.isWritten(key);
    }
    values.isDeleted(key, System.nanoTime());
    versions.end(stripe);
    Stale stale = values.look(key);
    server.awaitHeard();
    if (stale != null) {
      stale.deletionHeard();
    }
  }

  private void fill() {
    Origin origin = Origin.of(source, ownership, key);
    long asked = versions.now(stripe);
    long value = server.get();
    if (value != 0) {
      byte[] reply = reply(value);
      values.isSeen(key, reply, reply.length, new Seat());
      if (keeper.claims(key, stripe, asked)) {
        long later = System.nanoTime() + 600_000_000_000L;
        keeper.keep(new Kept(key, RULE, reply, origin, later, later, asked + 1));
      } else {
        versions.end(stripe);
      }
    } else {
      versions.end(stripe);
    }
  }

  private void hear() throws InterruptedException {
    boolean tells = server.turn();
    Stale stale = tells ? values.changed(key, System.nanoTime()) : null;
    if (tells) {
      versions.end(stripe);
    }
    source.heard(System.nanoTime());
    server.heard();
    if (stale != null) {
      int doubts = stale.doubts();
      boolean gone = server.get() == 0;
      if (server.turn()) { // what happened meanwhile is told before the decision
        values.changed(key, System.nanoTime());
        versions.end(stripe);
      }
      stale.decide(gone, doubts);
    }
  }

  private void hearAll() {
    try {
      while (!over) {
        hear();
        Thread.onSpinWait();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Callable<Void> atSomeTime(int spins, Callable<Void> action) {
    return () -> {
      for (int left = spins; left > 0; left--) {
        Thread.onSpinWait();
      }
      return action.call();
    };
  }

  private Callable<Void> action(int which) {
    return () -> {
      switch (which) {
        case 0 -> writeAsClient();
        case 1 -> server.set(); // by others
        case 2 -> fill();
        default -> deleteAsClient();
      }
      return null;
    };
  }

  /** In each round a value is kept, and then four things happen to its key at once. */
  @Test
  @Timeout(120)
  void noValueIsGivenAfterItsEndThatWasNotTheNewest() throws Exception {
    Random random = new Random(SEED);
    Thread hearing = new Thread(this::hearAll);
    hearing.start();
    int given = 0;
    try {
      for (int round = 0; round < ROUNDS; round++) {
        server.set();
        server.awaitHeard();
        fill();
        List<Callable<Void>> actions = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          boolean deletes = i == 0 || random.nextInt(3) > 0;
          actions.add(atSomeTime(random.nextInt(300), action(deletes ? 3 : random.nextInt(3))));
        }
        for (Future<Void> each : threads.invokeAll(actions)) {
          each.get();
        }
        server.awaitHeard();
        Kept kept = values.of(key, ownership, System.nanoTime());
        Stale stale = kept == null ? null : kept.stale();
        if (kept != null && stale != null && stale.isGiven(System.nanoTime())) {
          given++;
          assertEquals(server.deleted(), value(kept), "round " + round + ", seed " + SEED);
        }
      }
    } finally {
      over = true;
    }
    Await.end(hearing);
    assertTrue(given > 0, "nothing was given after its end, seed " + SEED);
  }
}
