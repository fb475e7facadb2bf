package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.answer.AccessGuard;
import io.cashew.proxy.client.answer.LocalCommands;
import io.cashew.proxy.client.blocking.Departures;
import io.cashew.proxy.client.pubsub.PubSubRequests;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;

/**
 * Takes the requests of the clients of a pool with routes, where each user's keys may belong
 * elsewhere. That of a pool without does not know that there are such. Confined to the worker.
 */
public final class RoutedDispatch extends Dispatch {
  private final Router router;

  public RoutedDispatch(
      PoolPart pool,
      AccessGuard guard,
      Departures departures,
      LocalCommands answers,
      PubSubRequests pubSub) {
    super(pool, guard, departures, answers, pubSub);
    router = pool.router();
  }

  @Override
  boolean take(ConnectedClient client, RequestFrame frame) {
    int before = router.speaksFor(client.lane().routes());
    try {
      return super.take(client, frame);
    } finally {
      router.speaksFor(before);
    }
  }
}
