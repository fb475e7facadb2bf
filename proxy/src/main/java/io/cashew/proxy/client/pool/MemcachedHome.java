package io.cashew.proxy.client.pool;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.pubsub.Subscriptions;
import io.cashew.proxy.memcached.MemcachedDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.RequestKeys;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The same of a pool that speaks memcached. Confined to the worker. */
final class MemcachedHome extends HomeOfSlots {
  MemcachedHome(PoolPart pool, Subscriptions subscriptions) {
    super(pool, subscriptions);
  }

  @Override
  public Backend readerInsteadOf(Backend former, ByteBuf request, Lane lane) {
    return backendOf(request, lane);
  }

  /** What only reads is asked again, a get whose keys were on one node. */
  @Override
  public Backend backendOf(ByteBuf request, Lane lane) {
    RequestFrame again = new RequestFrame();
    MemcachedDecoder decoder = new MemcachedDecoder(Integer.MAX_VALUE, Integer.MAX_VALUE);
    var unused = decoder.decode(request, request.readerIndex(), request.writerIndex(), again);
    int key = decoder.verb().firstKey();
    return pool.router().backends().get(pool.router().nodeFor(again, key));
  }

  @Override
  public boolean keysOf(ByteBuf request, Lane lane, RequestKeys into) {
    return false;
  }

  @Override
  public String error(ByteBuf buf, int index, int length) {
    // there is no '-' before its first word
    return pool.insight().error(buf, index - 1, length + 1);
  }

  @Override
  public String error(byte[] reply) {
    return pool.insight()
        .error(("-" + new String(reply, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
  }
}
