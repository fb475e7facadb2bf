package io.cashew.proxy.client;

import static io.cashew.proxy.client.Answers.integer;
import static io.cashew.proxy.client.Answers.reply;

/** The subcommands of {@code CLIENT} about invalidation messages. */
final class TrackingAnswers {
  private TrackingAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(LocalCommands table) {
    table.on("client|tracking", (client, frame) -> client.tracking().run(frame));
    table.on("client|caching", (client, frame) -> client.tracking().caching(frame));
    table.on(
        "client|getredir",
        (client, frame) -> reply(client, out -> integer(out, client.tracking().redirect())));
    table.on("client|trackinginfo", (client, frame) -> reply(client, client.tracking()::describe));
  }
}
