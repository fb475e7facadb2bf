package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Topologies;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a filter says, and when it says nothing. */
final class KeyFilterTest {
  private final KeyFilter filter = new KeyFilter();
  private final Source source = new Source();
  private final Topology topology = Topologies.modula("a", "b").numbered(1);
  private final Ownership ownership = Ownership.of(topology);

  private static KeyBytes key(String text) {
    ByteBuf buf = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    KeyBytes key = new KeyBytes();
    key.set(buf, 0, buf.readableBytes());
    return key;
  }

  private boolean isWithout(String text) {
    return filter.isWithout(key(text), source, ownership, 0);
  }

  private void build(String... keys) {
    source.listens(0);
    filter.begin(1000);
    for (String each : keys) {
      filter.add(key(each));
    }
    filter.complete(source.era(), ownership);
  }

  @Test
  void itSaysNothingBeforeItIsComplete() {
    source.listens(0);
    assertFalse(isWithout("a"));
    filter.begin(1000);
    filter.add(key("b"));
    assertFalse(isWithout("a"));
    filter.complete(source.era(), ownership);
    assertTrue(isWithout("a"));
    assertFalse(isWithout("b"));
  }

  @Test
  void itSaysNothingOfAServerThatIsNotHeard() {
    build("b");
    assertTrue(isWithout("a"));
    assertFalse(filter.isWithout(key("a"), source, ownership, Source.BELIEVED_NANOS));
    source.lost();
    source.listens(0);
    assertFalse(isWithout("a"), "of another era");
    assertFalse(filter.isFit(source.era(), ownership));
  }

  @Test
  void whatIsAddedExistsInTheOneThatGrowsToo() {
    build("b");
    filter.add(key("a"));
    assertFalse(isWithout("a"));
    filter.begin(1000);
    filter.add(key("c"));
    assertFalse(isWithout("c"));
    filter.complete(source.era(), ownership);
    assertFalse(isWithout("c"));
    assertTrue(isWithout("a"), "deleted since, for all that the new one knows");
  }

  @Test
  void oneThatIsAbandonedChangesNothing() {
    build("b");
    filter.begin(1000);
    filter.abandon();
    filter.complete(source.era(), ownership);
    assertTrue(isWithout("a"));
    assertFalse(isWithout("b"));
  }

  @Test
  void oneThatIsTooFullIsNotFit() {
    build("b");
    assertTrue(filter.isFit(source.era(), ownership));
    for (int i = 0; i < 1200; i++) {
      filter.add(key("k" + i));
    }
    assertFalse(filter.isFit(source.era(), ownership));
  }

  @Test
  void fewKeysThatDoNotExistSeemToDo() {
    source.listens(0);
    filter.begin(100_000);
    for (int i = 0; i < 100_000; i++) {
      filter.add(key("page:" + i));
    }
    filter.complete(source.era(), ownership);
    int wrong = 0;
    for (int i = 0; i < 100_000; i++) {
      assertFalse(isWithout("page:" + i));
      wrong += isWithout("other:" + i) ? 0 : 1;
    }
    assertTrue(wrong < 500, wrong + " of 100,000");
    assertEquals(161, KeyFilter.bytes(100));
  }
}
