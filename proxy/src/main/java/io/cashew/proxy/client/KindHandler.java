package io.cashew.proxy.client;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;

/** Carries out the commands of a {@link io.cashew.proxy.command.Kind}, on the client's worker. */
interface KindHandler {
  /** Carries out a request that has passed the {@link Checks}; the frame is borrowed. */
  void take(ConnectedClient client, Command command, RequestFrame frame);
}
