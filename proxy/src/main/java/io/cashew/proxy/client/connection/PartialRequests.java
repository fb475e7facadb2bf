package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.answer.AccessGuard;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Knows where large requests go of which only the beginning is there, if nothing that is still to
 * come can change that. One per pool and worker, confined to it.
 */
final class PartialRequests {
  private final PoolPart pool;
  private final AccessGuard guard;

  PartialRequests(PoolPart pool, AccessGuard guard) {
    this.pool = pool;
    this.guard = guard;
  }

  /** What the client asks for; null if there is no such command. */
  @Nullable Command commandOf(RequestFrame frame) {
    return pool.commands().find(frame.buf(), frame.offset(0), frame.length(0));
  }

  /**
   * Where a request goes; null if its end may change that, or if it has to be looked at as a whole.
   *
   * @param argumentsLeft of the request that are not in the frame
   */
  @Nullable Backend backendOf(Client client, RequestFrame frame, int argumentsLeft) {
    assert pool.worker().inThread();
    if (frame.argc() == 0
        || !client.session().authenticated()
        || client.mode().inTransaction()
        || client.mode().listens()) {
      return null;
    }
    Command command = commandOf(frame);
    if (command == null
        || command.kind() != Kind.FORWARD
        || !command.takes(frame.argc() + argumentsLeft)
        || (client.session().restricted() && !guard.admitsPartial(client, command, frame))) {
      return null;
    }
    return pool.router().backendOfPartial(frame, command);
  }

  /**
   * Where a request goes that could be sent before.
   *
   * @param before is given back if that cannot be told
   */
  Backend backendOf(RequestDecoder decoder, ByteBuf in, int from, int to, Backend before) {
    RequestFrame frame = pool.frame();
    decoder.partial(in, from, to, frame);
    Command command = pool.commands().find(frame);
    Backend now = command == null ? null : pool.router().backendOfPartial(frame, command);
    return now == null ? before : now;
  }
}
