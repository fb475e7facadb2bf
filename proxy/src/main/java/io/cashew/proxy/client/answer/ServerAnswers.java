package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.reply;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;

/** The commands that tell of the proxy as if it were a server. */
final class ServerAnswers {
  private ServerAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table) {
    table.on("time", ServerAnswers::time);
    table.on("role", ServerAnswers::role);
  }

  private static void time(Client client, RequestFrame frame) {
    java.time.Instant now = java.time.Instant.now();
    reply(
        client,
        out -> {
          Replies.writeArrayHeader(out, 2);
          Replies.writeBulk(out, Long.toString(now.getEpochSecond()));
          Replies.writeBulk(out, Long.toString(now.getNano() / 1000));
        });
  }

  /** What a master says that has no replicas. */
  private static void role(Client client, RequestFrame frame) {
    reply(
        client,
        out -> {
          Replies.writeArrayHeader(out, 3);
          Replies.writeBulk(out, "master");
          Replies.writeInteger(out, 0);
          Replies.writeArrayHeader(out, 0);
        });
  }
}
