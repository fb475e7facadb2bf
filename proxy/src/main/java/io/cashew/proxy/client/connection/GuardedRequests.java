package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.GuardPart;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The way of requests past the filters of keys that exist, and then past the near cache. Confined
 * to the worker.
 *
 * <p>A request that reads keys none of which exists is answered here. Any other that goes to a
 * server adds its keys to the filter before it is sent: a write, since it may make them; and a
 * read, since what it finds would not exist again for the next client while the server's message is
 * on its way.
 */
final class GuardedRequests extends CachedRequests {
  /** A client that queues more has its requests sent all the same. */
  private static final int MOST_QUEUED = 10_000;

  private final PoolPart pool;
  private final CachePart cache;
  private final GuardPart guard;
  private final KeyOwner owner;
  private final KeyPositions positions = new KeyPositions();
  private @Nullable AbsentReply[] replies;

  /** Keys that are queued in transactions, which are executed later. */
  private final Map<ConnectedClient, List<byte[]>> queued = new WeakHashMap<>();

  GuardedRequests(
      PoolPart pool, CachePart cache, GuardPart guard, KeyOwner owner, Forward forward) {
    super(pool, cache, owner, forward);
    this.owner = owner;
    this.pool = pool;
    this.cache = cache;
    this.guard = guard;
    replies = AbsentReply.byId(pool.commands());
  }

  @Override
  public void forgetCommands() {
    super.forgetCommands();
    replies = AbsentReply.byId(pool.commands());
  }

  private @Nullable CacheRule guardedRule(RequestFrame frame, int argument) {
    return owner.has(frame, argument) ? guard.ruleOf(frame, argument) : null;
  }

  private Node nodeOf(RequestFrame frame, int key) {
    return pool.router().backendOf(pool.router().groupOf(frame, key)).node();
  }

  private boolean findKeys(Command command, RequestFrame frame) {
    return command.takes(frame.argc())
        && !command.keySpecs().isEmpty()
        && command.keys(frame, positions);
  }

  @Override
  public boolean answers(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    if (!command.has(Property.EXECUTES_QUEUED) && findKeys(command, frame)) {
      byte[] reply = reply(client, command, frame);
      if (reply != null) {
        give(client, command, reply);
        return true;
      }
      addKeys(client, command, frame);
    }
    return super.answers(client, command, frame);
  }

  /** The reply to a request none of whose keys exists; null: a server has to give it. */
  private byte @Nullable [] reply(ConnectedClient client, Command command, RequestFrame frame) {
    AbsentReply shape = command.id() < replies.length ? replies[command.id()] : null;
    if (shape == null || !MemoryReplies.mayBeServed(client, client.session().seat())) {
      return null;
    }
    CacheRule first = null;
    for (int i = 0; i < positions.count(); i++) {
      int key = positions.index(i);
      CacheRule rule = guardedRule(frame, key);
      if (rule == null || !guard.isAbsent(nodeOf(frame, key)) || mustBeAsked(client, frame, key)) {
        return null;
      }
      first = first == null ? rule : first;
    }
    byte[] reply = first == null ? null : shape.of(frame, client.session().resp3());
    if (reply != null && first != null) {
      cache.recorder(first).guarded++;
    }
    return reply;
  }

  /** Whether a reply about a key is under way to the client, or memory may have a value of it. */
  private boolean mustBeAsked(ConnectedClient client, RequestFrame frame, int key) {
    CacheRule rule = cache.ruleOf(frame, key);
    return rule != null && (cache.mayBeOwed(client.session().seat()) || cache.isStale(rule));
  }

  /** Of a request that goes to servers. */
  private void addKeys(ConnectedClient client, Command command, RequestFrame frame) {
    if (client.session().database() != 0) {
      return;
    }
    for (int i = 0; i < positions.count(); i++) {
      int key = positions.index(i);
      if (guardedRule(frame, key) != null) {
        Node node = nodeOf(frame, key);
        if (!command.onlyReads() || guard.isAbsent(node)) {
          guard.exists(node);
        }
      }
    }
  }

  @Override
  public void uploads(ConnectedClient client, Command command, RequestFrame frame, ReplySlot slot) {
    int key = command.firstKey();
    if (command.hasOneKey() && key < frame.argc() && guardedRule(frame, key) != null) {
      Node node = nodeOf(frame, key);
      byte[] bytes = ByteBufUtil.getBytes(frame.buf(), frame.offset(key), frame.length(key));
      guard.exists(node);
      slot.whenOver(type -> guard.exists(node, bytes)); // it may have taken longer than a filter
    }
    super.uploads(client, command, frame, slot);
  }

  // ---------------------------------------------------------------- transactions

  @Override
  public void queued(ConnectedClient client, Command command, RequestFrame frame) {
    super.queued(client, command, frame);
    if (client.mode().inTransaction() && !command.onlyReads() && findKeys(command, frame)) {
      for (int i = 0; i < positions.count(); i++) {
        int key = positions.index(i);
        if (guardedRule(frame, key) != null) {
          guard.exists(nodeOf(frame, key));
          List<byte[]> keys = queued.computeIfAbsent(client, absent -> new ArrayList<>());
          if (keys.size() < MOST_QUEUED) {
            keys.add(ByteBufUtil.getBytes(frame.buf(), frame.offset(key), frame.length(key)));
          }
        }
      }
    }
  }

  @Override
  void watchQueued(ConnectedClient client, Command command) {
    addQueued(client);
    super.watchQueued(client, command);
  }

  /** What was queued long ago may not be in a filter that was begun since. */
  private void addQueued(ConnectedClient client) {
    List<byte[]> keys = queued.remove(client);
    if (keys != null) {
      for (byte[] key : keys) {
        guard.exists(pool.router().backendOf(pool.router().groupOf(key)).node(), key);
      }
    }
  }
}
