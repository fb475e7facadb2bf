package io.cashew.proxy.client;

import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.gather.Merger;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** What answers of the proxy's own are made of. */
public final class Answers {
  public static final byte[] OK = Replies.simple("OK");
  public static final byte[] NULL_ARRAY = Replies.bytes("*-1\r\n");
  public static final byte[] NULL = Replies.bytes("_\r\n");
  public static final byte[] NULL_BULK = Replies.bytes("$-1\r\n");
  public static final byte[] CRLF = Replies.bytes("\r\n");
  public static final String SYNTAX_ERROR = "ERR syntax error";
  public static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";

  private Answers() {}

  /** Writes an answer. */
  public interface Writer {
    void write(ByteBuf out);
  }

  /** Gives what {@code writer} writes in its turn. */
  public static void reply(Client client, Writer writer) {
    ByteBuf out = client.pool().worker().allocator().directBuffer();
    try {
      writer.write(out);
      client.reply(out);
    } finally {
      out.release();
    }
  }

  public static void integer(ByteBuf out, long value) {
    Replies.writeInteger(out, value);
  }

  /** Gives a bulk string. */
  public static void bulk(Client client, String text) {
    reply(client, out -> Replies.writeBulk(out, text));
  }

  /** Text for people: RESP3 says so. */
  public static void text(Client client, String text) {
    if (client.session().resp3()) {
      reply(client, out -> Replies.writeVerbatimText(out, text));
    } else {
      bulk(client, text);
    }
  }

  /** The same, to be given later. */
  public static byte[] textReply(String text, boolean resp3) {
    int length = ByteBufUtil.utf8Bytes(text);
    String head = resp3 ? "=" + (length + 4) + "\r\ntxt:" : "$" + length + "\r\n";
    return Replies.bytes(head + text + "\r\n");
  }

  /** Refuses to select a database that clients cannot choose. */
  public static void noSuchDatabase(Client client, long database) {
    Router router = client.pool().router();
    boolean isCluster = router.table().slotsMove() && router.databases() == 1 && database != 0;
    badArgument(
        client,
        isCluster ? "ERR SELECT is not allowed in cluster mode" : "ERR DB index is out of range");
  }

  /** Refuses a request for what is in it. */
  public static void badArgument(Client client, String error) {
    client.refuse(RefusalKind.BAD_ARGUMENT, error);
  }

  /** Asks every node for a client, whose reply is what {@code merger} makes of theirs. */
  public static void askNodes(Client client, ByteBuf request, Merger merger) {
    PendingReply slot = client.addSlotForMerged();
    client.routed(slot, client.pool().manyNodes().askAll(request, merger, slot, client.lane()));
  }
}
