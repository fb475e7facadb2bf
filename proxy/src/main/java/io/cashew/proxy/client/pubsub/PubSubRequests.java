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
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.gather.Gather;
import io.cashew.proxy.route.gather.Merger;
import io.cashew.proxy.route.gather.NodeReplies;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
    counting("pubsub|numsub", SubscriptionKind.CHANNEL);
    counting("pubsub|shardnumsub", SubscriptionKind.SHARD_CHANNEL);
    tellsOfListeners(
        "publish", (frame, router) -> nodesOfNames(SubscriptionKind.CHANNEL, frame, 1, 2, router));
    tellsOfListeners(
        "spublish",
        (frame, router) -> nodesOfNames(SubscriptionKind.SHARD_CHANNEL, frame, 1, 2, router));
    tellsOfListeners("pubsub|channels", (frame, router) -> nodesOfReaders(router));
    tellsOfListeners("pubsub|shardchannels", (frame, router) -> nodesOfReaders(router));
    tellsOfListeners("pubsub|numpat", (frame, router) -> nodesOfReaders(router));
    tellsOfListeners(
        "pubsub|numsub",
        (frame, router) -> nodesOfNames(SubscriptionKind.CHANNEL, frame, 2, frame.argc(), router));
    tellsOfListeners(
        "pubsub|shardnumsub",
        (frame, router) ->
            nodesOfNames(SubscriptionKind.SHARD_CHANNEL, frame, 2, frame.argc(), router));
  }

  private void tellsOfListeners(String name, NodesAsked nodes) {
    nodesAsked.put(command(name), nodes);
  }

  private Command command(String name) {
    Command command = handlers.commands().find(name);
    if (command == null) {
      throw new IllegalStateException("no row for command '" + name + "'");
    }
    return command;
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

  /**
   * The server that a request is sent to now which names channels and was sent before.
   *
   * @return null: it names none, or goes by them as others go by their keys
   */
  public static @Nullable Backend placeOf(
      Command command, RequestFrame frame, Subscriptions subscriptions) {
    int channel = command.name().equals("publish") ? 1 : 2;
    return switch (command.name()) {
      case "publish", "pubsub|numsub" ->
          subscriptions.home(
              new Subscription(SubscriptionKind.CHANNEL, Arguments.bytes(frame, channel)));
      case "pubsub|shardnumsub" ->
          subscriptions.home(
              new Subscription(SubscriptionKind.SHARD_CHANNEL, Arguments.bytes(frame, channel)));
      default -> null;
    };
  }

  private Set<Node> nodesOfNames(
      SubscriptionKind kind, RequestFrame frame, int from, int to, Router router) {
    Set<Node> nodes = new LinkedHashSet<>();
    for (int i = from; i < to; i++) {
      int node = subscriptions.nodeFor(kind, Arguments.bytes(frame, i));
      nodes.add(router.backends().get(node).node());
    }
    return nodes;
  }

  private static Set<Node> nodesOfReaders(Router router) {
    Set<Node> nodes = new LinkedHashSet<>();
    router.readers().forEach(reader -> nodes.add(reader.node()));
    return nodes;
  }

  /**
   * The nodes without which a request to listen is refused: that of each channel, and for patterns
   * all, while none of them has a server.
   *
   * @return in no order; empty if it is none
   */
  public Set<Node> nodesToListenTo(Command command, RequestFrame frame, Router router) {
    return switch (command.name()) {
      case "subscribe" -> nodesOfNames(SubscriptionKind.CHANNEL, frame, 1, frame.argc(), router);
      case "ssubscribe" ->
          nodesOfNames(SubscriptionKind.SHARD_CHANNEL, frame, 1, frame.argc(), router);
      case "psubscribe" -> {
        Set<Node> nodes = nodesOfReaders(router);
        yield nodes.stream().allMatch(Node::circuitOpen) ? nodes : Set.of();
      }
      default -> Set.of();
    };
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
      int node = subscriptions.nodeFor(kind, Arguments.bytes(frame, 1));
      PendingReply slot = client.addSlot();
      if (client.pool().serversMayChange()) {
        slot.mayComeBackFrom(client.pool().router().backends().get(node), frame);
      }
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
  private static RequestHandler asking(Merger merger) {
    return (client, frame) -> {
      PendingReply slot = client.addSlotForMerged();
      if (client.pool().serversMayChange()) {
        slot.mayGoElsewhere(frame, true, false);
      }
      client.routed(
          slot,
          client
              .pool()
              .manyNodes()
              .askAll(frame.buf(), frame.start(), frame.length(), merger, slot, client.lane()));
    };
  }

  /** Names, each once: a channel that is listened to on every node is active on every node. */
  private static ReplyValue union(NodeReplies replies) {
    Map<String, ReplyValue> names = new LinkedHashMap<>();
    for (ReplyValue reply : replies.values()) {
      array(reply).forEach(name -> names.putIfAbsent(name.text(), name));
    }
    return ReplyValue.array(List.copyOf(names.values()));
  }

  /** Patterns are listened to on every node, but a node that was away may still lack some. */
  private static ReplyValue largest(NodeReplies replies) {
    return ReplyValue.integer(
        replies.values().stream().mapToLong(ReplyValue::number).max().orElse(0));
  }

  private static List<ReplyValue> array(ReplyValue reply) {
    if (reply.type() != '*' || reply.isNil()) {
      throw new IllegalArgumentException("no array");
    }
    return reply.elements();
  }

  private void counting(String name, SubscriptionKind kind) {
    handlers.on(name, counting(command(name), kind));
  }

  /** Asks each channel's own node how many listen. */
  private RequestHandler counting(Command command, SubscriptionKind kind) {
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
        nodeOf[i] = subscriptions.nodeFor(kind, names.get(i).name());
        ofNode.computeIfAbsent(nodeOf[i], absent -> new ArrayList<>()).add(names.get(i));
      }
      List<Integer> nodes = List.copyOf(ofNode.keySet());
      long[] uncounted = new long[nodeOf.length]; // now: as of a PUBLISH
      for (int i = 0; i < nodeOf.length; i++) {
        Node node = router.backends().get(nodeOf[i]).node();
        uncounted[i] = subscriptions.counts().uncounted(names.get(i), node);
      }
      PendingReply slot = client.addSlotForMerged();
      if (client.pool().serversMayChange()) {
        slot.mayGoElsewhere(frame, true, false);
      }
      Merger merger = replies -> counted(nodeOf, uncounted, nodes, replies);
      Gather gather = client.pool().manyNodes().gatherParts(command, merger, slot);
      ofNode.forEach(
          (node, channels) -> {
            Backend to = router.backends().get(node);
            gather.send(to, question(client, frame, channels), client.lane());
            client.feeds(to.overloaded(client.lane()) ? to : null);
          });
      gather.allSent();
    };
  }

  /** The same request for some of its channels; returns owned. */
  private static ByteBuf question(Client client, RequestFrame frame, List<Subscription> channels) {
    ByteBuf request = client.pool().worker().allocator().directBuffer(frame.length());
    Replies.writeArrayHeader(request, 2 + channels.size());
    Replies.writeBulk(request, frame.buf(), frame.offset(0), frame.length(0));
    Replies.writeBulk(request, frame.buf(), frame.offset(1), frame.length(1));
    channels.forEach(channel -> Replies.writeBulk(request, channel.name()));
    return request;
  }

  /** Each node says a name and a number for each channel that it was asked for, in order. */
  private static ReplyValue counted(
      int[] nodeOf, long[] uncounted, List<Integer> nodes, NodeReplies replies) {
    int[] read = new int[nodes.size()];
    List<ReplyValue> counts = new ArrayList<>();
    for (int i = 0; i < nodeOf.length; i++) {
      int node = nodes.indexOf(nodeOf[i]);
      ReplyValue reply = replies.values().get(node);
      counts.add(reply.element(read[node]++));
      counts.add(ReplyValue.integer(reply.element(read[node]++).number() + uncounted[i]));
    }
    return ReplyValue.array(counts);
  }
}
