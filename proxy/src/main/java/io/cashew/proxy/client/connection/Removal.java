package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.memcached.ReplyShape;
import io.cashew.proxy.memcached.Words;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Deletes a key whose new value is too large, and then says so. Confined to the worker. */
final class Removal extends InFlight {
  private static final byte[] DELETE = "delete ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] META_DELETE = "md ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END_OF_BASE64 = " b\r\n".getBytes(StandardCharsets.US_ASCII);

  private final PendingReply reply;

  /** For a request that is to get {@code reply}. */
  Removal(PendingReply reply) {
    this.reply = reply;
  }

  /** Sends it to the node of the request's key. */
  void send(Backend to, RequestFrame frame, boolean base64, Lane lane) {
    byte[] begin = base64 ? META_DELETE : DELETE;
    byte[] end = base64 ? END_OF_BASE64 : END;
    expected().begin(base64 ? ReplyShape.META_DELETE : ReplyShape.DELETED);
    ByteBuf request =
        Unpooled.buffer(begin.length + frame.length(1) + end.length)
            .writeBytes(begin)
            .writeBytes(frame.buf(), frame.offset(1), frame.length(1))
            .writeBytes(end);
    to.send(request, 0, request.readableBytes(), this, lane);
  }

  @Override
  public void goesTo(Node node) {
    reply.goesTo(node);
  }

  @Override
  public void onReply(ByteBuf buf, int index, int length, boolean last) {
    if (last) {
      reply.give(Words.TOO_LARGE);
    }
  }

  @Override
  public void onFailure(NodeFailure failure) {
    reply.onFailure(failure);
  }

  @Override
  public void onStallTimeout() {}
}
