package io.cashew.proxy.route;

import io.cashew.proxy.backend.NodeFailure;
import io.netty.buffer.Unpooled;

/**
 * Why a request was not executed where it was sent: what its client gets if no other server is
 * found in time.
 */
sealed interface Refusal {

  /** Ends an exchange with it. */
  void end(Exchange exchange);

  /** The server has said so. */
  record Said(byte[] error) implements Refusal {
    @Override
    public void end(Exchange exchange) {
      exchange.answered(Unpooled.wrappedBuffer(error), 0, error.length, true);
    }
  }

  /** The server never had the request. */
  record Unsent(NodeFailure failure) implements Refusal {
    @Override
    public void end(Exchange exchange) {
      exchange.failed(failure);
    }
  }
}
