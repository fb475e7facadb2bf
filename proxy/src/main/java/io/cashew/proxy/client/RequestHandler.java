package io.cashew.proxy.client;

import io.cashew.proxy.resp.RequestFrame;

/** Carries out a command for a client, on its worker; the frame is borrowed. */
public interface RequestHandler {
  void run(Client client, RequestFrame frame);
}
