package io.cashew.proxy.client.answer;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.ProxyFacts;
import io.cashew.proxy.client.Refusals;
import io.cashew.proxy.client.RequestHandler;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.RequestFrame;

/**
 * The commands that the proxy answers itself, for each client, with Redis's own words. One per pool
 * and worker, confined to it.
 */
public final class LocalCommands {
  private final HandlerTable table;

  public LocalCommands(
      CommandTable commands, ProxyFacts proxy, AccessGuard guard, NodesInfo nodesInfo) {
    table = new HandlerTable(commands);
    ConnectionAnswers.addTo(table, guard);
    ClientAnswers.addTo(table);
    ClientListAnswers.addTo(table);
    ServerAnswers.addTo(table);
    InfoAnswers.addTo(table, proxy, nodesInfo);
    CommandAnswers.addTo(table);
    AclAnswers.addTo(table);
    InsightAnswers.addTo(table);
    ConfigAnswers.addTo(table);
    HelpAnswers.addTo(table);
  }

  /** Where the handlers of other commands are added. */
  public HandlerTable table() {
    return table;
  }

  /** Whether the proxy has an answer of its own where nodes may not be administered. */
  public boolean answersInstead(Command command) {
    return table.find(command) != null;
  }

  /** Answers {@code command}, or refuses it if this version cannot. */
  public void run(Command command, Client client, RequestFrame frame) {
    RequestHandler handler = table.find(command);
    if (handler == null) {
      Refusals.notYet(client, command);
    } else {
      handler.run(client, frame);
    }
  }
}
