package io.cashew.proxy.client;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What clients of one pool on one worker leave behind at nodes, of one kind. */
public interface Traces {
  /** Whether clients, also such as have left, may have one at a node; from any thread. */
  boolean mayBeAt(Node node);

  /**
   * Waits until a node has forgotten the clients that are known to have left by now; on the worker.
   *
   * @param done takes null, or why the node has not answered; maybe within this call
   */
  void whenForgotten(Node node, Consumer<@Nullable NodeFailure> done);
}
