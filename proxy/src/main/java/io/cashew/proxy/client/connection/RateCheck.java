package io.cashew.proxy.client.connection;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.cache.limit.KeyBuckets;
import io.cashew.proxy.cache.limit.RateBucket;
import io.cashew.proxy.cache.limit.SharedRates;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.RequestLimits;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.resp.RequestFrame;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final CacheRules rules;
  private final boolean hasRates;
  private final @Nullable RateBucket ofPool;
  private final @Nullable OfRule[] ofRules;
  private final Map<Client, OfClient> clients = new HashMap<>();
  private final KeyPositions keys = new KeyPositions();
  private final KeyBuckets.Probe probe = new KeyBuckets.Probe();

  /** What the request that is looked at has taken, a token each. */
  private final List<RateBucket> taken = new ArrayList<>();

  /** A rule that has rates. */
  private static final class OfRule {
    private final CacheRule rule;
    private final @Nullable RateBucket all;
    private final @Nullable KeyBuckets keys;
    private final RuleRecorder recorder;

    OfRule(CacheRule rule, SharedRates rates, RuleRecorder recorder, long nowNanos) {
      this.rule = rule;
      this.recorder = recorder;
      all = rule.rate() > 0 ? rates.ofRule(rule, nowNanos) : null;
      keys = rule.ratePerKey() > 0 ? rates.ofKeys(rule) : null;
    }

    /** The error of a request that is above a rate. */
    String error(int rate, String of) {
      return "RATELIMITED Too many requests for "
          + of
          + " '"
          + rule.match()
          + "': more than "
          + rate
          + " in a second, try again later";
    }
  }

  /** What is counted for one client. */
  private static final class OfClient {
    /** Its request was counted, and waits. */
    private boolean counted;

    private final @Nullable RateBucket ofAddress;
    private final @Nullable RateBucket[] ofRules;
    private @Nullable User user;
    private @Nullable RateBucket ofUser;

    OfClient(@Nullable RateBucket ofAddress, int rules) {
      this.ofAddress = ofAddress;
      ofRules = new @Nullable RateBucket[rules];
    }
  }

  RateCheck(PoolPart pool) {
    this.pool = pool;
    limits = pool.settings().requestLimits();
    rules = pool.settings().rules();
    hasRates = rules.any(CacheRule::isRated);
    SharedRates rates = pool.directory().rates();
    long now = pool.worker().nowNanos();
    ofPool = limits.ofPool() > 0 ? rates.ofPool(limits.ofPool(), now) : null;
    ofRules = new @Nullable OfRule[rules.rules().size()];
    for (CacheRule rule : rules.rules()) {
      if (rule.isRated()) {
        RuleRecorder recorder = pool.recorder().rules.of(CacheRules.label(rule));
        ofRules[rule.index()] = new OfRule(rule, rates, recorder, now);
      }
    }
  }

  /** Whether a pool has any rate. */
  static boolean isNeeded(PoolPart pool) {
    return !pool.settings().requestLimits().equals(RequestLimits.NONE)
        || pool.settings().rules().any(CacheRule::isRated)
        || pool.users().all().stream().anyMatch(user -> user.options().requestsPerSecond() > 0);
  }

  /** A client has left. */
  void left(Client client) {
    clients.remove(client);
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
    if (!takes(ofPool)) {
      return error("this pool", limits.ofPool());
    }
    if (!takes(counted.ofAddress)) {
      return error("this address", limits.perAddress());
    }
    if (!takes(ofUser(client, counted))) {
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
      known = new OfClient(ofAddress(client), hasRates ? ofRules.length : 0);
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
    if (!hasRates || !client.session().rights().options().usesCache()) {
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
    CacheRule rule = rules.of(frame.buf(), frame.offset(key), frame.length(key));
    OfRule rated = rule == null ? null : ofRules[rule.index()];
    if (rule == null || rated == null) {
      return null;
    }
    String refusal = null;
    if (!takes(rated.all)) {
      refusal = rated.error(rule.rate(), "keys of");
    } else if (rated.keys != null
        && !takes(rated.keys.of(frame.buf(), frame.offset(key), frame.length(key), probe, now()))) {
      refusal = rated.error(rule.ratePerKey(), "one key of");
    } else if (!takes(ofClient(client, rule))) {
      refusal = rated.error(rule.ratePerClient(), "keys of");
    }
    if (refusal != null) {
      rated.recorder.rateLimited++;
    }
    return refusal;
  }

  private @Nullable RateBucket ofClient(ConnectedClient client, CacheRule rule) {
    if (rule.ratePerClient() == 0) {
      return null;
    }
    OfClient counted = of(client);
    RateBucket known = counted.ofRules[rule.index()];
    if (known == null) {
      counted.ofRules[rule.index()] = known = new RateBucket(rule.ratePerClient(), now());
    }
    return known;
  }

  // ---------------------------------------------------------------- tokens

  /** Takes a token; if there is none, gives back what was taken before. */
  private boolean takes(@Nullable RateBucket bucket) {
    if (bucket == null) {
      return true;
    }
    if (bucket.take(1, now())) {
      taken.add(bucket);
      return true;
    }
    taken.forEach(each -> each.giveBack(1));
    taken.clear();
    return false;
  }

  private long now() {
    return pool.worker().nowNanos();
  }
}
