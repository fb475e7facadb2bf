package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.resp.RespLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** The {@link Intake} of a client that speaks RESP. Confined to the client's worker. */
final class RespIntake extends Intake {
  private final Dispatch dispatch;
  private final PartialRequests partialRequests;
  private final RequestDecoder decoder;

  /** A request has grown large and must be held until it is whole. */
  private boolean gathering;

  RespIntake(Owner owner, ConnectedClient client, Gate gate, Channel channel, Dispatch dispatch) {
    super(owner, client, gate, channel);
    this.dispatch = dispatch;
    partialRequests = dispatch.partialRequests();
    decoder = new RequestDecoder(limits());
  }

  private RespLimits limits() {
    return client.session().authenticated() ? pool.settings().limits() : RespLimits.BEFORE_AUTH;
  }

  @Override
  void limitsChanged() {
    decoder.limits(limits());
  }

  @Override
  int needed() {
    return decoder.needed();
  }

  @Override
  int request(ByteBuf in, int at, int to) {
    RequestFrame frame = pool.frame();
    if (!decoder.decode(in, at, to, frame)) {
      return incomplete(in, at, to, frame) ? at : INCOMPLETE;
    }
    gathering = false;
    isWhole();
    client.holdForPause(pool.pause().active() && isToWait(frame));
    boolean taken = !gate.has(Hold.PAUSE) && dispatch.take(client, frame);
    return taken ? frame.next() : at; // it is decoded again when the gate opens
  }

  private boolean isToWait(RequestFrame frame) {
    return pool.pause()
        .holds(frame, client.session().authenticated(), client.mode().queuesWrites());
  }

  /**
   * Bytes are missing. A request that has grown large begins its way to its node as it is.
   *
   * @return whether it does, or waits for its turn
   */
  private boolean incomplete(ByteBuf in, int from, int to, RequestFrame frame) {
    isIncomplete();
    if (to - from < STREAM_FROM) {
      return false;
    }
    Backend backend = null;
    if (!gathering) {
      // A request so large hardly reads: let the pause hold it.
      client.holdForPause(pool.pause().active());
      if (gate.has(Hold.PAUSE)) {
        return true;
      }
      gathering = true; // looking once is enough: the first key is among the first bytes
      decoder.partial(in, from, to, frame);
      backend = partialRequests.backendOf(client, frame, decoder.argumentsLeft(), decoder.needed());
    }
    if (backend != null) {
      gathering = false;
      client.wroteElsewhere(backend.node());
      Command command = partialRequests.commandOf(frame);
      begin(new RespUpload(client, backend, command, decoder, partialRequests, this::resumeSoon));
      return true;
    }
    if (to - from > pool.settings().gatheredRequestBytes()) {
      throw new ProtocolException(
          "Protocol error: too big request: more than "
              + pool.settings().gatheredRequestBytes()
              + " bytes can only be sent for a single key",
          ProtocolException.Fault.TOO_LARGE);
    }
    return false;
  }

  @Override
  long argumentBytes() {
    long bytes = 0;
    for (int i = 0; isTaking() && i < pool.frame().argc(); i++) {
      bytes += pool.frame().length(i);
    }
    return bytes;
  }
}
