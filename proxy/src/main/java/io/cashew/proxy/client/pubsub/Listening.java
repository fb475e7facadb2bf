package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.Mode;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;

/**
 * A client of RESP2 that listens to something: it may subscribe and unsubscribe, and hardly more,
 * since it could not tell other replies from messages. Confined to the client's worker.
 */
public final class Listening implements Mode {
  private final Client client;

  public Listening(Client client) {
    this.client = client;
  }

  @Override
  public boolean takes(Command command, RequestFrame frame) {
    if (command.has(Property.FOR_LISTENERS)) {
      return false;
    }
    client.refuse(
        RefusalKind.WRONG_STATE,
        "ERR Can't execute '"
            + command.name()
            + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this"
            + " context");
    return true;
  }

  @Override
  public boolean listens() {
    return true;
  }
}
