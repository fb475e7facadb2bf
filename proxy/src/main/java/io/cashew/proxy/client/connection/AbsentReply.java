package io.cashew.proxy.client.connection;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What servers reply to commands all of whose keys do not exist. */
@SuppressWarnings("ImmutableEnumChecker") // its names never change
enum AbsentReply {
  NIL("get", "hget"),
  NIL_OF_EACH_KEY("mget"),
  NIL_OF_EACH_FIELD("hmget"),
  NO_FIELDS("hgetall"),
  ZERO("strlen", "exists"),
  EMPTY("getrange");

  private static final byte[] NULL = Replies.bytes("$-1\r\n");
  private static final byte[] NULL_3 = Replies.bytes("_\r\n");
  private static final byte[] NO_ELEMENTS = Replies.bytes("*0\r\n");
  private static final byte[] NO_PAIRS_3 = Replies.bytes("%0\r\n");
  private static final byte[] NONE = Replies.bytes(":0\r\n");
  private static final byte[] NO_BYTES = Replies.bytes("$0\r\n\r\n");

  private final String[] commands;

  AbsentReply(String... commands) {
    this.commands = commands;
  }

  /** Those of a table's commands by their ids; null: the server must be asked. */
  static @Nullable AbsentReply[] byId(CommandTable table) {
    @Nullable AbsentReply[] replies = new @Nullable AbsentReply[table.ids()];
    for (AbsentReply reply : values()) {
      for (String name : reply.commands) {
        Command command = table.find(name);
        if (command != null) {
          replies[command.id()] = reply;
        }
      }
    }
    return replies;
  }

  /** The reply; null: the server must be asked, since it may be an error. */
  byte @Nullable [] of(RequestFrame frame, boolean resp3) {
    byte[] nil = resp3 ? NULL_3 : NULL;
    return switch (this) {
      case NIL -> nil;
      case NIL_OF_EACH_KEY -> array(frame.argc() - 1, nil);
      case NIL_OF_EACH_FIELD -> array(frame.argc() - 2, nil);
      case NO_FIELDS -> resp3 ? NO_PAIRS_3 : NO_ELEMENTS;
      case ZERO -> NONE;
      case EMPTY -> isIndex(frame, 2) && isIndex(frame, 3) ? NO_BYTES : null;
    };
  }

  private static byte[] array(int elements, byte[] element) {
    byte[] header = Replies.bytes("*" + elements + "\r\n");
    byte[] reply = new byte[header.length + elements * element.length];
    System.arraycopy(header, 0, reply, 0, header.length);
    for (int i = 0; i < elements; i++) {
      System.arraycopy(element, 0, reply, header.length + i * element.length, element.length);
    }
    return reply;
  }

  /** Whether an argument is a number that every server reads as one. */
  private static boolean isIndex(RequestFrame frame, int argument) {
    ByteBuf buf = frame.buf();
    int at = frame.offset(argument);
    int end = at + frame.length(argument);
    if (at < end && buf.getByte(at) == '-') {
      at++;
    }
    boolean fits = at < end && end - at < 10 && (buf.getByte(at) != '0' || end - at == 1);
    for (; at < end && fits; at++) {
      fits = buf.getByte(at) >= '0' && buf.getByte(at) <= '9';
    }
    return fits;
  }
}
