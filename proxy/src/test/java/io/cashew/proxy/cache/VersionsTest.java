package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What may be kept and given of a key while it is written and read from several threads. */
final class VersionsTest {
  private static final int ROUNDS = Integer.getInteger("cashew.cache.rounds", 200_000);

  private final Versions versions = new Versions(16);

  @Test
  void aReplyIsKeptIfNothingWasHeardSinceItWasAskedFor() {
    long asked = versions.now(3);
    assertTrue(versions.claim(3, asked));
    assertEquals(asked + 1, versions.now(3));
  }

  @Test
  void aReplyThatWasAskedForBeforeAnInvalidationIsNot() {
    long asked = versions.now(3);
    versions.end(3);
    assertFalse(versions.claim(3, asked));
  }

  @Test
  void ofTwoRepliesThatWereUnderWayTogetherTheSecondIsNot() {
    long first = versions.now(3);
    long second = versions.now(3);
    assertTrue(versions.claim(3, second));
    assertFalse(versions.claim(3, first));
  }

  @Test
  void otherStripesKeepTheirNumbers() {
    long asked = versions.now(versions.stripe(4));
    versions.end(versions.stripe(5));
    versions.end(versions.stripe(4 + 8));
    assertTrue(versions.claim(versions.stripe(4 + 16), asked));
  }

  @Test
  void thereIsAStripeForEachHash() {
    for (int hash : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      int stripe = versions.stripe(hash);
      assertTrue(stripe >= 0 && stripe < 16);
    }
    assertThrows(IllegalArgumentException.class, () -> new Versions(12));
  }

  /** A value that is kept. */
  private static final class Memory extends Claimed {
    private final long value;

    Memory(long value, long version) {
      super(version);
      this.value = value;
    }
  }

  @Test
  void whatIsKeptOfOtherKeysOfAStripeStays() {
    long asked = versions.now(3);
    assertTrue(versions.claim(3, asked));
    assertTrue(versions.claim(3, versions.now(3)));
    assertTrue(versions.isUnheard(3, asked + 1));
    versions.end(3);
    assertFalse(versions.isUnheard(3, asked + 1));
  }

  @Test
  void howeverManyRepliesAreKeptWhatWasHeardIsNotForgotten() {
    versions.end(3);
    long heard = versions.now(3);
    for (int i = 0; i < 200_000; i++) {
      assertTrue(versions.claim(3, versions.now(3)));
    }
    versions.end(3);
    assertFalse(versions.isUnheard(3, heard));
    assertFalse(versions.claim(3, heard));
  }

  /**
   * A server whose value only rises, one that writes it, two that fill memory, one that reads it.
   * Each tells all others what its client has seen, and nobody may be given less than was seen
   * before it asked.
   */
  @Test
  @Timeout(60)
  void nobodyIsGivenAnOlderValueThanSomebodyHasSeen() throws InterruptedException {
    long seed = System.nanoTime();
    AtomicLong server = new AtomicLong();
    AtomicLong seen = new AtomicLong();
    AtomicReference<Memory> memory = new AtomicReference<>(new Memory(0, -1));
    String violation = "";
    long hits = 0;
    AtomicInteger working = new AtomicInteger(3);
    List<Thread> threads = new ArrayList<>();
    Random pauses = new Random(seed);
    threads.add(
        new Thread(
            () -> {
              for (int round = 0; round < ROUNDS / 10; round++) {
                versions.end(1);
                pause(pauses, 20);
                long written = server.incrementAndGet();
                pause(pauses, 20);
                versions.end(1);
                seen.accumulateAndGet(written, Math::max);
                pause(pauses, 400);
              }
              working.decrementAndGet();
            }));
    for (int i = 1; i <= 2; i++) {
      Random random = new Random(seed + i);
      threads.add(
          new Thread(
              () -> {
                for (int round = 0; round < ROUNDS / 10; round++) {
                  long asked = versions.now(1);
                  pause(random, 20);
                  long value = server.get();
                  pause(random, 20);
                  if (versions.claim(1, asked)) {
                    Objects.requireNonNull(memory.get()).isReplaced();
                    Memory kept = new Memory(value, asked + 1);
                    memory.set(kept);
                    kept.begins(versions, 1);
                  } else {
                    versions.end(1);
                  }
                  seen.accumulateAndGet(value, Math::max);
                  pause(random, 200);
                }
                working.decrementAndGet();
              }));
    }
    threads.forEach(Thread::start);
    while (working.get() > 0 && threads.stream().anyMatch(Thread::isAlive)) {
      long atLeast = seen.get();
      Memory kept = Objects.requireNonNull(memory.get());
      if (kept.counts(versions, 1)) {
        hits++;
        if (kept.value < atLeast) {
          violation = kept.value + " after " + atLeast + ", seed " + seed;
        }
      }
    }
    Await.end(threads);
    assertEquals("", violation);
    assertTrue(hits > 0, "nothing was given from memory, seed " + seed);
  }

  private static void pause(Random random, int most) {
    for (int spin = random.nextInt(most); spin > 0; spin--) {
      Thread.onSpinWait();
    }
  }
}
