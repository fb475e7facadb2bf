package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.RequestStream;
import io.cashew.proxy.resp.RequestFrame;

/** Sends requests that must not wait for those of others. */
public final class Apart {
  private Apart() {}

  /**
   * Sends a request to a node on a connection that it has to itself, in no database: what is to end
   * or to tell of a running script would wait for that script's end on the connection that the
   * script came by.
   */
  public static void send(Backend backend, RequestFrame frame, InFlight reply, Lane lane) {
    RequestStream stream = backend.stream(reply, lane.ofNoDatabase(), () -> {});
    if (stream != null) {
      stream.write(frame.buf(), frame.start(), frame.length());
      stream.end();
    }
  }
}
