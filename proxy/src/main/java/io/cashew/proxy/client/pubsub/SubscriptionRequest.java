package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command of the family of {@code SUBSCRIBE} and {@code UNSUBSCRIBE} while it is carried out: it
 * has begun when its client was owed nothing, and ends with one confirmation a channel, all at
 * once, or with an error and nothing changed. Confined to the worker.
 */
final class SubscriptionRequest {
  private final Subscriptions subscriptions;
  private final Client client;
  private final ClientSubscriptions mine;
  private final PendingReply slot;
  private final SubscriptionKind kind;
  private final boolean joins;

  /** What the command names; empty for an {@code UNSUBSCRIBE} of everything. */
  private final List<Subscription> names;

  private final Set<Topic> held = new LinkedHashSet<>();
  private final Set<Topic> awaited = new HashSet<>();
  private @Nullable ByteBuf confirmations;
  private boolean over;

  SubscriptionRequest(
      Subscriptions subscriptions,
      Client client,
      PendingReply slot,
      SubscriptionKind kind,
      boolean joins,
      List<Subscription> names) {
    this.subscriptions = subscriptions;
    this.client = client;
    this.slot = slot;
    mine = subscriptions.of(client);
    this.kind = kind;
    this.joins = joins;
    this.names = names;
  }

  /** The client is owed nothing else. */
  void start() {
    assert client.pool().worker().inThread();
    mine.pending = this;
    if (joins) {
      join();
    } else {
      leave();
    }
    if (!over && awaited.isEmpty()) {
      finish();
    }
  }

  private void join() {
    for (Subscription name : names) {
      if (mine.has(name)) {
        continue;
      }
      Topic topic = subscriptions.topic(name);
      if (held.add(topic)) {
        topic.joining.add(this);
        awaited.add(topic);
      }
    }
    for (Topic topic : List.copyOf(awaited)) {
      subscriptions.look(topic);
    }
  }

  private void leave() {
    List<Subscription> left = names.isEmpty() ? mine.all(kind) : names;
    ByteBuf out = confirmations();
    for (Subscription name : left) {
      Topic topic = mine.remove(name);
      if (topic != null) {
        subscriptions.remove(topic, client);
        if (!topic.forgotten() && topic.isDeserted()) {
          topic.leaving.add(this);
          awaited.add(topic);
        }
      }
      confirm(out, name.name());
    }
    if (left.isEmpty()) {
      confirm(out, null);
    }
    subscriptions.changed(client);
  }

  private ByteBuf confirmations() {
    ByteBuf out = confirmations;
    if (out == null) {
      confirmations = out = client.pool().worker().allocator().directBuffer();
    }
    return out;
  }

  private void confirm(ByteBuf out, byte @Nullable [] name) {
    boolean resp3 = client.session().resp3();
    out.writeByte(resp3 ? '>' : '*');
    out.writeBytes(THREE);
    Replies.writeBulk(out, kind.word(joins));
    if (name != null) {
      Replies.writeBulk(out, name);
    } else {
      out.writeBytes(resp3 ? Answers.NULL : Answers.NULL_BULK);
    }
    Replies.writeInteger(out, mine.told(kind));
  }

  private static final byte[] THREE = Replies.bytes("3\r\n");

  /** A topic is as this request wants it. */
  void settled(Topic topic) {
    assert client.pool().worker().inThread();
    if (awaited.remove(topic) && awaited.isEmpty() && !over) {
      finish();
    }
  }

  /** A topic cannot be listened to. */
  void failed(Topic topic, NodeFailure failure) {
    assert client.pool().worker().inThread();
    if (!over && awaited.contains(topic)) {
      end();
      slot.onFailure(failure);
    }
  }

  private void finish() {
    if (joins) {
      ByteBuf out = confirmations();
      for (Subscription name : names) {
        if (!mine.has(name)) {
          Topic topic = subscriptions.topic(name);
          subscriptions.add(topic, client);
          mine.add(topic);
        }
        confirm(out, name.name());
      }
      subscriptions.changed(client);
    }
    ByteBuf out = confirmations();
    confirmations = null;
    end();
    try {
      slot.confirm(out);
    } finally {
      out.release();
    }
  }

  /** The client has left: nobody waits for this. */
  void cancel() {
    if (!over) {
      end();
      slot.give(Answers.OK); // its client has abandoned it: it goes back to where slots come from
    }
  }

  private void end() {
    over = true;
    mine.pending = null;
    ByteBuf out = confirmations;
    if (out != null) {
      confirmations = null;
      out.release();
    }
    awaited.clear();
    for (Topic topic : held) {
      topic.joining.remove(this);
      subscriptions.dropIfDeserted(topic);
    }
  }
}
