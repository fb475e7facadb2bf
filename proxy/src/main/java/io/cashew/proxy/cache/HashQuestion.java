package io.cashew.proxy.cache;

import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a request that waits for its reply asks of a hash. Immutable; equal to those of which the
 * reply says as much, whichever protocol the client has.
 */
public final class HashQuestion {
  private static final int FIRST_FIELD = 2;

  private final Role read;
  private final boolean resp3;
  private final KeyBytes[] fields;

  private HashQuestion(Role read, boolean resp3, KeyBytes[] fields) {
    this.read = read;
    this.resp3 = resp3;
    this.fields = fields;
  }

  /** That of a request, whose role is to read a hash. */
  public static HashQuestion of(Role read, RequestFrame frame, boolean resp3) {
    KeyBytes[] fields = new KeyBytes[frame.argc() - FIRST_FIELD];
    for (int i = 0; i < fields.length; i++) {
      KeyBytes field = new KeyBytes();
      field.set(frame.buf(), frame.offset(i + FIRST_FIELD), frame.length(i + FIRST_FIELD));
      fields[i] = field.copy();
    }
    return new HashQuestion(read, resp3, fields);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HashQuestion question
        && question.read == read
        && Arrays.equals(question.fields, fields);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(fields) + read.hashCode();
  }

  /**
   * The reply to an equal question as a client of this one's protocol has it.
   *
   * @param reply to {@code other}, as its server said it
   */
  byte[] reply(byte[] reply, HashQuestion other) {
    if (resp3 == other.resp3) {
      return reply;
    }
    HashValue hash = wantsAll() ? HashValue.read(reply) : null;
    return hash != null ? reply(hash) : withItsNils(reply);
  }

  /** With nil as its protocol has it. */
  private byte[] withItsNils(byte[] reply) {
    ByteBuf in = Unpooled.wrappedBuffer(reply);
    ByteBuf out = Unpooled.buffer(reply.length);
    ReplyDecoder elements = new ReplyDecoder(Long.MAX_VALUE, true);
    int at = reply[0] == '*' ? in.indexOf(0, reply.length, (byte) '\n') + 1 : 0;
    out.writeBytes(in, 0, at);
    while (at < reply.length) {
      int next = elements.feed(in, at, reply.length);
      boolean nil = reply[at] == '_' || (reply[at] == '$' && reply[at + 1] == '-');
      if (nil) {
        out.writeBytes(Awaited.Value.nil(resp3));
      } else {
        out.writeBytes(reply, at, next - at);
      }
      at = next;
    }
    return ByteBufUtil.getBytes(out);
  }

  /** Whether it asks for all of it. */
  boolean wantsAll() {
    return read == Role.HGETALL;
  }

  /**
   * The reply.
   *
   * @param hash null: there is no such key
   */
  public byte[] reply(@Nullable HashValue hash) {
    ByteBuf out = Unpooled.buffer();
    if (read == Role.HGETALL) {
      HashValue.writeAll(hash, resp3, out);
    } else {
      if (read == Role.HMGET) {
        Replies.writeArrayHeader(out, fields.length);
      }
      for (KeyBytes field : fields) {
        HashValue.writeValue(hash, field, resp3, out);
      }
    }
    return ByteBufUtil.getBytes(out);
  }

  /**
   * Writes the reply to a request that does not wait.
   *
   * @param scratch for the names of fields
   */
  static void write(
      Role read,
      RequestFrame frame,
      @Nullable HashValue hash,
      boolean resp3,
      KeyBytes scratch,
      ByteBuf out) {
    if (read == Role.HGETALL) {
      HashValue.writeAll(hash, resp3, out);
      return;
    }
    if (read == Role.HMGET) {
      Replies.writeArrayHeader(out, frame.argc() - FIRST_FIELD);
    }
    for (int i = FIRST_FIELD; i < frame.argc(); i++) {
      scratch.set(frame.buf(), frame.offset(i), frame.length(i));
      HashValue.writeValue(hash, scratch, resp3, out);
    }
  }
}
