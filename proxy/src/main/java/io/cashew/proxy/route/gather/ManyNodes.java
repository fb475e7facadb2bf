package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.command.ResponsePolicy;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Apart;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Route;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests that concern several nodes, cut by their keys or whole, and has one reply made of
 * what these say. One per pool and worker, confined to it.
 */
public final class ManyNodes {
  private static final byte[] INVALID_CURSOR = Replies.error("ERR invalid cursor");

  private static final byte[] OUT_OF_RANGE =
      Replies.error("ERR value is out of range, must be positive");

  private final Worker worker;
  private final Router router;
  private final PoolRecorder recorder;
  private final Gathers gathers;
  private final Fragments fragments = new Fragments();
  private final KeyPositions positions = new KeyPositions();
  private final Route route = new Route();

  /** That of each fragment of the request that was cut last. */
  private Backend[] servers = new Backend[8];

  /**
   * Sends nothing yet.
   *
   * @param worker whose thread this is confined to
   * @param router finds the nodes
   * @param recorder counts for the pool on this worker
   * @param maxGathered most bytes of replies held for one request that is answered by several nodes
   */
  public ManyNodes(Worker worker, Router router, PoolRecorder recorder, long maxGathered) {
    this.worker = worker;
    this.router = router;
    this.recorder = recorder;
    gathers = new Gathers(worker, maxGathered);
  }

  /**
   * Holds no more than that from now on.
   *
   * @param bytes as for the constructor
   */
  public void maxGathered(long bytes) {
    assert worker.inThread();
    gathers.maxGathered = bytes;
  }

  // ---------------------------------------------------------------- by keys

  /**
   * Sends a request whose keys may be on several nodes, to each node its own.
   *
   * @return whether it is refused, or who has much to send
   */
  public Route split(RequestFrame frame, Command command, Exchange reply, Lane lane) {
    return split(frame, command, reply, lane, false, false);
  }

  /**
   * The same of a request that only reads.
   *
   * @param copies whether any copies of its keys may answer it
   * @param merged whether the reply is made anew though one node gives all of it
   */
  public Route read(
      RequestFrame frame,
      Command command,
      Exchange reply,
      Lane lane,
      boolean copies,
      boolean merged) {
    return split(frame, command, reply, lane, copies, merged);
  }

  private Route split(
      RequestFrame frame,
      Command command,
      Exchange reply,
      Lane lane,
      boolean reads,
      boolean merged) {
    assert worker.inThread();
    if (!command.keys(frame, positions)) {
      String error = positions.error();
      return refuse(Replies.error(error == null ? "ERR syntax error" : error));
    }
    int count = positions.count();
    int group = router.groupOf(frame, positions.index(0));
    if (count == 1 && !merged) {
      return sendWhole(group, frame, reply, lane, reads);
    }
    recorder.multiKeyRequests++;
    Gather gather = gathers.take();
    int[] groupOfKey = gather.partOfKeys(count);
    boolean oneGroup = true;
    for (int i = 0; i < count; i++) {
      int other = router.groupOf(frame, positions.index(i));
      groupOfKey[i] = other;
      oneGroup &= other == group;
    }
    if (oneGroup && !merged) {
      gather.giveBack();
      return sendWhole(group, frame, reply, lane, reads);
    }
    fragments.cut(groupOfKey, count, frame, positions, command.keyStep());
    int unread = findServers(reply, lane, reads && !router.hasJustChanged());
    if (unread >= 0) {
      gather.giveBack();
      return router.refuseToRead(unread);
    }
    gather.begin(reply, command.responsePolicy(), !command.has(CommandFlag.WRITE));
    gather.isCut(command);
    return route.sent(send(gather, frame, command, lane));
  }

  private Route sendWhole(int group, RequestFrame frame, Exchange reply, Lane lane, boolean reads) {
    int shard = router.table().placement().shardOf(group);
    Backend to = reads ? router.reader(shard, group, reply, lane) : router.backendOf(group);
    return to == null ? router.refuseToRead(shard) : router.send(to, frame, reply, lane);
  }

  /**
   * Finds the server of each fragment.
   *
   * @return a shard that nobody may read; below 0: there is none
   */
  private int findServers(Exchange reply, Lane lane, boolean reads) {
    if (servers.length < fragments.count()) {
      servers = new Backend[Integer.highestOneBit(fragments.count()) << 1];
    }
    for (int i = 0; i < fragments.count(); i++) {
      int group = fragments.group(i);
      int shard = router.table().placement().shardOf(group);
      Backend to = reads ? router.reader(shard, group, reply, lane) : router.backends().get(shard);
      if (to == null) {
        return shard;
      }
      servers[i] = to;
    }
    return -1;
  }

  /**
   * Sends what was cut.
   *
   * @return a backend that has so much to send that its feeders should pause; or null
   */
  private @Nullable Backend send(Gather gather, RequestFrame frame, Command command, Lane lane) {
    int step = command.keyStep();
    recorder.fragments += fragments.count();
    Backend overloaded = null;
    for (int i = 0; i < fragments.count(); i++) {
      Backend to = servers[i];
      Part part = gather.add(fragments.group(i), to, fragments.keyCount(i));
      Outbound out = to.begin(part, lane, fragments.bytes(i, frame));
      if (out != null) { // else it has failed
        fragments.write(i, frame, positions, step, out);
      }
    }
    for (int i = 0; i < fragments.count(); i++) {
      Backend to = servers[i];
      overloaded = to.overloaded(lane) ? to : overloaded;
    }
    gather.allSent();
    return overloaded;
  }

  /** Whether the keys of a request are of several groups, so that no node can answer it. */
  public boolean hasKeysOfSeveralGroups(RequestFrame frame, Command command) {
    assert worker.inThread();
    if (!command.keys(frame, positions) || positions.count() < 2) {
      return false;
    }
    int group = router.groupOf(frame, positions.index(0));
    for (int i = 1; i < positions.count(); i++) {
      if (router.groupOf(frame, positions.index(i)) != group) {
        return true;
      }
    }
    return false;
  }

  /**
   * Asks for each key of a request at its node, and gives what {@code merger} makes of what they
   * say, in the order of the keys.
   *
   * @param question what a node is asked
   * @param mostBytes of replies
   * @return who has much to send
   */
  public Route askEachKey(
      RequestFrame frame,
      Command command,
      Question question,
      long mostBytes,
      Merger merger,
      Exchange reply,
      Lane lane) {
    assert worker.inThread();
    boolean hasKeys = command.keys(frame, positions);
    assert hasKeys;
    Gather gather = gathers.take();
    gather.begin(reply, ResponsePolicy.SPECIAL, true);
    gather.mergedBy(merger, texts(frame));
    gather.holdsAtMost(mostBytes);
    gather.isCut(command);
    recorder.multiKeyRequests++;
    recorder.fragments += positions.count();
    Backend overloaded = null;
    for (int i = 0; i < positions.count(); i++) {
      Backend to = router.backendOf(router.groupOf(frame, positions.index(i)));
      Part part = gather.add(i, to, 1);
      ByteBuf asks = question.of(frame, positions.index(i), worker.allocator());
      part.isAskedBy(asks);
      to.send(asks, asks.readerIndex(), asks.readableBytes(), part, lane);
      overloaded = to.overloaded(lane) ? to : overloaded;
    }
    gather.allSent();
    return route.sent(overloaded);
  }

  // ---------------------------------------------------------------- to all nodes

  /**
   * Sends a request to every node, and gives what they say as one reply, by the command's response
   * policy. Of nodes that hold the same data one is asked for it; of names of one server, one is
   * told.
   *
   * @return who has much to send
   */
  public Route sendToAll(RequestFrame frame, Command command, Exchange reply, Lane lane) {
    assert worker.inThread();
    boolean tellsOfData = command.onlyReads() || command.has(Property.TELLS_OF_DATA);
    boolean apart = command.has(CommandFlag.ALLOW_BUSY);
    List<Backend> to = tellsOfData ? router.readers() : router.servers();
    if (to.size() == 1 && !apart) {
      return router.send(to.get(0), frame, reply, lane);
    }
    if (to.size() == 1) {
      Apart.send(to.get(0), frame, reply, lane);
      return route.sent(null);
    }
    Gather gather = gathers.take();
    // What administers a node answers with the first node's reply, unless there is a way to merge.
    boolean firstNodes =
        command.kind() == Kind.ADMIN && command.responsePolicy() == ResponsePolicy.DEFAULT;
    gather.begin(
        reply,
        firstNodes ? ResponsePolicy.SPECIAL : command.responsePolicy(),
        !command.has(CommandFlag.WRITE));
    Merger merger = Mergers.of(command);
    if (merger != null) {
      gather.mergedBy(merger, texts(frame));
    }
    if (!apart) {
      gather.isWhole(router.table());
      return route.sent(sendToAll(gather, to, frame.buf(), frame.start(), frame.length(), lane));
    }
    recorder.fragments += to.size();
    for (int i = 0; i < to.size(); i++) {
      Apart.send(to.get(i), frame, gather.expect(to.get(i)), lane);
    }
    gather.allSent();
    return route.sent(null);
  }

  private static List<String> texts(RequestFrame frame) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < frame.argc(); i++) {
      texts.add(
          frame.buf().toString(frame.offset(i), frame.length(i), StandardCharsets.ISO_8859_1));
    }
    return texts;
  }

  /**
   * Asks one node for each different data the same, and gives what {@code merger} makes of their
   * replies, also if there is only one.
   *
   * @param request its bytes, all that are readable; borrowed
   * @return who has much to send
   */
  public Route askAll(ByteBuf request, Merger merger, Exchange reply, Lane lane) {
    return askAll(request, request.readerIndex(), request.readableBytes(), merger, reply, lane);
  }

  /**
   * The same for the bytes of a request from an index on. If {@code reply} has kept them, what one
   * of the servers has not executed goes to the one that takes its place.
   */
  public Route askAll(
      ByteBuf buf, int index, int length, Merger merger, Exchange reply, Lane lane) {
    Gather gather = gather(merger, reply);
    if (reply.mayGoElsewhere()) {
      gather.isWhole(router.table());
    }
    return route.sent(sendToAll(gather, router.readers(), buf, index, length, lane));
  }

  private @Nullable Backend sendToAll(
      Gather gather, List<Backend> to, ByteBuf buf, int index, int length, Lane lane) {
    recorder.fragments += to.size();
    Backend overloaded = null;
    for (int i = 0; i < to.size(); i++) {
      Backend backend = to.get(i);
      backend.send(buf, index, length, gather.expect(backend), lane);
      overloaded = backend.overloaded(lane) ? backend : overloaded;
    }
    gather.allSent();
    return overloaded;
  }

  /**
   * Begins to wait for replies to parts of a request that the caller {@linkplain Gather#send
   * sends}. If {@code reply} has kept the request, a part that a server has not executed goes by
   * itself to the one where the same command goes with the keys, or channels, of that part.
   *
   * @param of the command; it only reads
   * @param merger makes one reply of all
   * @param reply takes it
   */
  public Gather gatherParts(Command of, Merger merger, Exchange reply) {
    Gather gather = gather(merger, reply);
    if (reply.mayGoElsewhere()) {
      gather.isCut(of);
    }
    return gather;
  }

  private Gather gather(Merger merger, Exchange reply) {
    assert worker.inThread();
    Gather gather = gathers.take();
    gather.begin(reply, ResponsePolicy.SPECIAL, true);
    gather.mergedBy(merger, List.of());
    return gather;
  }

  // ---------------------------------------------------------------- in a way of their own

  /**
   * Sends a request in the way of its command alone.
   *
   * @param mayChange whether other servers may take the place of those that there are
   * @return whether it is refused, or who has much to send
   */
  public Route special(
      RequestFrame frame, Command command, boolean mayChange, Exchange reply, Lane lane) {
    assert worker.inThread();
    boolean populates = command.kind() == Kind.ADMIN;
    boolean marks = !populates && (mayChange || aNameMayMove());
    if (router.backends().size() == 1 && !marks) {
      return router.send(router.backends().get(0), frame, reply, lane);
    }
    return populates ? populate(frame, reply, lane) : scan(frame, marks, reply, lane);
  }

  /** Whether a node may become another server's with nobody here deciding it. */
  private boolean aNameMayMove() {
    for (Backend each : router.backends()) {
      if (each.node().address().mayMove()) {
        return true;
      }
    }
    return false;
  }

  /** {@code DEBUG POPULATE}. */
  private Route populate(RequestFrame frame, Exchange reply, Lane lane) {
    return Population.begin(frame, reply, gathers, router, lane)
        ? route.sent(null)
        : refuse(OUT_OF_RANGE);
  }

  /** Sends a step of a {@code SCAN} to the node that its cursor names. */
  private Route scan(RequestFrame frame, boolean marks, Exchange reply, Lane lane) {
    Long cursor = Scan.cursor(frame);
    if (cursor == null) {
      return refuse(INVALID_CURSOR);
    }
    Scan scan =
        new Scan(
            worker.allocator(),
            reply,
            () -> ScanStep.of(cursor, router, marks),
            router.readers().size(),
            gathers.maxGathered);
    Backend server = scan.send(frame, lane);
    return route.sent(server.overloaded(lane) ? server : null);
  }

  private Route refuse(byte[] error) {
    recorder.refused(RefusalKind.BAD_ARGUMENT);
    return route.refused(error);
  }
}
