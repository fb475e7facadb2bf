package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Route;
import io.cashew.proxy.route.Router;
import java.util.List;

/**
 * Sends requests that may wait on their node, on a connection of the client's own. Confined to the
 * worker.
 */
public final class BlockingRequests {
  private final Router router;

  public BlockingRequests(PoolPart pool) {
    router = pool.router();
  }

  public void take(Client client, Command command, RequestFrame frame) {
    if (client.inputEnded()) {
      client.closeAfterReplies(); // it may have left, and nothing would tell that it has
      return;
    }
    PendingReply slot = client.addSlotThatPushesPass();
    Route route = router.find(frame, command);
    if (route.isRefused()) {
      slot.give(route.refusal());
      return;
    }
    Backend target = route.target();
    client.waitForReplies();
    if (target != null) {
      client.wroteElsewhere(target.node());
      BlockedOnKeys waiting = new BlockedOnKeys(slot, client);
      client.enter(waiting);
      waiting.on(target, frame, command);
    } else {
      BlockedOnReplicas waiting = new BlockedOnReplicas(slot, client, frame, command);
      client.enter(waiting);
      waiting.on(writtenTo(client));
    }
  }

  /** The nodes that have what the client has written; all of them if it has written nothing. */
  private List<Backend> writtenTo(Client client) {
    Lane lane = client.lane();
    List<Backend> nodes =
        router.backends().stream().filter(backend -> lane.hasWritten(backend.node())).toList();
    return nodes.isEmpty() ? router.backends() : nodes;
  }
}
