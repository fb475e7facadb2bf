package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.Role;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.ReplyWatch;
import io.cashew.proxy.route.Router;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of requests past the caches of the pools to which routes lead: each pool's own, so that
 * what comes by routes and what comes to the pool's own port meet. A request for keys of several
 * pools is watched by each of them for its keys. Confined to the worker.
 */
final class RoutedCaches implements CacheWay {
  private final PoolPart pool;
  private final Router router;
  private final Roles roles = new Roles();
  private final KeyPositions positions = new KeyPositions();

  /** By the places of the pools; null: a pool keeps nothing. */
  private final @Nullable CachedRequests[] ofPools;

  /** Those that are to hear of the reply to the request that is being sent. */
  private final List<CachedRequests> asked = new ArrayList<>();

  private final ManyReplies many;
  private long slotsBefore;

  /**
   * Of the clients of a pool with routes.
   *
   * @param ofPools for each pool that these lead to, in their order; null: it keeps nothing
   */
  RoutedCaches(PoolPart pool, @Nullable CachedRequests[] ofPools) {
    this.pool = pool;
    router = pool.router();
    this.ofPools = ofPools;
    many = new ManyReplies(pool, this::cacheOf);
  }

  private @Nullable CachePart cacheOf(RequestFrame frame, int key) {
    CachedRequests one = ofPools[router.poolOf(frame, key)];
    return one == null ? null : one.cacheOf(frame, key);
  }

  @Override
  public void forgetCommands() {
    roles.forget();
    for (CachedRequests each : ofPools) {
      if (each != null) {
        each.forgetCommands();
      }
    }
  }

  @Override
  public boolean concerns(ConnectedClient client, Command command, RequestFrame frame) {
    boolean any = false;
    for (CachedRequests each : ofPools) {
      any |= each != null && each.concerns(client, command, frame); // each has to be asked
    }
    return any;
  }

  @Override
  public void comes(ConnectedClient client, Command command) {
    for (CachedRequests each : ofPools) {
      if (each != null) {
        each.comes(client, command);
      }
    }
  }

  @Override
  public boolean holds(ConnectedClient client, Command command, RequestFrame frame) {
    for (CachedRequests each : ofPools) {
      if (each != null && each.holds(client, command, frame)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void queued(ConnectedClient client, Command command, RequestFrame frame) {
    for (CachedRequests each : ofPools) {
      if (each != null) {
        each.queued(client, command, frame);
      }
    }
  }

  // ---------------------------------------------------------------- a request

  @Override
  public boolean answers(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    asked.clear();
    if (command.hasOneKey() && !command.runsScript()) {
      CachedRequests one = ofPools[router.poolOf(frame, command.firstKey())];
      if (one == null || one.answers(client, command, frame)) {
        return one != null;
      }
      asked.add(one);
      return false;
    }
    Role role = roles.of(command);
    if (role == Role.EXEC) {
      watchQueued(client, command);
      return false;
    }
    choose(role, command, frame);
    slotsBefore = client.replies().added();
    boolean answered = answeredForSeveral(role, client, command, frame);
    for (int i = 0; i < asked.size() && !answered; i++) {
      answered = asked.get(i).answers(client, command, frame);
    }
    if (answered) {
      asked.clear();
    }
    return answered;
  }

  /** Answers MGET if memory knows each of its keys, whichever pools have them. */
  private boolean answeredForSeveral(
      Role role, ConnectedClient client, Command command, RequestFrame frame) {
    if (role != Role.MGET || asked.size() < 2) {
      return false;
    }
    asked.forEach(each -> each.endWaits(client, role, command, frame));
    return many.answers(asked.get(0).replies(), client, command, frame);
  }

  private void watchQueued(ConnectedClient client, Command command) {
    slotsBefore = client.replies().added();
    for (CachedRequests each : ofPools) {
      if (each != null) {
        each.watchQueued(client, command);
        asked.add(each);
      }
    }
    client.session().seat().forgetQueued();
  }

  /** Finds whom a request for no key, or for several, is about. */
  private void choose(Role role, Command command, RequestFrame frame) {
    boolean writesOthers = role == Role.SCRIPT && router.table().hasNodesOfOneServer();
    if (role == Role.EVERY_KEY || role == Role.DISCARD || writesOthers) {
      for (CachedRequests each : ofPools) {
        ask(each);
      }
    } else if (!command.keySpecs().isEmpty()
        && command.takes(frame.argc())
        && command.keys(frame, positions)) {
      for (int i = 0; i < positions.count(); i++) {
        ask(ofPools[router.poolOf(frame, positions.index(i))]);
      }
      if (positions.count() == 0) {
        ask(ofPools[0]); // where what has no key goes
      }
    }
  }

  private void ask(@Nullable CachedRequests one) {
    if (one != null && !asked.contains(one)) {
      asked.add(one);
    }
  }

  @Override
  public boolean givesElements() {
    for (CachedRequests each : asked) {
      if (each.givesElements()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void sent(ConnectedClient client) {
    if (asked.size() == 1) {
      asked.get(0).sent(client);
    } else if (!asked.isEmpty()) {
      sentToSeveral(client);
    }
    asked.clear();
  }

  private void sentToSeveral(ConnectedClient client) {
    List<ReplyWatch> watches = new ArrayList<>(asked.size());
    for (CachedRequests each : asked) {
      ReplyWatch watch = each.takeWatch();
      if (watch != null) {
        watches.add(watch);
      }
    }
    ReplySlot slot = client.replies().addedSince(slotsBefore);
    if (slot == null) {
      watches.forEach(ReplyWatch::onNotSent);
    } else if (!watches.isEmpty()) {
      slot.watchedBy(new SeveralWatches(watches));
    }
  }

  @Override
  public void uploads(ConnectedClient client, Command command, RequestFrame frame, ReplySlot slot) {
    CachedRequests one =
        command.hasOneKey() && command.firstKey() < frame.argc()
            ? ofPools[router.poolOf(frame, command.firstKey())]
            : null;
    if (one != null) {
      one.uploads(client, command, frame, slot);
    }
  }
}
