package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.NULL;
import static io.cashew.proxy.client.Answers.NULL_BULK;
import static io.cashew.proxy.client.Answers.OK;
import static io.cashew.proxy.client.Answers.SYNTAX_ERROR;
import static io.cashew.proxy.client.Answers.badArgument;
import static io.cashew.proxy.client.Answers.bulk;
import static io.cashew.proxy.client.Answers.integer;
import static io.cashew.proxy.client.Answers.reply;
import static io.cashew.proxy.client.Answers.text;
import static io.cashew.proxy.client.Arguments.argument;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.ReplyMode;
import io.cashew.proxy.resp.RequestFrame;

/** The subcommands of {@code CLIENT}. */
final class ClientAnswers {
  /** The error for a name that {@link #isName} refuses. */
  static final String BAD_NAME =
      "ERR Client names cannot contain spaces, newlines or special characters.";

  private ClientAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table) {
    table.on(
        "client|id", (client, frame) -> reply(client, out -> integer(out, client.session().id())));
    table.on("client|getname", ClientAnswers::getName);
    table.on("client|setname", ClientAnswers::setName);
    table.on("client|setinfo", ClientAnswers::setInfo);
    table.on("client|info", (client, frame) -> text(client, ClientLine.of(client) + "\n"));
    table.on(
        "client|no-evict", (client, frame) -> onOrOff(client, frame, client.session()::noEvict));
    table.on(
        "client|no-touch", (client, frame) -> onOrOff(client, frame, client.session()::noTouch));
    table.on("client|reply", ClientAnswers::replyMode);
    table.on("client|capa", (client, frame) -> client.reply(OK)); // of none is made use here
    table.on("client|import-source", ClientAnswers::importSource);
  }

  /** Whether Redis takes it for the name of a client or a library. */
  static boolean isName(String name) {
    return name.chars().allMatch(c -> c >= '!' && c <= '~');
  }

  private static void getName(Client client, RequestFrame frame) {
    String name = client.session().name();
    if (name.isEmpty()) {
      client.reply(client.session().resp3() ? NULL : NULL_BULK);
    } else {
      bulk(client, name);
    }
  }

  private static void setName(Client client, RequestFrame frame) {
    String name = argument(frame, 2);
    if (isName(name)) {
      client.session().name(name);
      client.reply(OK);
    } else {
      badArgument(client, BAD_NAME);
    }
  }

  private static void setInfo(Client client, RequestFrame frame) {
    boolean isLibraryName = frame.argEquals(2, "LIB-NAME");
    String value = argument(frame, 3);
    if (!isLibraryName && !frame.argEquals(2, "LIB-VER")) {
      badArgument(client, "ERR Unrecognized option '" + argument(frame, 2) + "'");
    } else if (!isName(value)) {
      badArgument(
          client,
          "ERR "
              + (isLibraryName ? "lib-name" : "lib-ver")
              + " cannot contain spaces, newlines or special characters.");
    } else {
      if (isLibraryName) {
        client.session().libraryName(value);
      } else {
        client.session().libraryVersion(value);
      }
      client.reply(OK);
    }
  }

  /** Valkey takes ON in its import mode only, in which the proxy never is. */
  private static void importSource(Client client, RequestFrame frame) {
    if (frame.argEquals(2, "OFF")) {
      client.reply(OK);
    } else {
      badArgument(client, "ERR Server is not in import mode");
    }
  }

  /** Takes what was said. */
  private interface Setting {
    void set(boolean on);
  }

  /** Shown, and otherwise without effect: clients of a proxy have no buffers on a node. */
  private static void onOrOff(Client client, RequestFrame frame, Setting setting) {
    boolean on = frame.argEquals(2, "ON");
    if (on || frame.argEquals(2, "OFF")) {
      setting.set(on);
      client.reply(OK);
    } else {
      badArgument(client, SYNTAX_ERROR);
    }
  }

  /** Only ON is answered. */
  private static void replyMode(Client client, RequestFrame frame) {
    ReplyMode mode = client.replyMode();
    if (frame.argEquals(2, "ON")) {
      mode.on();
      client.reply(OK);
    } else if (frame.argEquals(2, "OFF")) {
      mode.off();
    } else if (frame.argEquals(2, "SKIP")) {
      mode.skipNext();
    } else {
      badArgument(client, SYNTAX_ERROR);
    }
  }
}
