package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.OwnRequest;
import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;

/** Asks for the remaining life of a key whose value may be kept. Confined to the worker. */
final class TimeToLive extends OwnRequest {
  private static final byte[] PTTL = Replies.bytes("*2\r\n$4\r\nPTTL\r\n");

  private final Life life;

  private TimeToLive(Life life) {
    this.life = life;
  }

  /** Asks a server. */
  static void ask(Questions questions, KeyBytes of, Life life, Backend to, Lane lane) {
    questions.ask(PTTL, of, new TimeToLive(life), to, lane);
  }

  @Override
  public void onReply(ByteBuf buf, int index, int length, boolean last) {
    // An integer is a line, which comes whole.
    life.lives(buf.getByte(index) == ':' ? number(buf, index + 1, index + length) : Life.UNKNOWN);
  }

  /** The number in a line. */
  static long number(ByteBuf buf, int from, int to) {
    boolean negative = buf.getByte(from) == '-';
    long number = 0;
    for (int i = negative ? from + 1 : from; i < to && buf.getByte(i) >= '0'; i++) {
      number = number * 10 + (buf.getByte(i) - '0');
    }
    return negative ? -number : number;
  }

  @Override
  public void onFailure(NodeFailure failure) {
    life.lives(Life.UNKNOWN);
  }
}
