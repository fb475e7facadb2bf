package io.cashew.proxy.client.pool;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.pubsub.PubSubRequests;
import io.cashew.proxy.client.pubsub.Subscriptions;
import io.cashew.proxy.client.reply.Slots;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.resp.RequestDecoder;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.RequestKeys;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.RoutingTable;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What the reply slots of a pool's clients on one worker ask of it. Confined to the worker. */
class HomeOfSlots implements Slots.Home {
  final PoolPart pool;
  private final Subscriptions subscriptions;

  HomeOfSlots(PoolPart pool, Subscriptions subscriptions) {
    this.pool = pool;
    this.subscriptions = subscriptions;
  }

  /** Reads a request that was read before. @return its row; null: there is none any more */
  private @Nullable Command read(ByteBuf request, RequestFrame into) {
    if (!new RequestDecoder(pool.settings().limits())
        .decode(request, request.readerIndex(), request.writerIndex(), into)) {
      return null;
    }
    Command command = pool.commands().find(into);
    return command != null && command.isContainer() && into.argc() > 1
        ? pool.commands().findSubcommand(command, into)
        : command;
  }

  @Override
  public @Nullable Backend readerInsteadOf(Backend former, ByteBuf request, Lane lane) {
    RequestFrame again = new RequestFrame();
    Command command = read(request, again);
    if (command == null || !command.anyCopyAnswers()) {
      return backendOf(request, lane);
    }
    int before = pool.router().speaksFor(lane.routes());
    Backend reader = pool.router().readerInsteadOf(former, again, command, lane);
    pool.router().speaksFor(before);
    return reader;
  }

  @Override
  public boolean fallsBackToPrimary() {
    return pool.router().fallsBackToPrimary();
  }

  @Override
  public boolean hasJustChanged() {
    return pool.router().hasJustChanged()
        || pool.router().table().anySlotMoves(pool.worker().tickMillis());
  }

  @Override
  public Backend backendOf(ByteBuf request, Lane lane) {
    assert pool.worker().inThread();
    RequestFrame again = new RequestFrame();
    Command command = read(request, again);
    Router router = pool.router();
    Backend ofChannels =
        command == null ? null : PubSubRequests.placeOf(command, again, subscriptions);
    if (ofChannels != null) {
      return ofChannels;
    }
    int before = router.speaksFor(lane.routes());
    Backend target = command == null ? null : router.find(again, command).target();
    router.speaksFor(before);
    return target == null ? router.keylessBackend() : target;
  }

  @Override
  public @Nullable Backend inPlaceOf(Backend former, RoutingTable then, boolean isReplica) {
    return pool.router().table().inPlaceOf(former, then, isReplica);
  }

  @Override
  public boolean keysOf(ByteBuf request, Lane lane, RequestKeys into) {
    assert pool.worker().inThread();
    RequestFrame again = new RequestFrame();
    Command command = read(request, again);
    int before = pool.router().speaksFor(lane.routes());
    boolean known = command != null && into.read(again, command, pool.router().placement());
    pool.router().speaksFor(before);
    return known;
  }

  @Override
  public boolean slotsMoveAt(Node server) {
    return pool.router().table().slotsMoveAt(server);
  }

  @Override
  public int slotOf(int group) {
    return pool.router().table().slotOf(group);
  }

  @Override
  public void slotMoves(Node teller, int slot) {
    pool.router().table().slotMoves(teller, slot, pool.worker().tickMillis());
  }

  @Override
  public int newsOf(Node teller, int slot) {
    return pool.router().table().newsOf(teller, slot);
  }

  @Override
  public void isAt(int slot, Backend from, Backend to) {
    pool.router().table().learns(slot, from, to);
  }

  @Override
  public @Nullable Backend at(Node teller, Redirection where) {
    return pool.router().table().at(teller, where);
  }

  @Override
  public void sentAgain() {
    pool.recorder().retries++;
  }

  @Override
  public String error(ByteBuf buf, int index, int length) {
    return pool.insight().error(buf, index, length);
  }

  @Override
  public String error(byte[] reply) {
    return pool.insight().error(reply);
  }
}
