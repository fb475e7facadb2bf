package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.OwnRequest;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/**
 * What the proxy asks servers of keys for itself, on one worker. Confined to it.
 *
 * @param router knows who has a key
 */
record Questions(Worker worker, Router router) {
  /** What a key has around it. */
  private static final int HEADER_BYTES = 16;

  /** Who has a key. */
  Backend primaryOf(KeyBytes key) {
    return router.backends().get(router.nodeFor(Arrays.copyOf(key.bytes(), key.length())));
  }

  /** For what is asked behind no client's request. */
  Lane lane() {
    return router.lane(0, false, 0);
  }

  /**
   * Asks a server about one key.
   *
   * @param command the request up to the key, which is its last argument
   */
  void ask(byte[] command, KeyBytes key, OwnRequest request, Backend to, Lane lane) {
    assert worker.inThread();
    ByteBuf ask = worker.allocator().directBuffer(command.length + key.length() + HEADER_BYTES);
    try {
      ask.writeBytes(command);
      Replies.writeBulk(ask, Unpooled.wrappedBuffer(key.bytes()), 0, key.length());
      to.send(ask, ask.readerIndex(), ask.readableBytes(), request, lane);
    } finally {
      ask.release();
    }
  }
}
