package io.cashew.proxy.frontend;

import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.loop.TickListener;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The clients of one pool on one worker, and what they share: router, settings, the frame that
 * requests are decoded into, free slots. Confined to the worker.
 */
public final class ClientPool implements TickListener {
  /** Looking at each of many clients is not for every tick. */
  private static final long QUEUE_LOOK_MILLIS = 1000;

  private static final int MAX_FREE_SLOTS = 16 << 10;

  private final Worker worker;
  private final ClientSettings settings;
  private final CommandTable commands;
  private final LocalCommands localCommands;
  private final Router router;
  private final PoolRecorder recorder;
  private final RequestFrame frame = new RequestFrame();
  private final ArrayDeque<ReplySlot> freeSlots = new ArrayDeque<>();
  private final Set<ClientHandler> clients = new LinkedHashSet<>();
  private final List<ClientHandler> lookingAway = new ArrayList<>();
  private boolean draining;
  private long nextQueueLookMillis;

  /**
   * A pool without clients.
   *
   * @param worker whose thread this is confined to
   * @param settings of the pool
   * @param commands the rows of all commands
   * @param proxy what INFO and TIME tell
   * @param router finds nodes
   * @param recorder counts for the pool on this worker
   */
  public ClientPool(
      Worker worker,
      ClientSettings settings,
      CommandTable commands,
      ProxyFacts proxy,
      Router router,
      PoolRecorder recorder) {
    this.worker = worker;
    this.settings = settings;
    this.commands = commands;
    localCommands = new LocalCommands(commands, proxy);
    this.router = router;
    this.recorder = recorder;
  }

  Worker worker() {
    return worker;
  }

  ClientSettings settings() {
    return settings;
  }

  CommandTable commands() {
    return commands;
  }

  LocalCommands localCommands() {
    return localCommands;
  }

  Router router() {
    return router;
  }

  PoolRecorder recorder() {
    return recorder;
  }

  /** The frame of whichever request is being handled; it is read before the next is decoded. */
  RequestFrame frame() {
    return frame;
  }

  ReplySlot takeSlot(ClientHandler client) {
    ReplySlot slot = freeSlots.poll();
    if (slot == null) {
      slot = new ReplySlot(this);
    }
    slot.take(client);
    return slot;
  }

  void giveSlot(ReplySlot slot) {
    if (freeSlots.size() < MAX_FREE_SLOTS) {
      freeSlots.push(slot);
    }
  }

  void add(ClientHandler client) {
    clients.add(client);
    recorder.clients++;
    recorder.clientsAccepted++;
  }

  void remove(ClientHandler client) {
    if (clients.remove(client)) {
      recorder.clients--;
    }
  }

  @Override
  public void onTick(long tickMillis) {
    if (tickMillis >= nextQueueLookMillis) {
      nextQueueLookMillis = tickMillis + QUEUE_LOOK_MILLIS;
      long queued = 0;
      for (ClientHandler client : clients) {
        queued += client.queuedBytes();
        if (client.looksAway(tickMillis)) {
          lookingAway.add(client);
        }
      }
      recorder.queuedBytes = queued;
      lookingAway.forEach(client -> client.giveUp(tickMillis)); // which may end with its removal
      lookingAway.clear();
    }
  }

  /** Whether new requests are no longer read. */
  boolean draining() {
    return draining;
  }

  /** Reads no more requests: each client is closed when it has the replies that it is owed. */
  public void drain() {
    assert worker.inThread();
    draining = true;
    for (ClientHandler client : List.copyOf(clients)) {
      client.drain();
    }
  }

  /** Closes every client now. */
  public void close() {
    assert worker.inThread();
    draining = true;
    for (ClientHandler client : List.copyOf(clients)) {
      client.close();
    }
  }
}
