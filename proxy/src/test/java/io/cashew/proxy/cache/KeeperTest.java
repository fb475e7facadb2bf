package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.Topologies;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which of the replies that come is what is kept of a key. */
final class KeeperTest {
  private static final CacheRule RULE = Rules.near("*", 600_000, 600_000);
  private static final byte[] VALUE = {'$', '0', '\r', '\n', '\r', '\n'};

  private final Upkeep upkeep = new Upkeep("p");
  private final Versions versions = new Versions(1); // all keys are in one stripe
  private final Store values = new Store(1 << 20, 1, upkeep);
  private final Store missing = new Store(1 << 20, 1, upkeep);
  private final Keeper keeper = new Keeper(versions, values, missing);
  private final Source source = new Source();
  private final Ownership ownership = Ownership.of(Topologies.modula("alpha"));
  private final KeyBytes a = key("a");
  private final KeyBytes b = key("b");

  @AfterEach
  void stop() {
    upkeep.close();
  }

  private static KeyBytes key(String name) {
    KeyBytes key = new KeyBytes();
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    key.set(bytes, 0, bytes.length);
    return key;
  }

  private Kept reply(KeyBytes key, boolean nil, long asked) {
    long end = System.nanoTime() + 600_000_000_000L;
    Origin origin = Origin.of(source, ownership, key);
    return new Kept(key, RULE, nil ? null : VALUE, origin, end, end, asked + 1);
  }

  private void replied(KeyBytes key, boolean nil) {
    long asked = versions.now(0);
    assertTrue(keeper.claims(key, 0, asked));
    assertTrue(keeper.keep(reply(key, nil, asked)));
  }

  private boolean isKept(Store in, KeyBytes key) {
    Kept kept = in.look(key);
    return kept != null && keeper.counts(kept);
  }

  @Test
  void keysOfOneStripeAreKeptTogether() {
    replied(a, false);
    replied(b, true);
    replied(key("c"), false);
    assertTrue(isKept(values, a));
    assertTrue(isKept(missing, b));
    versions.end(0);
    assertFalse(isKept(values, a));
    assertFalse(isKept(missing, b));
  }

  @Test
  void theNextReplyEndsWhatIsKeptOfItsKeyBeforeItIsKeptItself() {
    replied(a, false);
    replied(b, true);
    assertTrue(keeper.claims(a, 0, versions.now(0)));
    assertFalse(isKept(values, a));
    assertTrue(isKept(missing, b));
    replied(b, false);
    assertFalse(isKept(missing, b));
    assertTrue(isKept(values, b));
  }

  @Test
  void aReplyThatIsNotToBeKeptEndsNothing() {
    long asked = versions.now(0);
    replied(a, false);
    assertFalse(keeper.claims(a, 0, asked));
    assertTrue(isKept(values, a));
  }

  @Test
  void ofTwoRepliesTheFirstIsNotKeptOnceTheSecondHasCome() {
    long first = versions.now(0);
    assertTrue(keeper.claims(a, 0, first));
    long second = versions.now(0);
    assertTrue(keeper.claims(a, 0, second));
    assertTrue(keeper.keep(reply(a, false, second)));
    Kept newer = values.look(a);
    assertFalse(keeper.keep(reply(a, false, first)));
    assertSame(newer, values.look(a));
    assertTrue(isKept(values, a));
  }

  /** Until the new one is kept: so it is known what the key had when it ends meanwhile. */
  @Test
  void whatSaysTheSameAsTheNextReplyIsNotReplacedByIt() {
    replied(a, false);
    replied(b, true);
    assertTrue(keeper.claims(a, 0, versions.now(0), VALUE, VALUE.length));
    assertTrue(keeper.claims(b, 0, versions.now(0), null, 0));
    assertTrue(isKept(values, a));
    assertTrue(isKept(missing, b));
    assertTrue(keeper.claims(a, 0, versions.now(0), VALUE, VALUE.length - 1));
    assertTrue(keeper.claims(b, 0, versions.now(0), VALUE, VALUE.length));
    assertFalse(isKept(values, a));
    assertFalse(isKept(missing, b));
    replied(a, false);
    assertTrue(keeper.claims(a, 0, versions.now(0), null, 0));
    assertFalse(isKept(values, a));
  }

  /** It is where others find it before it counts. */
  @Test
  void whatIsReplacedBeforeItBeginsNeverCounts() {
    long asked = versions.now(0);
    assertTrue(keeper.claims(a, 0, asked));
    Kept kept = reply(a, false, asked);
    values.put(kept);
    assertFalse(keeper.counts(kept));
    kept.isReplaced();
    kept.begins(versions, 0);
    assertFalse(keeper.counts(kept));
  }

  @Test
  void whatIsFoundTooLateToBeReplacedNeverCounts() {
    long asked = versions.now(0);
    assertTrue(keeper.claims(a, 0, asked));
    Kept kept = reply(a, false, asked);
    versions.claim(0, asked + 1); // a reply about it, by whom it was not found yet
    kept.begins(versions, 0);
    assertFalse(keeper.counts(kept));
  }

  @Test
  void aReplyThatSaysWhatIsKeptEndsOnlyWhatWasAskedForBefore() {
    replied(a, false);
    replied(b, false);
    long asked = versions.now(0);
    Kept kept = values.look(a);
    assertNotNull(kept);
    assertTrue(keeper.countsOn(kept));
    assertFalse(keeper.claims(a, 0, asked));
    assertTrue(isKept(values, a));
    versions.end(0);
    assertFalse(keeper.countsOn(kept));
    assertEquals(VALUE, kept.reply());
  }
}
