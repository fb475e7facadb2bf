package io.cashew.proxy.frontend;

import static io.cashew.proxy.frontend.Answers.badArgument;
import static io.cashew.proxy.frontend.Answers.integer;
import static io.cashew.proxy.frontend.Answers.reply;

import io.cashew.proxy.command.CommandReply;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;

/** The subcommands of {@code CLIENT} about invalidation messages, for a client that gets none. */
final class TrackingAnswers {
  private TrackingAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(LocalCommands table) {
    table.on(
        "client|getredir",
        (client, frame) -> reply(client, out -> integer(out, client.session().redirect())));
    table.on("client|trackinginfo", TrackingAnswers::info);
    table.on("client|caching", TrackingAnswers::caching);
  }

  private static void info(ClientHandler client, RequestFrame frame) {
    boolean resp3 = client.session().resp3();
    reply(
        client,
        out -> {
          new CommandReply(out, resp3).map(3);
          Replies.writeBulk(out, "flags");
          out.writeBytes(Replies.bytes(resp3 ? "~1\r\n" : "*1\r\n"));
          Replies.writeBulk(out, "off");
          Replies.writeBulk(out, "redirect");
          Replies.writeInteger(out, client.session().redirect());
          Replies.writeBulk(out, "prefixes");
          Replies.writeArrayHeader(out, 0);
        });
  }

  private static void caching(ClientHandler client, RequestFrame frame) {
    badArgument(
        client,
        "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or"
            + " OPTOUT mode enabled");
  }
}
