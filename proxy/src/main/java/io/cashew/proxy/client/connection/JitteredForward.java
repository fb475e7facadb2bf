package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;

/** Sends requests whose times to live are to be longer so. Confined to the worker. */
final class JitteredForward extends Forward {
  private final LongerLives lives;

  JitteredForward(PoolPart pool, LongerLives lives) {
    super(pool);
    this.lives = lives;
  }

  @Override
  void take(ConnectedClient client, Command command, RequestFrame frame) {
    RequestFrame longer = lives.of(client, command, frame);
    if (longer == null) {
      super.take(client, command, frame);
      return;
    }
    try {
      super.take(client, command, longer);
    } finally {
      longer.buf().release();
    }
  }
}
