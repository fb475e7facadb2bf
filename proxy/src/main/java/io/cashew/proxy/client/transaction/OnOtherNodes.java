package io.cashew.proxy.client.transaction;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.command.Command;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a transaction has asked of every node ({@code CONFIG SET}, {@code FLUSHALL}, …): it runs on
 * the transaction's node as a part of it, and on the others when it has been carried out. Their
 * errors come too late for the client, and are logged. Confined to the worker.
 *
 * <p>No {@link io.cashew.proxy.route.gather.Gather}: nobody waits for these replies, and each
 * node's error is logged, not the first.
 */
final class OnOtherNodes {
  private static final Logger LOG = LoggerFactory.getLogger(OnOtherNodes.class);

  private record Request(Command command, byte[] bytes) {}

  private final List<Request> requests = new ArrayList<>();

  /** Keeps a request. */
  void add(Command command, byte[] request) {
    requests.add(new Request(command, request));
  }

  /**
   * Sends what was kept, before whatever the client asks next.
   *
   * @param done the node that has carried it out
   */
  void run(Client client, @Nullable Backend done) {
    for (Request request : requests) {
      for (Backend backend : client.pool().router().servers()) {
        // Another name of its server would have it carried out again, after what came behind it.
        if (done == null || !isSameServer(backend, done)) {
          ByteBuf bytes = Unpooled.wrappedBuffer(request.bytes());
          backend.send(bytes, 0, bytes.readableBytes(), new Sent(backend, request), client.lane());
        }
      }
    }
  }

  private static boolean isSameServer(Backend one, Backend other) {
    return one == other || one.node().isSameServerAs(other.node());
  }

  private static final class Sent extends InFlight {
    private final Backend backend;
    private final Request request;
    private boolean begun;

    Sent(Backend backend, Request request) {
      this.backend = backend;
      this.request = request;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      if (!begun && length > 0) {
        begun = true;
        if (buf.getByte(index) == '-') {
          failed(buf.toString(index, length, StandardCharsets.ISO_8859_1).trim());
        }
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      failed(failure.text());
    }

    @Override
    public void onStallTimeout() {} // nobody waits for this reply

    private void failed(String why) {
      LOG.warn(
          "{} of a transaction was carried out on its node, but not on {}: {}",
          request.command().name().replace('|', ' ').toUpperCase(Locale.ROOT),
          backend.node(),
          why);
    }
  }
}
