package io.cashew.proxy.cache.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RateBucket} for each key of a rule. Shared by the workers.
 *
 * <p>A key that was not asked for in a second has a full bucket, which is as good as none. Of more
 * keys than there may be buckets those that are asked for most keep theirs: so many others, as in
 * an attack with random keys, cannot have a hot key begin anew, and none is refused for another's
 * sake.
 */
public final class KeyBuckets {
  /** Each takes about 150 bytes. */
  private static final int MOST = 100_000;

  private static final Duration FULL_AFTER = Duration.ofMillis(1100);

  private final int perSecond;
  private final Cache<KeyHash, RateBucket> buckets =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(FULL_AFTER).build();

  KeyBuckets(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Finds buckets; confined to one thread. */
  public static final class Probe {
    private final KeyHash hash = new KeyHash();
  }

  /** The bucket of a key. */
  public RateBucket of(ByteBuf buf, int offset, int length, Probe probe, long nowNanos) {
    probe.hash.set(buf, offset, length);
    @Nullable RateBucket known = buckets.getIfPresent(probe.hash);
    return known != null
        ? known
        : buckets.get(probe.hash.copy(), absent -> new RateBucket(perSecond, nowNanos));
  }

  /** How many keys have one. */
  long size() {
    buckets.cleanUp();
    return buckets.estimatedSize();
  }
}
