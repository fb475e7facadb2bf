package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.memcached.MemcachedReplyDecoder;
import io.cashew.proxy.metrics.NodeRecorder;
import io.netty.buffer.ByteBuf;

/** A {@link ReplyFeed} of memcached's text protocol: each request knows what may answer it. */
final class MemcachedReplyFeed extends ReplyFeed {
  private final MemcachedReplyDecoder decoder;

  /** Bytes of {@code channel} for the requests of {@code queue}. */
  MemcachedReplyFeed(
      Worker worker, NodeChannel channel, NodeRecorder recorder, InFlightQueue queue) {
    super(worker, channel, recorder, queue);
    decoder = new MemcachedReplyDecoder(channel.settings().maxBulkLength());
  }

  @Override
  void acceptPushes(PushSink sink) {
    throw new IllegalStateException("memcached pushes nothing");
  }

  @Override
  boolean acceptsPushes() {
    return false;
  }

  @Override
  boolean inReply() {
    return !decoder.atStart();
  }

  @Override
  int unasked(ByteBuf in, int at, int to) {
    return at;
  }

  @Override
  int feed(InFlight request, ByteBuf in, int at, int to) {
    if (decoder.atStart()) {
      decoder.begin(request.expected());
    }
    return decoder.feed(in, at, to);
  }

  @Override
  boolean inLine() {
    return decoder.inFirstLine();
  }

  @Override
  boolean isError() {
    return decoder.isError();
  }

  @Override
  boolean isSilence() {
    return decoder.isSilence();
  }

  /** What it says is for the client alone. */
  @Override
  void noteError(ByteBuf buf, int index, int length) {}
}
