package io.cashew.proxy.client;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.memcached.BinaryRefusal;
import io.cashew.proxy.memcached.Words;
import io.cashew.proxy.resp.ProtocolException;
import io.netty.buffer.ByteBuf;

/** As memcached says it. */
final class MemcachedWording implements Wording {
  private static final byte[] NOTHING = {};

  @Override
  public byte typeOf(ByteBuf buf, int index, int length) {
    return Words.isError(buf, index, index + length) ? (byte) '-' : (byte) '+';
  }

  @Override
  public byte typeOf(byte[] reply) {
    return Words.isError(reply) ? (byte) '-' : (byte) '+';
  }

  @Override
  public byte[] failure(NodeFailure failure) {
    return Words.serverError(failure.text());
  }

  @Override
  public byte[] error(String text) {
    return Words.serverError(text);
  }

  /** memcached says nothing, but to a client of its binary protocol, who could not know. */
  @Override
  public byte[] lastWords(ProtocolException error) {
    return error instanceof BinaryRefusal refusal ? refusal.response() : NOTHING;
  }
}
