package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.MemcachedLimits;
import io.cashew.proxy.memcached.MemcachedDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** The {@link Intake} of a client that speaks memcached. Confined to the client's worker. */
final class MemcachedIntake extends Intake {
  private final MemcachedProtocol protocol;
  private final MemcachedDecoder decoder;

  /** Bytes that belong to a request that was refused. */
  private long skip;

  MemcachedIntake(
      Owner owner, ConnectedClient client, Gate gate, Channel channel, MemcachedProtocol protocol) {
    super(owner, client, gate, channel);
    this.protocol = protocol;
    decoder = new MemcachedDecoder(valueLength(), lineLength());
  }

  private long valueLength() {
    return protocol.limits().valueLength();
  }

  private long lineLength() {
    return pool.settings().gatheredRequestBytes();
  }

  @Override
  void limitsChanged() {
    MemcachedLimits limits = protocol.limits();
    decoder.limits(limits.valueLength(), lineLength());
  }

  @Override
  int needed() {
    return decoder.needed();
  }

  @Override
  int request(ByteBuf in, int at, int to) {
    if (skip > 0) {
      return skip(at, to);
    }
    RequestFrame frame = pool.frame();
    switch (decoder.decode(in, at, to, frame)) {
      case INCOMPLETE -> {
        return incomplete(in, at, frame) ? at : INCOMPLETE;
      }
      case ANSWER -> protocol.malformed(client, decoder.answer());
      case TOO_LARGE -> {
        skip = decoder.skipped();
        protocol.tooLarge(client, frame, decoder);
      }
      case REQUEST -> {
        if (!protocol.take(client, frame, decoder)) {
          return at; // it is decoded again when the gate opens
        }
      }
    }
    isWhole();
    return frame.next();
  }

  private int skip(int at, int to) {
    isIncomplete();
    int skipped = (int) Math.min(skip, to - at);
    skip -= skipped;
    if (skip == 0) {
      isWhole();
    }
    return at + skipped;
  }

  @Override
  boolean isBusy() {
    return skip > 0 || super.isBusy();
  }

  /**
   * Bytes are missing. A large request begins its way to its node as it is.
   *
   * @return whether it does
   */
  private boolean incomplete(ByteBuf in, int from, RequestFrame frame) {
    isIncomplete();
    if (!decoder.inData()
        || decoder.needed() < STREAM_FROM
        || decoder.quiet()
        || protocol.hasRates()) {
      return false;
    }
    decoder.decodeLine(in, from, frame);
    if (protocol.backendOf(frame, decoder) == null) {
      return false;
    }
    begin(new MemcachedUpload(client, protocol, decoder, this::resumeSoon));
    return true;
  }

  @Override
  long argumentBytes() {
    return isTaking() ? pool.frame().length() : 0;
  }
}
