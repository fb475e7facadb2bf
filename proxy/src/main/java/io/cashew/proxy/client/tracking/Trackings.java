package io.cashew.proxy.client.tracking;

import static io.cashew.proxy.client.Answers.integer;
import static io.cashew.proxy.client.Answers.reply;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Tracker;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.Keeper;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * What the clients of one pool on one worker have asked to be told of keys: the subcommands of
 * {@code CLIENT} about it. Confined to the worker.
 */
public final class Trackings implements Keeper {
  /** Of clients that have spoken of tracking once. */
  private final IdentityHashMap<Client, Tracking> ofClients = new IdentityHashMap<>();

  /** Adds the handlers to a table. */
  public void addTo(HandlerTable table) {
    table.on("client|tracking", (client, frame) -> of(client).run(frame));
    table.on("client|caching", (client, frame) -> of(client).caching(frame));
    table.on(
        "client|getredir",
        (client, frame) -> reply(client, out -> integer(out, client.session().redirect())));
    table.on("client|trackinginfo", (client, frame) -> reply(client, of(client)::describe));
  }

  private Tracking of(Client client) {
    assert client.pool().worker().inThread();
    return ofClients.computeIfAbsent(client, Tracking::new);
  }

  private List<Tracker> trackers() {
    return ofClients.values().stream().flatMap(Tracking::trackers).toList();
  }

  /** Keys are on these nodes from now on. */
  public void follow(List<Backend> backends) {
    trackers().forEach(tracker -> tracker.follow(backends));
  }

  /** These nodes are soon used. */
  public void prepare(List<Backend> added) {
    trackers().forEach(tracker -> tracker.prepare(added));
  }

  /** Whether what {@link #prepare} has begun is done, as far as nodes answer. */
  public boolean prepared() {
    return trackers().stream().allMatch(Tracker::settled);
  }

  public void onTick(long tickMillis) {
    if (!ofClients.isEmpty()) {
      trackers().forEach(tracker -> tracker.onTick(tickMillis));
    }
  }

  @Override
  public void forget(Client client) {
    Tracking tracking = ofClients.remove(client);
    if (tracking != null) {
      tracking.end();
    }
  }
}
