package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.cache.TimedPart;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.MemcachedLimits;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.loop.Outbound;
import io.cashew.proxy.memcached.ExpectedReply;
import io.cashew.proxy.memcached.MemcachedDecoder;
import io.cashew.proxy.memcached.Verb;
import io.cashew.proxy.memcached.Words;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.ReplyWatch;
import io.cashew.proxy.route.gather.MemcachedNodes;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes the requests of a pool's clients on one worker that speak memcached: answers them here, or
 * sends them to the nodes of their keys. Confined to the worker.
 *
 * <p>A node answers every request: what a client wants no reply to is sent without that word, and
 * behind what is quiet goes {@code mn}. So each reply belongs to a request whose shape is known.
 */
public final class MemcachedProtocol implements ClientProtocol {
  private static final byte[] OUT_OF_MEMORY =
      Words.serverError("out of memory: the proxy is short of it (memory-limit)");

  private final PoolPart pool;
  private final MemcachedNodes nodes;

  /** Null: the pool has no rates. */
  private @Nullable RateCheck rates;

  /** Null: no rule makes times to live longer. */
  private @Nullable MemcachedLives lives;

  /** What the pool keeps itself; null: nothing. */
  private @Nullable TimedPart kept;

  /** The way past what is kept; null: nothing is. */
  private @Nullable MemcachedCache cache;

  /** The rules of the pools to which routes lead. */
  private List<TargetRules> targets = List.of();

  private final Map<Verb, Command> rows = new EnumMap<>(Verb.class);

  /** Of the pool on one worker. */
  public MemcachedProtocol(PoolPart pool) {
    this.pool = pool;
    nodes = new MemcachedNodes(pool.worker(), pool.router(), pool.recorder());
    CommandTable table = CommandTable.memcached();
    for (Verb verb : Verb.values()) {
      Command row = table.find(verb.text());
      if (row == null) {
        throw new IllegalStateException("there is no row for " + verb);
      }
      rows.put(verb, row);
    }
    settingsChanged();
  }

  @Override
  public Intake intake(Intake.Owner owner, ConnectedClient client, Gate gate, Channel channel) {
    return new MemcachedIntake(owner, client, gate, channel, this);
  }

  @Override
  public void settingsChanged() {
    rates = RateCheck.isNeeded(pool, targets) ? new RateCheck(pool, targets) : null;
    lives = LongerLives.isNeeded(pool, targets) ? new MemcachedLives(pool, targets) : null;
  }

  @Override
  public void keeps(@Nullable NearCache newCache) {
    TimedPart before = kept;
    if (before != null && before.isOf(newCache)) {
      return;
    }
    TimedPart next =
        newCache == null ? null : new TimedPart(newCache, pool.worker(), pool.recorder().rules);
    kept = next;
    cache = next == null ? null : new MemcachedCache(pool, next);
    routesChanged();
  }

  @Override
  public void leadsTo(List<ClientProtocol> pools) {
    assert pool.worker().inThread();
    List<MemcachedProtocol> all = pools.stream().map(MemcachedProtocol.class::cast).toList();
    @Nullable TimedPart[] parts = all.stream().map(each -> each.kept).toArray(TimedPart[]::new);
    boolean keeps = Arrays.stream(parts).anyMatch(Objects::nonNull);
    cache = keeps ? new MemcachedCache(pool, parts) : null;
    List<TargetRules> next = all.stream().map(MemcachedProtocol::asTarget).toList();
    if (!next.equals(targets)) { // else what is counted goes on
      targets = next;
      settingsChanged();
    }
  }

  private TargetRules asTarget() {
    return new TargetRules(pool, pool.settings().rules(), null, null);
  }

  @Override
  public void routesChanged() {
    if (kept != null) {
      kept.follow(pool.router().table().version());
    }
  }

  @Override
  public void left(Client client) {
    if (rates != null) {
      rates.left(client);
    }
  }

  @Override
  public void onTick(long tickMillis) {
    if (kept != null) {
      kept.onTick(tickMillis);
    }
  }

  @Override
  public void topologyChanged() {}

  /** Whether requests are counted, which those that are sent on as they come are not. */
  boolean hasRates() {
    return rates != null;
  }

  Command row(Verb verb) {
    return Objects.requireNonNull(rows.get(verb));
  }

  MemcachedLimits limits() {
    return limitsOf(pool.settings());
  }

  private static MemcachedLimits limitsOf(ClientSettings settings) {
    MemcachedLimits limits = settings.memcached();
    if (limits == null) {
      throw new IllegalStateException("the pool does not speak memcached");
    }
    return limits;
  }

  // ---------------------------------------------------------------- requests

  /**
   * Takes a request, unless it must wait.
   *
   * @return whether it has been taken; if not, the client's gate has a {@link Hold}
   */
  boolean take(ConnectedClient client, RequestFrame frame, MemcachedDecoder request) {
    assert pool.worker().inThread();
    picksNodes();
    Verb verb = request.verb();
    Command command = row(verb);
    Kind kind = command.kind();
    client.asks(command);
    byte[] refusal = rates == null ? null : rateRefusal(rates, client, command, frame);
    boolean merges = kind == Kind.SPLIT || kind == Kind.KEYSPACE;
    if (refusal == null && merges && client.isFullOfMergedReplies()) {
      client.hold(Hold.MERGED_REPLIES);
      if (rates != null) {
        rates.waits(client, true);
      }
      return false;
    }
    if (refusal != null) {
      refuse(client, request.noReply(), RefusalKind.RATE_LIMITED, refusal);
    } else if (kind != Kind.LOCAL && pool.worker().shortOfMemory()) {
      refuse(client, request.noReply(), RefusalKind.SHORT_OF_MEMORY, OUT_OF_MEMORY);
    } else {
      pool.insight().begins(frame, command);
      client.begins(command, kind);
      begin(client, frame, request, kind);
      client.hasBegun(kind);
    }
    pool.recorder().requests++;
    client.requestTaken();
    return true;
  }

  /** A request begins: by routes, another node may be picked for it of a pool where any will do. */
  void picksNodes() {
    if (!targets.isEmpty()) {
      pool.router().speaksFor(PoolRoutes.EVERYBODY);
    }
  }

  /** Counts a request once, however often it comes again. */
  private static byte @Nullable [] rateRefusal(
      RateCheck of, ConnectedClient client, Command command, RequestFrame frame) {
    if (of.isCounted(client)) {
      of.waits(client, false);
      return null;
    }
    String refusal = of.refusal(client, command);
    if (refusal == null) {
      refusal = of.refusalOfKeys(client, command, frame);
    }
    return refusal == null ? null : Words.serverError(refusal);
  }

  private void begin(
      ConnectedClient client, RequestFrame frame, MemcachedDecoder request, Kind kind) {
    RequestFrame longer =
        lives == null ? null : lives.written(frame, request, pool.worker().allocator());
    if (longer == null) {
      carryOut(client, frame, request, kind);
      return;
    }
    try {
      carryOut(client, longer, request, kind);
    } finally {
      longer.buf().release();
    }
  }

  /** Another time to live for a large request that is sent on as it comes; null: it has its own. */
  MemcachedLives.@Nullable Longer longerLife(RequestFrame frame, MemcachedDecoder request) {
    return lives == null ? null : lives.of(frame, request);
  }

  /** A request for one key is about to be sent, whose reply a slot gets. */
  void watches(ReplySlot slot, RequestFrame frame, MemcachedDecoder request) {
    watches(slot, cache == null ? null : cache.watch(frame, request));
  }

  private static void watches(ReplySlot slot, @Nullable ReplyWatch watch) {
    if (watch != null) {
      slot.watchedBy(watch);
    }
  }

  private void carryOut(
      ConnectedClient client, RequestFrame frame, MemcachedDecoder request, Kind kind) {
    switch (kind) {
      case FORWARD -> forward(client, frame, request);
      case SPLIT -> get(client, frame, request.verb());
      case KEYSPACE -> toAll(client, frame, request);
      case LOCAL -> answer(client, request.verb());
      case ADMIN -> administer(client, frame, request);
      case REFUSED -> refuseVerb(client, request, " cannot be used through a proxy");
      case ONE_NODE, TRANSACTION, BLOCKING, PUBSUB ->
          throw new IllegalStateException("no command of memcached is " + kind);
    }
  }

  private void forward(ConnectedClient client, RequestFrame frame, MemcachedDecoder request) {
    Backend to = backendOf(frame, request);
    if (to == null) {
      client.isAnsweredHere();
      refuse(client, false, RefusalKind.BAD_ARGUMENT, Words.BAD_BASE64);
      return;
    }
    ReplySlot slot = client.addSlot();
    watches(slot, frame, request);
    ExpectedReply expected = slot.expected().begin(request.verb().reply());
    if (request.verb().isMeta()) {
      expected.addMeta(frame, 1, request.verb().hasData() ? 3 : 2, request.base64());
    }
    Lane lane = client.lane();
    if (request.noReply()) {
      slot.mute();
      sendWithoutLastWord(to, frame, slot, lane);
    } else if (request.quiet()) {
      expected.mayBeSilent();
      to.sendQuiet(frame.buf(), frame.start(), frame.length(), slot, lane);
    } else {
      pool.router().send(to, frame, slot, lane);
    }
    client.feeds(to.overloaded(lane) ? to : null);
  }

  /** The node of a request's one key; null: the key is no base64. */
  @Nullable Backend backendOf(RequestFrame frame, MemcachedDecoder request) {
    int word = request.verb().firstKey();
    if (!request.base64()) {
      return pool.router().backends().get(pool.router().nodeFor(frame, word));
    }
    byte[] key = MemcachedDecoder.decodedKey(frame);
    return key == null ? null : pool.router().backends().get(pool.router().nodeFor(key));
  }

  /** Sends what ends with {@code noreply} without it. */
  private static void sendWithoutLastWord(
      Backend to, RequestFrame frame, ReplySlot slot, Lane lane) {
    int last = frame.argc() - 1;
    int from = frame.offset(last);
    int behind = from + frame.length(last);
    Outbound out = to.begin(slot, lane, frame.length() - frame.length(last));
    if (out != null) {
      out.write(frame.buf(), frame.start(), from - frame.start());
      out.write(frame.buf(), behind, frame.end() - behind);
    }
  }

  private void get(ConnectedClient client, RequestFrame frame, Verb verb) {
    int first = verb.firstKey();
    if (frame.argc() == first) { // "gat 0"
      client.isAnsweredHere();
      client.reply(Words.END);
      return;
    }
    byte[] kept = cache == null ? null : cache.answer(frame, verb);
    if (kept != null) {
      client.isAnsweredHere();
      client.reply(kept);
      return;
    }
    boolean missing = limits().missingOnFailure();
    ReplySlot slot = frame.argc() - first == 1 ? client.addSlot() : client.addSlotForMerged();
    if (pool.settings().retriesReads() && row(verb).onlyReads()) {
      slot.mayBeSentOnceMore(frame);
    }
    watches(slot, cache == null ? null : cache.watchOfGet(frame, verb, !missing));
    nodes.maxGathered(pool.settings().unsentBytesHard());
    client.routed(slot, nodes.get(frame, first, missing, slot, client.lane()));
  }

  private void toAll(ConnectedClient client, RequestFrame frame, MemcachedDecoder request) {
    Verb verb = request.verb();
    if (verb == Verb.STATS && frame.argc() > 1 && changes(frame) && !mayAdminister()) {
      refuseVerb(client, request, " for every node needs admin-commands = all-nodes");
      return;
    }
    ReplySlot slot = client.addSlotForMerged();
    if (request.noReply()) {
      slot.mute();
    }
    if (verb == Verb.FLUSH_ALL && cache != null) {
      watches(slot, cache.watchOfFlush(frame));
    }
    nodes.maxGathered(pool.settings().unsentBytesHard());
    client.routed(slot, nodes.toAll(frame, verb, request.noReply(), slot, client.lane()));
  }

  /** {@code stats reset} and {@code stats detail on} change what other clients see. */
  private static boolean changes(RequestFrame frame) {
    return frame.argEquals(1, "RESET") || frame.argEquals(1, "DETAIL");
  }

  private boolean mayAdminister() {
    return pool.settings().adminCommands();
  }

  private void administer(ConnectedClient client, RequestFrame frame, MemcachedDecoder request) {
    if (mayAdminister()) {
      toAll(client, frame, request);
    } else {
      refuseVerb(client, request, " for every node needs admin-commands = all-nodes");
    }
  }

  private static void answer(ConnectedClient client, Verb verb) {
    client.isAnsweredHere();
    if (verb == Verb.QUIT) {
      client.closeAfterReplies();
    } else {
      client.reply(Words.NOOP);
    }
  }

  // ---------------------------------------------------------------- what is refused

  private void refuseVerb(ConnectedClient client, MemcachedDecoder request, String why) {
    client.isAnsweredHere();
    refuse(
        client,
        request.noReply(),
        RefusalKind.REFUSED_COMMAND,
        Words.serverError(request.verb().text() + why));
  }

  private void refuse(ConnectedClient client, boolean silent, RefusalKind kind, byte[] answer) {
    pool.recorder().refused(kind);
    pool.insight()
        .rejected(
            client.session(),
            client.session().lastRow(),
            client.arrivedNanos(),
            new String(answer, StandardCharsets.US_ASCII).strip());
    if (!silent) {
      client.reply(answer);
    }
  }

  /** Answers what is no request. */
  void malformed(ConnectedClient client, byte[] answer) {
    client.asks(null);
    pool.recorder().requests++;
    boolean unknown = answer == Words.ERROR;
    refuse(
        client,
        answer.length == 0,
        unknown ? RefusalKind.UNKNOWN_COMMAND : RefusalKind.BAD_ARGUMENT,
        answer);
    client.requestTaken();
  }

  /**
   * A value is too large, and its data is not taken. What {@code set} was to replace must not be
   * read any more.
   */
  void tooLarge(ConnectedClient client, RequestFrame frame, MemcachedDecoder request) {
    picksNodes();
    Verb verb = request.verb();
    Command command = row(verb);
    client.asks(command);
    pool.recorder().requests++;
    Backend to = verb == Verb.SET || verb == Verb.MS ? backendOf(frame, request) : null;
    if (to == null) {
      refuse(client, request.noReply(), RefusalKind.TOO_LARGE, Words.TOO_LARGE);
    } else {
      pool.recorder().refused(RefusalKind.TOO_LARGE);
      client.begins(command, Kind.FORWARD);
      ReplySlot slot = client.addSlot();
      if (request.noReply()) {
        slot.mute();
      }
      watches(slot, frame, request);
      new Removal(slot).send(to, frame, request.base64(), client.lane());
      client.hasBegun(Kind.FORWARD);
    }
    client.requestTaken();
  }
}
