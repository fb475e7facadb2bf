package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.RequestInsight;
import io.cashew.proxy.client.answer.LocalCommands;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;

/** Answers requests here. Confined to the worker. */
final class Local {
  private final RequestInsight insight;
  private LocalCommands commands;

  Local(PoolPart pool, LocalCommands commands) {
    insight = pool.insight();
    this.commands = commands;
  }

  /** Has other commands from now on. */
  void install(LocalCommands others) {
    commands = others;
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    client.isAnsweredHere();
    long bytes = frame.length();
    int rejections = insight.rejections();
    commands.run(command, client, frame);
    boolean refused = insight.rejections() != rejections;
    insight.answeredHere(client.session(), command, client.arrivedNanos(), bytes, refused);
  }

  /** Whether the proxy has an answer of its own where nodes may not be administered. */
  boolean answersInstead(Command command) {
    return commands.answersInstead(command);
  }
}
