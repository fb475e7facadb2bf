package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.RequestStream;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.memcached.ExpectedReply;
import io.cashew.proxy.memcached.MemcachedDecoder;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Upload} of a large value to a memcached node, whose length is known when it begins.
 * Confined to the worker.
 */
final class MemcachedUpload extends Upload {
  private final ConnectedClient client;
  private final MemcachedProtocol protocol;
  private final MemcachedDecoder decoder;
  private final Runnable resume;

  /** Bytes that have not passed. */
  private long left;

  private boolean started;
  private @Nullable RequestStream stream;

  /**
   * Takes over the request that {@code decoder} has found incomplete.
   *
   * @param resume runs when the node takes more again
   */
  MemcachedUpload(
      ConnectedClient client,
      MemcachedProtocol protocol,
      MemcachedDecoder decoder,
      Runnable resume) {
    this.client = client;
    this.protocol = protocol;
    this.decoder = decoder;
    this.resume = resume;
    left = decoder.needed();
  }

  /** It looks when it begins, and not before. */
  @Override
  void lookAgain() {}

  @Override
  boolean started() {
    return started;
  }

  @Override
  boolean ended() {
    return started && left == 0;
  }

  @Override
  boolean blocked() {
    return stream != null && !stream.writable();
  }

  @Override
  int take(ByteBuf in, int from, int to) {
    int at = started ? from : start(in, from, to);
    int piece = (int) Math.min(left, to - at);
    left -= piece;
    if (stream != null) {
      stream.write(in, at, piece);
      if (left == 0) {
        stream.end();
        stream = null;
      }
    }
    return at + piece;
  }

  /** Begins with the line. @return index after it */
  private int start(ByteBuf in, int from, int to) {
    started = true;
    protocol.picksNodes();
    RequestFrame frame = client.pool().frame();
    decoder.decodeLine(in, from, frame);
    ReplySlot slot = client.addSlotOfUpload(protocol.row(decoder.verb()), in, from, to - from);
    ExpectedReply expected = slot.expected().begin(decoder.verb().reply());
    if (decoder.verb().isMeta()) {
      expected.addMeta(frame, 1, 3, decoder.base64());
    }
    protocol.watches(slot, frame, decoder);
    client.pool().insight().begins(frame, protocol.row(decoder.verb()));
    Backend backend = protocol.backendOf(frame, decoder);
    int lineEnd = frame.end();
    if (backend == null) {
      throw new IllegalStateException("a key that could be read cannot be read again");
    }
    stream = backend.stream(slot, client.lane(), resume);
    int line = lineEnd;
    if (decoder.noReply()) {
      slot.mute();
      line = frame.offset(frame.argc() - 1);
    }
    if (stream != null) {
      writeLine(stream, in, from, line, frame);
      if (decoder.noReply()) {
        int behind = line + frame.length(frame.argc() - 1);
        stream.write(in, behind, lineEnd - behind);
      }
    }
    left -= lineEnd - from;
    decoder.reset();
    return lineEnd;
  }

  private void writeLine(RequestStream to, ByteBuf in, int from, int behind, RequestFrame frame) {
    MemcachedLives.Longer longer = protocol.longerLife(frame, decoder);
    if (longer == null) {
      to.write(in, from, behind - from);
    } else {
      to.write(in, from, longer.from() - from);
      to.write(Unpooled.wrappedBuffer(longer.text()), 0, longer.text().length);
      to.write(in, longer.behind(), behind - longer.behind());
    }
  }

  @Override
  boolean abort(byte[] error) {
    RequestStream begun = stream;
    stream = null;
    return begun != null && begun.abort(new NodeFailure(FailureKind.ABANDONED, error));
  }
}
