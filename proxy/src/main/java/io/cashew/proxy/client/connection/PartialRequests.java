package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.answer.AccessGuard;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.RoutingTable;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Knows where large requests go of which only the beginning is there, if nothing that is still to
 * come can change that. One per pool and worker, confined to it.
 */
final class PartialRequests {
  private final PoolPart pool;
  private final AccessGuard guard;

  /** Null: the pool has no rates. */
  private @Nullable RateCheck rates;

  /** The way past the near cache; null: the pool has none. */
  private @Nullable CacheWay cached;

  /** Null: no rule of the pool has times to live longer. */
  private @Nullable LongerLives lives;

  PartialRequests(PoolPart pool, AccessGuard guard) {
    this.pool = pool;
    this.guard = guard;
  }

  void install(@Nullable RateCheck newRates) {
    rates = newRates;
  }

  void install(@Nullable LongerLives newLives) {
    lives = newLives;
  }

  /** How a request that begins its way gets a longer time to live; null: it goes as it comes. */
  @Nullable UploadLife life(
      ConnectedClient client,
      Command command,
      RequestDecoder decoder,
      ByteBuf in,
      int from,
      int to,
      int checked) {
    LongerLives longer = lives;
    if (longer == null) {
      return null;
    }
    int before = speaksFor(client);
    UploadLife life = longer.ofUpload(client, command, decoder, in, from, to, checked);
    pool.router().speaksFor(before);
    return life;
  }

  /** Why a request that begins its way is one too many; null: it is not. */
  @Nullable String refusal(
      ConnectedClient client,
      Command command,
      RequestDecoder decoder,
      ByteBuf in,
      int from,
      int to) {
    RateCheck counting = rates;
    if (counting == null) {
      return null;
    }
    String refusal = counting.refusal(client, command);
    if (refusal == null) {
      RequestFrame frame = pool.frame();
      decoder.partial(in, from, to, frame);
      int before = speaksFor(client);
      refusal = counting.refusalOfKeys(client, command, frame);
      pool.router().speaksFor(before);
    }
    return refusal;
  }

  /** The pool has this way past its near cache from now on; null: none. */
  void install(@Nullable CacheWay newCached) {
    cached = newCached;
  }

  /** A request begins its way whose beginning is here. */
  void begins(ConnectedClient client, RequestDecoder decoder, ByteBuf in, int from, int to) {
    CacheWay memory = cached;
    ReplySlot slot = client.replies().head(); // nobody else's, until it has its reply
    if (memory != null && slot != null) {
      RequestFrame frame = pool.frame();
      decoder.partial(in, from, to, frame);
      Command command = pool.commands().find(frame);
      if (command != null) {
        int before = speaksFor(client);
        memory.uploads(client, command, frame, slot);
        pool.router().speaksFor(before);
      }
    }
  }

  /** What the client asks for; null if there is no such command. */
  @Nullable Command commandOf(RequestFrame frame) {
    return pool.commands().find(frame.buf(), frame.offset(0), frame.length(0));
  }

  /**
   * Where a request goes; null if its end may change that, or if it has to be looked at as a whole.
   *
   * @param argumentsLeft of the request that are not in the frame
   * @param needed bytes that it has at least
   */
  @Nullable Backend backendOf(Client client, RequestFrame frame, int argumentsLeft, long needed) {
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
    Backend to = found(client, frame, command);
    return to != null
            && needed <= pool.settings().gatheredRequestBytes()
            && isMoving(client, frame, command)
        ? null
        : to;
  }

  /**
   * Whether the slot of a request's one key is known to move: sent once, it might not come back.
   */
  private boolean isMoving(Client client, RequestFrame frame, Command command) {
    RoutingTable table = pool.router().table();
    if (!table.slotsMove()) {
      return false;
    }
    int before = speaksFor(client);
    int group = pool.router().groupOf(frame, command.firstKey());
    pool.router().speaksFor(before);
    return table.isMoving(group, pool.worker().tickMillis());
  }

  /**
   * Where a request goes that could be sent before.
   *
   * @param before is given back if that cannot be told
   */
  Backend backendOf(
      Client client, RequestDecoder decoder, ByteBuf in, int from, int to, Backend before) {
    RequestFrame frame = pool.frame();
    decoder.partial(in, from, to, frame);
    Command command = pool.commands().find(frame);
    Backend now = command == null ? null : found(client, frame, command);
    return now == null ? before : now;
  }

  /** Its requests are taken by parts, not by {@link RoutedDispatch#take}. */
  private int speaksFor(Client client) {
    return pool.router().speaksFor(client.lane().routes());
  }

  private @Nullable Backend found(Client client, RequestFrame frame, Command command) {
    int before = speaksFor(client);
    Backend to = pool.router().backendOfPartial(frame, command);
    pool.router().speaksFor(before);
    return to;
  }
}
