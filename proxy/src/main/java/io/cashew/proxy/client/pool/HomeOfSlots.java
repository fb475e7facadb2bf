package io.cashew.proxy.client.pool;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.Slots;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;

/** What the reply slots of a pool's clients on one worker ask of it. Confined to the worker. */
final class HomeOfSlots implements Slots.Home {
  private final PoolPart pool;

  HomeOfSlots(PoolPart pool) {
    this.pool = pool;
  }

  @Override
  public Backend backendOf(ByteBuf request) {
    RequestFrame again = new RequestFrame();
    Command command =
        new RequestDecoder(pool.settings().limits())
                .decode(request, request.readerIndex(), request.writerIndex(), again)
            ? pool.commands().find(again)
            : null;
    Router router = pool.router();
    Backend target = command == null ? null : router.find(again, command).target();
    return target == null ? router.keylessBackend() : target;
  }

  @Override
  public void sentAgain() {
    pool.recorder().retries++;
  }

  @Override
  public void error(ByteBuf buf, int index, int length) {
    pool.insight().error(buf, index, length);
  }

  @Override
  public void error(byte[] reply) {
    pool.insight().error(reply);
  }
}
