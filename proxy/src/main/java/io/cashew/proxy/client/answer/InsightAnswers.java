package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.NOT_AN_INTEGER;
import static io.cashew.proxy.client.Answers.OK;
import static io.cashew.proxy.client.Answers.SYNTAX_ERROR;
import static io.cashew.proxy.client.Answers.badArgument;
import static io.cashew.proxy.client.Answers.reply;
import static io.cashew.proxy.client.Arguments.argument;
import static io.cashew.proxy.client.Arguments.number;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.insight.BigKey;
import io.cashew.proxy.insight.HotKey;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * {@code SLOWLOG} where it is the proxy's own, in Redis's format, and {@code HOTKEYS [BIG]
 * [count]}: for each key its name, about how many requests a second name it, its node, and for how
 * many milliseconds it is still kept in memory (-2: it is not); with BIG its name, bytes, whether
 * they were a request's or a reply's, and its node.
 */
final class InsightAnswers {
  private static final long ENTRIES = 10;

  private static final List<String> HELP =
      List.of(
          "HOTKEYS [BIG] [<count>]",
          "    The proxy's own: the keys that are asked for most, or the largest.",
          "HOTKEYS START|GET|STOP|RESET [<arg> ...]",
          "    Those of Redis 8.6, on every node; they need admin-commands = all-nodes.",
          "HOTKEYS HELP",
          "    Print this help.");

  private InsightAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table) {
    table.on("slowlog|get", InsightAnswers::slowLog);
    table.on(
        "slowlog|len",
        (client, frame) -> reply(client, out -> Replies.writeInteger(out, slow(client).size())));
    table.on(
        "slowlog|reset",
        (client, frame) -> {
          slow(client).clear();
          client.reply(OK);
        });
    table.on("hotkeys", InsightAnswers::hotKeys);
    table.on("hotkeys|help", (client, frame) -> reply(client, InsightAnswers::writeHelp));
  }

  private static SlowLog slow(Client client) {
    return client.pool().insight().slowLog();
  }

  private static void slowLog(Client client, RequestFrame frame) {
    Long count = frame.argc() == 2 ? Long.valueOf(ENTRIES) : number(argument(frame, 2));
    if (frame.argc() > 3) {
      badArgument(client, SYNTAX_ERROR);
    } else if (count == null) {
      badArgument(client, NOT_AN_INTEGER);
    } else if (count < -1) {
      badArgument(client, "ERR count should be greater than or equal to -1");
    } else {
      List<SlowLog.Entry> entries = slow(client).newest(count == -1 ? Long.MAX_VALUE : count);
      reply(client, out -> write(out, entries));
    }
  }

  private static void write(ByteBuf out, List<SlowLog.Entry> entries) {
    Replies.writeArrayHeader(out, entries.size());
    for (SlowLog.Entry entry : entries) {
      Replies.writeArrayHeader(out, 6);
      Replies.writeInteger(out, entry.id());
      Replies.writeInteger(out, entry.request().endedMillis() / 1000);
      Replies.writeInteger(out, entry.request().micros());
      List<byte[]> arguments = entry.request().arguments();
      Replies.writeArrayHeader(out, arguments.size());
      arguments.forEach(argument -> Replies.writeBulk(out, argument));
      Replies.writeBulk(out, entry.request().client());
      Replies.writeBulk(out, entry.request().clientName());
    }
  }

  private static void hotKeys(Client client, RequestFrame frame) {
    boolean big = frame.argc() > 1 && frame.argEquals(1, "BIG");
    int at = big ? 2 : 1;
    Long count = frame.argc() == at ? Long.valueOf(ENTRIES) : number(argument(frame, at));
    if (frame.argc() > at + 1) {
      badArgument(client, SYNTAX_ERROR);
    } else if (count == null || count < 0) {
      badArgument(client, NOT_AN_INTEGER);
    } else {
      PoolPart pool = client.pool();
      TopKeys top =
          TopKeys.merge(
              pool.directory().parts().stream().map(part -> part.insight().topKeys()).toList());
      reply(
          client,
          out -> {
            if (big) {
              writeBig(out, top.big().stream().limit(count).toList());
            } else {
              writeHot(out, top.hot().stream().limit(count).toList(), pool);
            }
          });
    }
  }

  private static void writeHelp(ByteBuf out) {
    Replies.writeArrayHeader(out, HELP.size());
    HELP.forEach(line -> Replies.writeBulk(out, line));
  }

  private static void writeHot(ByteBuf out, List<HotKey> keys, PoolPart pool) {
    Replies.writeArrayHeader(out, keys.size());
    for (HotKey key : keys) {
      int node = pool.router().nodeFor(key.key());
      Replies.writeArrayHeader(out, 4);
      Replies.writeBulk(out, key.key());
      Replies.writeInteger(out, Math.round(key.perSecond()));
      Replies.writeBulk(
          out, pool.router().backends().get(node).node().nameIn(pool.settings().pool()));
      Replies.writeInteger(out, pool.keptMillis(key.key()));
    }
  }

  private static void writeBig(ByteBuf out, List<BigKey> keys) {
    Replies.writeArrayHeader(out, keys.size());
    for (BigKey key : keys) {
      Replies.writeArrayHeader(out, 4);
      Replies.writeBulk(out, key.key());
      Replies.writeInteger(out, key.bytes());
      Replies.writeBulk(out, key.isReply() ? "reply" : "request");
      Replies.writeBulk(out, key.node());
    }
  }
}
