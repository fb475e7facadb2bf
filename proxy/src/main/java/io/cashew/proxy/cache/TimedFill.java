package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.memcached.ItemReply;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A get of one key or several, on its way: what is said of them may be kept for the time of their
 * rules. Whether it is, {@link Versions} decide; whatever comes of it, it ends what is kept of
 * these keys. Confined to the worker.
 */
public final class TimedFill implements ReplyWatch {
  /** Longer replies to gets of several keys are not looked through. */
  private static final int LONGEST = 1 << 20;

  private final TimedPart part;
  private final boolean keepsMissing;
  private final long askedNanos;
  private final Map<KeyBytes, Asked> keys = new HashMap<>();
  private final ReplyBytes reply;

  /**
   * A key that is asked for.
   *
   * @param number of the stripe when it was asked for
   * @param origin who is to say something of it; null: it may not be kept
   */
  record Asked(KeyBytes key, CacheRule rule, int stripe, long number, @Nullable Origin origin) {}

  TimedFill(TimedPart part, boolean keepsMissing, long nowNanos) {
    this.part = part;
    this.keepsMissing = keepsMissing;
    askedNanos = nowNanos;
    reply = new ReplyBytes(LONGEST + part.cache().replyBytesMax());
  }

  /** The key that its part has looked at is one of them. */
  public void asksForLookedAt(CacheRule rule, Node of) {
    Asked asked = part.asked(rule, of);
    keys.putIfAbsent(asked.key(), asked);
  }

  @Override
  public boolean onReply(ByteBuf buf, int index, int bytes, boolean last) {
    reply.add(buf, index, bytes, last);
    if (last) {
      over();
    }
    return false;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    keys.values().forEach(each -> part.versions().end(each.stripe()));
    return null;
  }

  private void over() {
    ItemReply items = reply.isTooLong() ? null : ItemReply.read(reply.bytes(), reply.length());
    if (items == null) { // an error
      onNoReply(null);
      return;
    }
    KeyBytes of = new KeyBytes();
    while (items.next()) {
      of.set(reply.bytes(), items.keyStart(), items.keyLength());
      Asked asked = keys.remove(of);
      if (asked != null) {
        boolean fits = items.length() <= part.cache().replyBytesMax();
        keep(asked, asked.rule().nearMillis(), fits ? items.alone() : null, fits);
      }
    }
    for (Iterator<Asked> left = keys.values().iterator(); left.hasNext(); ) {
      Asked missing = left.next();
      keep(missing, missing.rule().missingMillis(), null, keepsMissing);
    }
  }

  private void keep(Asked asked, long millis, byte @Nullable [] what, boolean mayBeKept) {
    Origin origin = asked.origin();
    boolean keeps = mayBeKept && millis > 0;
    if (!keeps
        || origin == null
        || !part.cache().keeper().claims(asked.key(), asked.stripe(), asked.number())) {
      part.recorder(asked.rule()).fillsDropped += keeps && origin != null ? 1 : 0;
      part.versions().end(asked.stripe());
      return;
    }
    long end = part.cache().endBeforeFlush(askedNanos + TimeUnit.MILLISECONDS.toNanos(millis));
    Kept kept = new Kept(asked.key(), asked.rule(), what, origin, end, end, asked.number() + 1);
    part.recorder(asked.rule()).fillsDropped += part.cache().keeper().keep(kept) ? 0 : 1;
  }
}
