package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.RequestHandler;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyReader;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.GatheredReplies;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The commands of pub/sub. One per pool and worker, confined to it. */
public final class PubSubRequests {
  private final Subscriptions subscriptions;
  private final HandlerTable handlers;
  private final IdentityHashMap<Command, NodesAsked> nodesAsked = new IdentityHashMap<>();

  /** Finds the nodes that a request asks. */
  private interface NodesAsked {
    Set<Node> of(RequestFrame frame, Router router);
  }

  public PubSubRequests(CommandTable commands, Subscriptions subscriptions) {
    handlers = new HandlerTable(commands);
    this.subscriptions = subscriptions;
    handlers.on("subscribe", changing(SubscriptionKind.CHANNEL, true));
    handlers.on("unsubscribe", changing(SubscriptionKind.CHANNEL, false));
    handlers.on("psubscribe", changing(SubscriptionKind.PATTERN, true));
    handlers.on("punsubscribe", changing(SubscriptionKind.PATTERN, false));
    handlers.on("ssubscribe", changing(SubscriptionKind.SHARD_CHANNEL, true));
    handlers.on("sunsubscribe", changing(SubscriptionKind.SHARD_CHANNEL, false));
    handlers.on("publish", publishing(SubscriptionKind.CHANNEL));
    handlers.on("spublish", publishing(SubscriptionKind.SHARD_CHANNEL));
    handlers.on("pubsub|channels", asking(PubSubRequests::union));
    handlers.on("pubsub|shardchannels", asking(PubSubRequests::union));
    handlers.on("pubsub|numpat", asking(PubSubRequests::largest));
    handlers.on("pubsub|numsub", counting(SubscriptionKind.CHANNEL));
    handlers.on("pubsub|shardnumsub", counting(SubscriptionKind.SHARD_CHANNEL));
    tellsOfListeners("publish", (frame, router) -> nodesOfNames(frame, 1, 2, router));
    tellsOfListeners("spublish", (frame, router) -> nodesOfNames(frame, 1, 2, router));
    tellsOfListeners("pubsub|channels", (frame, router) -> nodesOfReaders(router));
    tellsOfListeners("pubsub|shardchannels", (frame, router) -> nodesOfReaders(router));
    tellsOfListeners("pubsub|numpat", (frame, router) -> nodesOfReaders(router));
    tellsOfListeners(
        "pubsub|numsub", (frame, router) -> nodesOfNames(frame, 2, frame.argc(), router));
    tellsOfListeners(
        "pubsub|shardnumsub", (frame, router) -> nodesOfNames(frame, 2, frame.argc(), router));
  }

  private void tellsOfListeners(String name, NodesAsked nodes) {
    Command command = handlers.commands().find(name);
    if (command == null) {
      throw new IllegalStateException("no row for command '" + name + "'");
    }
    nodesAsked.put(command, nodes);
  }

  /** Whether no client of the pool listens, on any worker, and no node counts one that has left. */
  public boolean nobodyListens() {
    return subscriptions.counts().isEmpty();
  }

  /**
   * The nodes that a request asks which clients listen.
   *
   * @return in no order; empty if it asks none
   */
  public Set<Node> nodesAskedForListeners(Command command, RequestFrame frame, Router router) {
    NodesAsked nodes = nodesAsked.get(command);
    return nodes == null ? Set.of() : nodes.of(frame, router);
  }

  private static Set<Node> nodesOfNames(RequestFrame frame, int from, int to, Router router) {
    Set<Node> nodes = new LinkedHashSet<>();
    for (int i = from; i < to; i++) {
      nodes.add(router.backends().get(router.nodeForChannel(frame, i)).node());
    }
    return nodes;
  }

  private static Set<Node> nodesOfReaders(Router router) {
    Set<Node> nodes = new LinkedHashSet<>();
    router.readers().forEach(reader -> nodes.add(reader.node()));
    return nodes;
  }

  /** Carries out a command of kind {@code PUBSUB}. */
  public void run(Command command, Client client, RequestFrame frame) {
    RequestHandler handler = handlers.find(command);
    if (handler == null) {
      throw new IllegalStateException("no handler for command '" + command + "'");
    }
    handler.run(client, frame);
  }

  private RequestHandler changing(SubscriptionKind kind, boolean joins) {
    return (client, frame) -> {
      List<Subscription> names = names(frame, 1, kind);
      PendingReply slot = client.addSlotThatPushesPass();
      SubscriptionRequest request =
          new SubscriptionRequest(subscriptions, client, slot, kind, joins, names);
      client.waitForReplies();
      request.start();
    };
  }

  private static List<Subscription> names(RequestFrame frame, int from, SubscriptionKind kind) {
    List<Subscription> names = new ArrayList<>(frame.argc() - from);
    for (int i = from; i < frame.argc(); i++) {
      names.add(new Subscription(kind, Arguments.bytes(frame, i)));
    }
    return names;
  }

  private RequestHandler publishing(SubscriptionKind kind) {
    SubscriptionCounts counts = subscriptions.counts();
    return (client, frame) -> {
      int node = client.pool().router().nodeForChannel(frame, 1);
      PendingReply slot = client.addSlot();
      InFlight reply = slot;
      if (!counts.isEmpty()) {
        Subscription channel = new Subscription(kind, Arguments.bytes(frame, 1));
        Node of = client.pool().router().backends().get(node).node();
        reply = new CountedReply(slot, counts.uncountedReceivers(channel, of));
      }
      sendTo(client, node, frame.buf(), frame.start(), frame.length(), reply);
    };
  }

  private static void sendTo(
      Client client, int node, ByteBuf buf, int index, int length, InFlight reply) {
    Backend backend = client.pool().router().backends().get(node);
    backend.send(buf, index, length, reply, client.lane());
    client.feeds(backend.overloaded(client.lane()) ? backend : null);
  }

  /** Asks every node that is listened to the same. */
  private static RequestHandler asking(GatheredReplies.Merger merger) {
    return (client, frame) -> {
      List<Integer> nodes = client.pool().router().readerNodes();
      List<InFlight> parts = gathering(client, merger).expect(nodes.size());
      for (int i = 0; i < parts.size(); i++) {
        sendTo(client, nodes.get(i), frame.buf(), frame.start(), frame.length(), parts.get(i));
      }
    };
  }

  private static GatheredReplies gathering(Client client, GatheredReplies.Merger merger) {
    return new GatheredReplies(
        client.pool().worker().allocator(),
        client.addSlot(),
        client.pool().settings().unsentBytesHard(),
        merger);
  }

  /** Names, each once: a channel that is listened to on every node is active on every node. */
  private static void union(List<ByteBuf> replies, ByteBuf out) {
    Set<Subscription> names = new LinkedHashSet<>();
    for (ByteBuf reply : replies) {
      ReplyReader reader = new ReplyReader(reply, 0, reply.readableBytes());
      for (int left = reader.array(); left > 0; left--) {
        names.add(new Subscription(SubscriptionKind.CHANNEL, reader.bulkBytes()));
      }
    }
    Replies.writeArrayHeader(out, names.size());
    names.forEach(name -> Replies.writeBulk(out, name.name()));
  }

  /** Patterns are listened to on every node, but a node that was away may still lack some. */
  private static void largest(List<ByteBuf> replies, ByteBuf out) {
    long largest = 0;
    for (ByteBuf reply : replies) {
      ReplyReader reader = new ReplyReader(reply, 0, reply.readableBytes());
      largest = Math.max(largest, reader.integer());
    }
    Replies.writeInteger(out, largest);
  }

  /** Asks each channel's own node how many listen. */
  private RequestHandler counting(SubscriptionKind kind) {
    return (client, frame) -> {
      List<Subscription> names = names(frame, 2, kind);
      if (names.isEmpty()) {
        Answers.reply(client, out -> Replies.writeArrayHeader(out, 0));
        return;
      }
      Router router = client.pool().router();
      int[] nodeOf = new int[names.size()];
      Map<Integer, List<Subscription>> ofNode = new TreeMap<>();
      for (int i = 0; i < nodeOf.length; i++) {
        nodeOf[i] = router.nodeForChannel(names.get(i).name());
        ofNode.computeIfAbsent(nodeOf[i], absent -> new ArrayList<>()).add(names.get(i));
      }
      List<Integer> nodes = List.copyOf(ofNode.keySet());
      long[] uncounted = new long[nodeOf.length]; // now: as of a PUBLISH
      for (int i = 0; i < nodeOf.length; i++) {
        Node node = router.backends().get(nodeOf[i]).node();
        uncounted[i] = subscriptions.counts().uncounted(names.get(i), node);
      }
      GatheredReplies.Merger merger =
          (replies, out) -> counted(names, nodeOf, uncounted, nodes, replies, out);
      List<InFlight> parts = gathering(client, merger).expect(nodes.size());
      for (int i = 0; i < parts.size(); i++) {
        ask(
            client,
            frame,
            nodes.get(i),
            ofNode.getOrDefault(nodes.get(i), List.of()),
            parts.get(i));
      }
    };
  }

  private static void ask(
      Client client, RequestFrame frame, int node, List<Subscription> channels, InFlight reply) {
    ByteBuf request = client.pool().worker().allocator().directBuffer(frame.length());
    try {
      Replies.writeArrayHeader(request, 2 + channels.size());
      Replies.writeBulk(request, frame.buf(), frame.offset(0), frame.length(0));
      Replies.writeBulk(request, frame.buf(), frame.offset(1), frame.length(1));
      channels.forEach(channel -> Replies.writeBulk(request, channel.name()));
      sendTo(client, node, request, 0, request.readableBytes(), reply);
    } finally {
      request.release();
    }
  }

  private static void counted(
      List<Subscription> names,
      int[] nodeOf,
      long[] uncounted,
      List<Integer> nodes,
      List<ByteBuf> replies,
      ByteBuf out) {
    Map<Integer, ReplyReader> readers = new TreeMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      ReplyReader reader = new ReplyReader(replies.get(i), 0, replies.get(i).readableBytes());
      reader.array();
      readers.put(nodes.get(i), reader);
    }
    Replies.writeArrayHeader(out, 2L * names.size());
    for (int i = 0; i < nodeOf.length; i++) {
      ReplyReader reader = readers.get(nodeOf[i]);
      if (reader == null) {
        throw new IllegalStateException("no reply of node " + nodeOf[i]);
      }
      reader.bulk();
      long listening = reader.integer() + uncounted[i];
      Replies.writeBulk(out, names.get(i).name());
      Replies.writeInteger(out, listening);
    }
  }
}
