package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hear of one reply, each for some of its keys. None of them holds it back or has another in its
 * place: that is done for one key.
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

  @Override
  public void onNotSent() {
    all.forEach(ReplyWatch::onNotSent);
  }
}
