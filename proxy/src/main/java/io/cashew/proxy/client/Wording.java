package io.cashew.proxy.client;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;

/** How the clients of a pool are told in its protocol what the proxy itself has to say. */
public interface Wording {
  /** In RESP. */
  Wording RESP = new RespWording();

  /** In memcached's text protocol. */
  Wording MEMCACHED = new MemcachedWording();

  /**
   * What a reply is, by its first bytes.
   *
   * @param length how many are there; a line that may be an error is there whole
   * @return its type in RESP, {@code -} for an error
   */
  byte typeOf(ByteBuf buf, int index, int length);

  /** The same of a whole reply, which is not empty. */
  byte typeOf(byte[] reply);

  /** A whole reply: a node gives none. */
  byte[] failure(NodeFailure failure);

  /** A whole reply: an error of this text, which has no code. */
  byte[] error(String text);

  /** What is said before a connection ends that breaks the protocol; may be nothing. */
  byte[] lastWords(ProtocolException error);
}

/** As Redis says it. */
final class RespWording implements Wording {
  @Override
  public byte typeOf(ByteBuf buf, int index, int length) {
    return buf.getByte(index);
  }

  @Override
  public byte typeOf(byte[] reply) {
    return reply[0];
  }

  @Override
  public byte[] failure(NodeFailure failure) {
    return failure.error();
  }

  @Override
  public byte[] error(String text) {
    return Replies.error("ERR " + text);
  }

  @Override
  public byte[] lastWords(ProtocolException error) {
    return Replies.error("ERR " + error.getMessage());
  }
}
