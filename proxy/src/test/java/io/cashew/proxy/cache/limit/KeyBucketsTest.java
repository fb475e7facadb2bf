package io.cashew.proxy.cache.limit;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class KeyBucketsTest {
  private final KeyBuckets buckets = new KeyBuckets(5);
  private final KeyBuckets.Probe probe = new KeyBuckets.Probe();

  private RateBucket of(String key) {
    ByteBuf buf = Unpooled.copiedBuffer("xx" + key + "yy", StandardCharsets.UTF_8);
    return buckets.of(buf, 2, buf.readableBytes() - 4, probe, 0);
  }

  @Test
  void eachKeyHasABucketOfItsOwn() {
    RateBucket one = of("product:1");
    assertSame(one, of("product:1"));
    for (String other : new String[] {"product:2", "product:", "product:11", "xproduct:1", ""}) {
      assertNotSame(one, of(other), other);
    }
    assertSame(one, of("product:1"));
  }

  @Test
  void manyOtherKeysDoNotHaveAHotKeyBeginAnew() {
    RateBucket hot = of("hot");
    for (int i = 0; i < 300_000; i++) {
      of("random:" + i);
      if (i % 10 == 0) {
        assertSame(hot, of("hot"), "after " + i);
      }
    }
    assertTrue(buckets.size() <= 100_000, buckets.size() + " buckets");
  }
}
