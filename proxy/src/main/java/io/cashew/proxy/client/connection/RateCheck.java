package io.cashew.proxy.client.connection;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.cache.limit.RateBucket;
import io.cashew.proxy.cache.limit.SharedRates;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.RequestLimits;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.resp.RequestFrame;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests and refuses those above a rate: of the pool, of the client's user and address,
 * and of the rules of its keys. One per pool and worker where there are such rates, confined to the
 * worker; the buckets are shared by all workers.
 *
 * <p>Every key of a request counts. A request that one rate refuses takes nothing from the others.
 */
final class RateCheck {
  private final PoolPart pool;
  private final RequestLimits limits;
  private final @Nullable RateBucket ofPool;

  /** Null: no rule has rates. */
  private final @Nullable RuleRates ofRules;

  /** Those of the pools to which routes lead, by their places; null: it has none. */
  private final @Nullable RuleRates[] ofTargets;

  private final boolean hasRatedRules;
  private final Map<Client, OfClient> clients = new HashMap<>();
  private final KeyPositions keys = new KeyPositions();
  private final Tokens taken;

  /** What is counted for one client. */
  private static final class OfClient {
    /** Its request was counted, and waits. */
    private boolean counted;

    private final @Nullable RateBucket ofAddress;
    private @Nullable User user;
    private @Nullable RateBucket ofUser;

    OfClient(@Nullable RateBucket ofAddress) {
      this.ofAddress = ofAddress;
    }
  }

  /**
   * Of the clients of a pool.
   *
   * @param targets the rules of the pools to which its routes lead
   */
  RateCheck(PoolPart pool, List<TargetRules> targets) {
    this.pool = pool;
    limits = pool.settings().requestLimits();
    taken = new Tokens(pool.worker());
    SharedRates rates = pool.directory().rates();
    ofPool = limits.ofPool() > 0 ? rates.ofPool(limits.ofPool(), now()) : null;
    ofRules = RuleRates.of(pool.settings().rules(), rates, pool.recorder().rules, pool.worker());
    ofTargets = targets.stream().map(TargetRules::rates).toArray(RuleRates[]::new);
    hasRatedRules = ofRules != null || Arrays.stream(ofTargets).anyMatch(Objects::nonNull);
  }

  /** Whether a pool has any rate. */
  static boolean isNeeded(PoolPart pool, List<TargetRules> targets) {
    return targets.stream().anyMatch(each -> each.rules().any(CacheRule::isRated))
        || !pool.settings().requestLimits().equals(RequestLimits.NONE)
        || pool.settings().rules().any(CacheRule::isRated)
        || pool.users().all().stream().anyMatch(user -> user.options().requestsPerSecond() > 0);
  }

  /** A client has left. */
  void left(Client client) {
    clients.remove(client);
    if (ofRules != null) {
      ofRules.left(client);
    }
    for (RuleRates each : ofTargets) {
      if (each != null) {
        each.left(client);
      }
    }
  }

  // ---------------------------------------------------------------- requests

  /** Whether the client's request was counted before it had to wait. */
  boolean isCounted(ConnectedClient client) {
    return of(client).counted;
  }

  /** The client's request has been counted and waits, or is over. */
  void waits(ConnectedClient client, boolean now) {
    of(client).counted = now;
  }

  /** Why a request is one too many; null: it is not. */
  @Nullable String refusal(ConnectedClient client, Command command) {
    assert pool.worker().inThread();
    boolean endsTransaction = command.has(Property.NOT_QUEUED) && client.mode().inTransaction();
    if (endsTransaction || command.has(CommandFlag.NO_AUTH)) {
      return null;
    }
    OfClient counted = of(client);
    taken.clear();
    if (!taken.take(ofPool)) {
      return error("this pool", limits.ofPool());
    }
    if (!taken.take(counted.ofAddress)) {
      return error("this address", limits.perAddress());
    }
    if (!taken.take(ofUser(client, counted))) {
      return error("the user '" + client.session().user() + "'", perSecond(client));
    }
    return null;
  }

  private static String error(String of, int rate) {
    return "RATELIMITED Too many requests of "
        + of
        + ": more than "
        + rate
        + " in a second, try again later";
  }

  private OfClient of(ConnectedClient client) {
    OfClient known = clients.get(client);
    if (known == null) {
      known = new OfClient(ofAddress(client));
      clients.put(client, known);
    }
    return known;
  }

  private @Nullable RateBucket ofAddress(ConnectedClient client) {
    return limits.perAddress() > 0 && client.address() instanceof InetSocketAddress inet
        ? pool.directory().rates().ofAddress(inet.getAddress(), limits.perAddress(), now())
        : null;
  }

  private @Nullable RateBucket ofUser(ConnectedClient client, OfClient counted) {
    User user = client.session().rights();
    if (user != counted.user) {
      counted.user = user;
      int rate = perSecond(client);
      counted.ofUser = rate > 0 ? pool.directory().rates().ofUser(user.name(), rate, now()) : null;
    }
    return counted.ofUser;
  }

  private int perSecond(ConnectedClient client) {
    int own = client.session().rights().options().requestsPerSecond();
    return own > 0 ? own : limits.perUser();
  }

  // ---------------------------------------------------------------- keys

  /** Why a request is one too many for one of its keys; null: it is not. */
  @Nullable String refusalOfKeys(ConnectedClient client, Command command, RequestFrame frame) {
    if (!hasRatedRules || !client.session().rights().options().usesCache()) {
      return null;
    }
    taken.clear();
    if (command.hasOneKey()) {
      return refusalOfKey(client, frame, command.firstKey());
    }
    if (command.keySpecs().isEmpty() || !command.keys(frame, keys)) {
      return null;
    }
    String refusal = null;
    for (int i = 0; i < keys.count() && refusal == null; i++) {
      refusal = refusalOfKey(client, frame, keys.index(i));
    }
    return refusal;
  }

  private @Nullable String refusalOfKey(ConnectedClient client, RequestFrame frame, int key) {
    String refusal = ofRules == null ? null : ofRules.refusal(taken, client, frame, key);
    if (refusal != null || ofTargets.length == 0) {
      return refusal;
    }
    RuleRates target = ofTargets[pool.router().poolOf(frame, key)];
    return target == null ? null : target.refusal(taken, client, frame, key);
  }

  private long now() {
    return pool.worker().nowNanos();
  }
}
