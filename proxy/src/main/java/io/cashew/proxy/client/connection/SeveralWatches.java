package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.route.ReplyWatch;
import io.cashew.proxy.route.Substitutes;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hear of one reply, each for some of its keys, in whose place each may give what it has. None of
 * them holds the reply back or has another in its place: that is done for one key.
 */
record SeveralWatches(List<ReplyWatch> all) implements ReplyWatch {
  @Override
  public boolean onReply(ByteBuf buf, int index, int length, boolean last) {
    for (ReplyWatch each : all) {
      each.onReply(buf, index, length, last);
    }
    return false;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    all.forEach(each -> each.onNoReply(failure));
    return null;
  }

  /** A key is one of those of one watch only. */
  @Override
  public @Nullable Substitutes substitutes() {
    List<Substitutes> some = new ArrayList<>(all.size());
    for (ReplyWatch each : all) {
      Substitutes of = each.substitutes();
      if (of != null) {
        some.add(of);
      }
    }
    return some.isEmpty() ? null : (key, failure) -> firstOf(some, key, failure);
  }

  private static byte @Nullable [] firstOf(
      List<Substitutes> some, int key, @Nullable NodeFailure failure) {
    for (Substitutes each : some) {
      byte[] element = each.of(key, failure);
      if (element != null) {
        return element;
      }
    }
    return null;
  }

  @Override
  public void onNotSent() {
    all.forEach(ReplyWatch::onNotSent);
  }
}
