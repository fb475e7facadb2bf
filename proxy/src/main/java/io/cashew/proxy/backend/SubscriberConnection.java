package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.resp.ProtocolException;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyDecoder;
import io.cashew.proxy.resp.ReplyReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a node that listens, in RESP2, which every node speaks. Confined to its worker.
 *
 * <p>Messages come at any time, between the replies to the commands; replies come in the order of
 * the commands, so a confirmation of anything but the first that waits breaks the protocol. A node
 * that says nothing is asked with PING whether it is there.
 */
final class SubscriberConnection implements NodeChannel.User {
  private static final Logger LOG = LoggerFactory.getLogger(SubscriberConnection.class);

  private static final String PONG = "pong";

  /** What becomes of a subscription whose slot has left. */
  private static final NodeFailure ELSEWHERE =
      new NodeFailure(FailureKind.HANDSHAKE, Replies.error("MOVED the slot of the channel"));

  /** What the node has been told and has not answered. */
  private sealed interface Asked {}

  private record Change(Subscriber.Entry entry, boolean joins) implements Asked {}

  private enum Ping implements Asked {
    PING
  }

  private final Worker worker;
  private final Node node;
  private final NodeRecorder recorder;
  private final Subscriber subscriber;
  private final NodeChannel channel;
  private final Outbound outbound;
  private final ReplyDecoder decoder;
  private final ArrayDeque<Asked> asked = new ArrayDeque<>();

  private long askedSinceTickMillis;
  private long readyTickMillis;
  private @Nullable ByteBuf partial;

  /** The rest of a message is dropped: it is too large. */
  private boolean skipping;

  /**
   * A connection that is to be opened.
   *
   * @param netty a channel of a {@link Connector}
   */
  SubscriberConnection(
      Worker worker,
      Node node,
      BackendSettings settings,
      NodeRecorder recorder,
      Subscriber subscriber,
      Channel netty) {
    this.worker = worker;
    this.node = node;
    this.recorder = recorder;
    this.subscriber = subscriber;
    channel = new NodeChannel(worker, node, settings, recorder, netty, this);
    outbound = channel.outbound();
    decoder = new ReplyDecoder(settings.maxBulkLength(), false);
  }

  /** Connects. */
  void connect(Connector connector) {
    channel.connectAndTellLater(connector); // a unix socket refuses at once
  }

  /** Takes the time-out of {@code newer}. */
  void adopt(BackendSettings newer) {
    channel.adopt(newer);
  }

  /** Asks the node whether it is there: its answer comes behind what it has sent before. */
  void ping() {
    await(Ping.PING);
    outbound.write(OwnCommands.PING, 0, OwnCommands.PING.length);
  }

  /** Whether the node has answered everything. */
  boolean owesNothing() {
    return asked.isEmpty();
  }

  boolean ready() {
    return channel.ready();
  }

  /** Asks the node to begin, or to end, to send messages. */
  void ask(Subscriber.Entry entry, boolean joins) {
    Subscription subscription = entry.subscription;
    String word = subscription.kind().word(joins);
    byte[] name = subscription.name();
    entry.asked++;
    await(new Change(entry, joins));
    ByteBuf request = worker.allocator().directBuffer(word.length() + name.length + 40);
    try {
      Replies.writeArrayHeader(request, 2);
      Replies.writeBulk(request, word);
      Replies.writeBulk(request, name);
      outbound.write(request, 0, request.readableBytes());
    } finally {
      request.release();
    }
  }

  private void await(Asked what) {
    if (asked.isEmpty()) {
      askedSinceTickMillis = worker.tickMillis();
    }
    asked.add(what);
  }

  @Override
  public void onReady() {
    readyTickMillis = worker.tickMillis();
    recorder.connections++;
    recorder.subscriberConnections++;
    subscriber.onReady(this);
  }

  // ---------------------------------------------------------------- what the node says

  @Override
  public void onBytes(ByteBuf in, int from, int to) {
    int at = channel.readHandshake(in, from, to);
    channel.alive();
    while (at < to && !channel.closed()) {
      int end = decoder.feed(in, at, to);
      if (end < 0) {
        keep(in, at, to - at);
        return;
      }
      whole(in, at, end - at);
      at = end;
    }
  }

  private void keep(ByteBuf in, int index, int length) {
    if (skipping) {
      return;
    }
    ByteBuf kept = partial;
    if (kept == null) {
      partial = kept = worker.allocator().directBuffer(length);
    }
    kept.writeBytes(in, index, length);
    if (kept.readableBytes() > subscriber.messageMax()) {
      partial = null;
      skipping = true;
      try {
        tooLarge(kept);
      } finally {
        kept.release();
      }
    }
  }

  /** Who listens to a message is said at its beginning. */
  private void tooLarge(ByteBuf kept) {
    ReplyReader reader = new ReplyReader(kept, 0, kept.readableBytes());
    int elements = reader.array();
    reader.bulk();
    SubscriptionKind kind = messageKind(kept, reader, elements);
    if (kind == null) {
      throw new ProtocolException("a reply of more than " + kept.readableBytes() + " bytes");
    }
    subscriber.listener().onTooLarge(new Subscription(kind, reader.bulkBytes()));
  }

  private void whole(ByteBuf in, int index, int length) {
    if (skipping) {
      skipping = false;
      return;
    }
    ByteBuf kept = partial;
    if (kept == null) {
      take(in, index, length);
      return;
    }
    partial = null;
    try {
      kept.writeBytes(in, index, length);
      take(kept, 0, kept.readableBytes());
    } finally {
      kept.release();
    }
  }

  /** Takes a message or a reply that is whole. */
  private void take(ByteBuf buf, int index, int length) {
    ReplyReader reader = new ReplyReader(buf, index, length);
    if (reader.type() != '*') {
      line(buf.toString(index, length, StandardCharsets.UTF_8).strip());
      return;
    }
    int elements = reader.array();
    reader.bulk();
    SubscriptionKind kind = messageKind(buf, reader, elements);
    if (kind != null) {
      Subscription subscription = new Subscription(kind, reader.bulkBytes());
      recorder.messages++;
      recorder.replyBytes += length;
      subscriber.listener().onMessage(subscription, buf, index, length);
    } else if (elements == 2 && is(PONG, buf, reader) && asked.peek() == Ping.PING) {
      answered(); // the answer of a node that has subscriptions
    } else if (elements == 3 && isRevoked(buf, reader)) {
      subscriber.onRevoked(
          new Subscription(SubscriptionKind.SHARD_CHANNEL, reader.bulkBytes()), ELSEWHERE);
    } else if (elements == 3 && asked.peek() instanceof Change change) {
      confirmed(change, buf, reader);
    } else {
      throw unexpected();
    }
  }

  private @Nullable SubscriptionKind messageKind(ByteBuf buf, ReplyReader reader, int elements) {
    for (SubscriptionKind kind : SubscriptionKind.values()) {
      if (kind.messageElements() == elements && is(kind.messageWord(), buf, reader)) {
        return kind;
      }
    }
    return null;
  }

  private static boolean is(String word, ByteBuf buf, ReplyReader reader) {
    boolean same = word.length() == reader.bulkLength();
    for (int i = 0; same && i < word.length(); i++) {
      same = buf.getByte(reader.bulkOffset() + i) == word.charAt(i);
    }
    return same;
  }

  /** A slot that leaves takes its channels away from those who listen, unasked. */
  private boolean isRevoked(ByteBuf buf, ReplyReader reader) {
    String word = SubscriptionKind.SHARD_CHANNEL.word(false);
    return is(word, buf, reader)
        && !(asked.peek() instanceof Change change
            && !change.joins()
            && change.entry().subscription.kind() == SubscriptionKind.SHARD_CHANNEL);
  }

  private void confirmed(Change change, ByteBuf buf, ReplyReader reader) {
    Subscription subscription = change.entry().subscription;
    if (!is(subscription.kind().word(change.joins()), buf, reader)
        || !Arrays.equals(subscription.name(), reader.bulkBytes())) {
      throw unexpected();
    }
    answered();
    subscriber.onAnswered(change.entry(), change.joins());
  }

  private ProtocolException unexpected() {
    recorder.unexpectedReplies++;
    return new ProtocolException("a reply that nobody asked for");
  }

  private void line(String text) {
    boolean error = text.startsWith("-");
    Asked first = asked.peek();
    if (first instanceof Change change && error) {
      answered();
      if (!text.startsWith("-MOVED ")) {
        LOG.warn("{} refuses to let {}: {}", node, change.entry().subscription, text);
      }
      byte[] reply = Replies.error(text.substring(1));
      subscriber.onRefused(
          change.entry(), change.joins(), new NodeFailure(FailureKind.HANDSHAKE, reply));
    } else if (first == Ping.PING && (error || text.equals("+PONG"))) {
      answered(); // an error is a sign of life, too
    } else {
      throw unexpected();
    }
  }

  private void answered() {
    asked.remove();
    askedSinceTickMillis = worker.tickMillis();
    channel.answered();
  }

  // ---------------------------------------------------------------- the end

  /** Looks for what has taken too long, and asks a silent node whether it is there. */
  void onTick(long tickMillis) {
    if (!channel.onTick(tickMillis)) {
      return;
    }
    long silent = tickMillis - channel.aliveTickMillis();
    long patience = channel.settings().silenceMillis();
    if (asked.isEmpty()) {
      if (silent > patience) {
        ping();
      }
    } else if (silent > patience && tickMillis - askedSinceTickMillis > patience) {
      fail(channel.timeout("Connection timed out", patience), false);
    }
  }

  @Override
  public boolean blamesNode() {
    return true;
  }

  /** Ends the connection. */
  @Override
  public void fail(NodeFailure cause, boolean early) {
    assert worker.inThread();
    if (channel.closed()) {
      return;
    }
    long readyMillis = 0;
    if (channel.ready()) {
      readyMillis = worker.tickMillis() - readyTickMillis;
      recorder.connections--;
      recorder.subscriberConnections--;
      recorder.disconnects++;
    }
    channel.close();
    ByteBuf kept = partial;
    if (kept != null) {
      partial = null;
      kept.release();
    }
    if (cause.kind() != FailureKind.STOPPING) {
      LOG.info("{} is not listened to for now: {}", node, cause.text());
    }
    subscriber.onClosed(this, cause, early, readyMillis);
  }
}
