package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.Fill;
import io.cashew.proxy.cache.HashWatch;
import io.cashew.proxy.cache.KeyWatch;
import io.cashew.proxy.cache.Leases;
import io.cashew.proxy.cache.ManyFill;
import io.cashew.proxy.cache.Role;
import io.cashew.proxy.cache.Seat;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.Session;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.KeptRequest;
import io.cashew.proxy.route.ReplyWatch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of requests past the near cache of one pool: what memory answers, what is kept of the
 * servers' replies, and what ends that. The reply is watched before anything of it can come.
 * Confined to the worker.
 */
class CachedRequests implements CacheWay {
  /** A longer request is not kept whole, and could not be sent by itself. */
  static final int JOINED_MAX = KeptRequest.MAX_BEGINNING;

  private final PoolPart pool;
  private final CachePart cache;
  private final KeyOwner owner;
  private final Forward forward;
  private final MemoryReplies values;
  private final ManyReplies many;
  private final HashRequests hashes;
  private final KeyPositions positions = new KeyPositions();
  private final Roles roles = new Roles();

  /** Of the one key of the request that has come, if it has one. */
  private @Nullable CacheRule ruleOfKey;

  /** Is to hear of the reply to the request that is being sent. */
  private @Nullable ReplyWatch watch;

  private long slotsBefore;

  /**
   * Of the clients of a pool.
   *
   * @param pool whose clients send the requests
   * @param cache of the pool that has the keys
   * @param owner says which keys that are
   */
  CachedRequests(PoolPart pool, CachePart cache, KeyOwner owner, Forward forward) {
    this.pool = pool;
    this.cache = cache;
    this.owner = owner;
    this.forward = forward;
    values = new MemoryReplies(pool, cache, owner);
    many = new ManyReplies(pool, this::cacheOf);
    hashes = new HashRequests(pool, cache, owner, forward, values);
  }

  @Override
  public void forgetCommands() {
    roles.forget();
  }

  /** The cache of a key, if it is one of the pool's; null: it is not. */
  final @Nullable CachePart cacheOf(RequestFrame frame, int argument) {
    return owner.has(frame, argument) ? cache : null;
  }

  /** Where replies are made of what memory has. */
  final MemoryReplies replies() {
    return values;
  }

  /** The rule of a key, if it is one of the pool's. */
  private @Nullable CacheRule ruleOf(RequestFrame frame, int argument) {
    return owner.has(frame, argument) ? cache.ruleOf(frame, argument) : null;
  }

  @Override
  public final boolean concerns(ConnectedClient client, Command command, RequestFrame frame) {
    if (!command.hasOneKey() || command.runsScript() || !command.takes(frame.argc())) {
      return true; // some of its keys may have rules
    }
    ruleOfKey = cache.anyRuleOf(frame, command.firstKey());
    return ruleOfKey != null || client.session().seat().isBusy();
  }

  @Override
  public final void comes(ConnectedClient client, Command command) {
    Seat seat = client.session().seat();
    if (seat.waits() && command.kind() == Kind.TRANSACTION) {
      seat.endWaits(); // else it would wait as well: it goes to a connection of its own
    }
  }

  @Override
  public boolean holds(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    Seat seat = client.session().seat();
    if (!seat.waitsForOthers() || (command.onlyReads() && !asksAgain(seat, command, frame))) {
      return false;
    }
    client.waitForReplies();
    return true;
  }

  private boolean asksAgain(Seat seat, Command command, RequestFrame frame) {
    if (command.takes(frame.argc()) && command.keys(frame, positions)) {
      for (int i = 0; i < positions.count(); i++) {
        if (ruleOf(frame, positions.index(i)) != null && cache.mayBeOwed(seat)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void queued(ConnectedClient client, Command command, RequestFrame frame) {
    if (client.mode().inTransaction()) {
      Seat seat = client.session().seat();
      Role role = roles.of(command);
      switch (role) {
        case NONE, EXEC, DISCARD -> {}
        case EVERY_KEY -> seat.queuedEveryKey();
        case GET, MGET, HGET, HMGET, HGETALL, VALUE, KEYS, DELETION ->
            queueKeys(seat, command, frame);
        case SCRIPT -> {
          seat.queuedScript();
          queueKeys(seat, command, frame);
        }
      }
    }
  }

  private void queueKeys(Seat seat, Command command, RequestFrame frame) {
    if (command.takes(frame.argc()) && command.keys(frame, positions)) {
      for (int i = 0; i < positions.count(); i++) {
        CacheRule rule = ruleOf(frame, positions.index(i));
        if (rule != null) {
          cache.addTo(seat, rule);
        }
      }
    }
  }

  // ---------------------------------------------------------------- a request

  @Override
  public boolean answers(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    watch = null;
    Role role = roles.of(command);
    if (role == Role.NONE) {
      return false;
    }
    endWaits(client, role, command, frame);
    slotsBefore = client.replies().added();
    return switch (role) {
      case NONE -> false;
      case GET -> get(client, command, frame);
      case MGET ->
          many.answers(values, client, command, frame) || watchMany(client, command, frame);
      case VALUE -> values.value(client, command, frame) || watchValue(client, command, frame);
      case HGET, HMGET, HGETALL ->
          hashes.answers(client, role, command, frame) || watchHash(client, role, command, frame);
      case KEYS -> watchKeys(client, command, frame);
      case DELETION -> deletes(client, command, frame);
      case SCRIPT -> {
        KeyWatch script = cache.watch();
        addKeys(script, command, frame);
        script.isScript();
        begin(script, client, command, true);
        yield false;
      }
      case EVERY_KEY -> {
        KeyWatch all = cache.watch();
        all.addEveryKey();
        begin(all, client, command, true);
        yield false;
      }
      case EXEC -> {
        watchQueued(client, command);
        client.session().seat().forgetQueued();
        yield false;
      }
      case DISCARD -> {
        client.session().seat().forgetQueued();
        yield false;
      }
    };
  }

  /** Another command about a key ends the client's wait for it. */
  final void endWaits(ConnectedClient client, Role role, Command command, RequestFrame frame) {
    Seat seat = client.session().seat();
    if (!seat.waits()) {
      return;
    }
    if (role == Role.SCRIPT || role == Role.EVERY_KEY || role == Role.EXEC) {
      seat.endWaits();
    } else if (command.keys(frame, positions)) {
      for (int i = 0; i < positions.count(); i++) {
        if (ruleOf(frame, positions.index(i)) != null) {
          cache.endWaits(seat);
        }
      }
    }
  }

  /** What was queued is about to be executed, and then to be forgotten. */
  void watchQueued(ConnectedClient client, Command command) {
    slotsBefore = client.replies().added();
    KeyWatch exec = cache.watch();
    exec.addQueued(client.session().seat());
    begin(exec, client, command, true);
  }

  private void begin(KeyWatch of, ConnectedClient client, Command command, boolean everyKey) {
    of.begin(client.session().seat(), everyKey, !command.onlyReads());
    watch = of;
  }

  /** Always false: the request has to be sent. */
  private boolean watchKeys(ConnectedClient client, Command command, RequestFrame frame) {
    KeyWatch keys = cache.watch();
    addKeys(keys, command, frame);
    if (keys.isEmpty()) {
      keys.giveBack();
    } else {
      begin(keys, client, command, false);
    }
    return false;
  }

  /** Always false: the request has to be sent. */
  private boolean watchValue(ConnectedClient client, Command command, RequestFrame frame) {
    watchKeys(client, command, frame);
    if (watch instanceof KeyWatch keys) {
      values.valueOnError(keys, client, command, frame);
    }
    return false;
  }

  /** Always false: the request has to be sent. */
  private boolean deletes(ConnectedClient client, Command command, RequestFrame frame) {
    if (client.session().database() != 0 || !client.lane().isShared()) {
      return watchKeys(client, command, frame);
    }
    KeyWatch keys = cache.watch();
    addKeys(keys, command, frame);
    if (keys.isEmpty()) {
      keys.giveBack();
    } else {
      keys.deletes(client.session().seat(), client.lane());
      watch = keys;
    }
    return false;
  }

  /** Always false: the request has to be sent. */
  private boolean watchHash(
      ConnectedClient client, Role read, Command command, RequestFrame frame) {
    HashWatch hash = hashes.watch(client, read, command, frame);
    if (hash == null) {
      return watchKeys(client, command, frame);
    }
    hash.begin();
    watch = hash;
    return false;
  }

  /** Always false: the request has to be sent. */
  private boolean watchMany(ConnectedClient client, Command command, RequestFrame frame) {
    ManyFill many = values.fill(client, command, frame);
    if (many == null) {
      return watchKeys(client, command, frame);
    }
    many.begin();
    watch = many;
    return false;
  }

  private void addKeys(KeyWatch to, Command command, RequestFrame frame) {
    if (command.hasOneKey()) {
      add(to, frame, command.firstKey());
    } else if (command.keys(frame, positions)) {
      for (int i = 0; i < positions.count(); i++) {
        add(to, frame, positions.index(i));
      }
    }
  }

  private void add(KeyWatch to, RequestFrame frame, int argument) {
    CacheRule rule = ruleOf(frame, argument);
    if (rule != null) {
      cache.addTo(to, rule);
    }
  }

  @Override
  public void uploads(ConnectedClient client, Command command, RequestFrame frame, ReplySlot slot) {
    KeyWatch keys = cache.watch();
    if (command.hasOneKey() && command.firstKey() < frame.argc()) {
      add(keys, frame, command.firstKey());
    }
    if (keys.isEmpty()) {
      keys.giveBack();
    } else {
      keys.begin(client.session().seat(), false, !command.onlyReads());
      slot.watchedBy(keys);
    }
  }

  @Override
  public final boolean givesElements() {
    return watch instanceof ManyFill many && many.givesStaleElements();
  }

  /** What is to hear of the reply to the request that is being sent; null: nothing. */
  final @Nullable ReplyWatch takeWatch() {
    ReplyWatch of = watch;
    watch = null;
    return of;
  }

  @Override
  public void sent(ConnectedClient client) {
    ReplyWatch of = takeWatch();
    if (of == null) {
      return;
    }
    ReplySlot slot = client.replies().addedSince(slotsBefore);
    if (slot == null) {
      of.onNotSent();
      return;
    }
    slot.watchedBy(of);
    if (of instanceof KeyWatch keys) {
      keys.goesTo(slot.node());
    } else if (of instanceof Fill fill) {
      fill.isSent(slot);
    } else if (of instanceof HashWatch hash) {
      hash.isSent(slot);
    }
  }

  // ---------------------------------------------------------------- GET

  private boolean get(ConnectedClient client, Command command, RequestFrame frame) {
    int key = command.firstKey();
    assert Objects.equals(ruleOfKey, cache.anyRuleOf(frame, key));
    CacheRule found = owner.has(frame, key) ? cache.looksAt(ruleOfKey, frame, key) : null;
    return found != null && get(client, command, frame, found);
  }

  private boolean get(ConnectedClient client, Command command, RequestFrame frame, CacheRule rule) {
    Seat seat = client.session().seat();
    if (!MemoryReplies.mayBeServed(client, seat)) {
      watchKeys(client, command, frame);
      return false;
    }
    boolean resp3 = client.session().resp3();
    if (cache.mayBeOwed(seat)) {
      watch = cache.begin(rule, seat, false, resp3);
      return false;
    }
    byte[] known = cache.value(rule);
    known = known == null ? cache.stale(rule, seat) : known;
    Leases.Lease lease = known == null ? cache.leaseOfOther(rule, seat) : null;
    if (lease != null) {
      waitForLoader(client, command, frame, rule, lease);
      return true;
    }
    known = known == null ? cache.nothing(rule, resp3) : known;
    if (known != null) {
      values.give(client, command, known);
      return true;
    }
    boolean copies = CopyReads.mayAnswer(client, command);
    Fill underWay = frame.length() > JOINED_MAX ? null : cache.underWay(rule, copies);
    if (underWay != null) {
      join(client, command, frame, seat, underWay);
    } else {
      ask(client, command, frame, rule);
    }
    return true;
  }

  private void waitForLoader(
      ConnectedClient client,
      Command command,
      RequestFrame frame,
      CacheRule rule,
      Leases.Lease lease) {
    Session session = client.session();
    ReplySlot slot = client.addSlot();
    forward.keepForRetry(client, slot, command, frame);
    if (frame.length() > JOINED_MAX
        || !cache.waits(rule, lease, session.seat(), slot, session.resp3())) {
      slot.give(cache.nil(session.resp3()));
    }
  }

  /** Gives a reply in its client's turn that no server is asked for. */
  final void give(ConnectedClient client, Command command, byte[] reply) {
    values.give(client, command, reply);
  }

  private void join(
      ConnectedClient client, Command command, RequestFrame frame, Seat seat, Fill underWay) {
    ReplySlot slot = client.addSlot();
    forward.keepForRetry(client, slot, command, frame);
    slot.watchedBy(underWay.join(seat, slot, client.session().resp3()));
  }

  private void ask(ConnectedClient client, Command command, RequestFrame frame, CacheRule rule) {
    Backend primary = pool.router().find(frame, command).target();
    byte[] onError = primary != null && primary.node().circuitOpen() ? cache.onError(rule) : null;
    if (onError != null) {
      cache.isNotLoaded(rule, client.session().seat());
      values.give(client, command, onError);
      return;
    }
    Session session = client.session();
    Fill fill = cache.begin(rule, session.seat(), true, session.resp3());
    boolean keeps = primary != null && cache.mayKeep(fill, primary.node());
    if (keeps) {
      forward.takeAtPrimary(client, command, frame);
    } else {
      forward.take(client, command, frame);
    }
    ReplySlot slot = client.replies().addedSince(slotsBefore);
    if (slot == null || primary == null) {
      fill.onNoReply(null);
      return;
    }
    slot.watchedBy(fill);
    cache.isSent(fill, slot, primary, client.lane());
  }
}
