package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.cache.rule.Guard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a {@link CacheRule}, and the list of rules of a pool. Used by the thread that reads
 * the file.
 */
final class CacheRuleRows {
  private static final String FORM = "a list of rules: [ { match = \"user:*\", near = 30s }, … ]";
  private static final Duration LONG_WAIT = Duration.ofMinutes(1);
  private static final Duration LONG_DELAY = Duration.ofHours(1);
  private static final int MOST_REDELETES = 8;

  static final Table<CacheRule> TABLE =
      Table.titled("A rule, in `cache.rules`", CacheRuleRows::rule);

  static final Setting<CacheRule, String> MATCH =
      TABLE.required(
          "match",
          CacheKinds.keyPattern(),
          "*",
          WITH_THE_WHOLE,
          CacheRule::match,
          "Which keys: a glob, as that of `KEYS`. The first rule that matches a key decides all that"
              + " is done for it; one with nothing but this does nothing.");
  static final Setting<CacheRule, Long> NEAR =
      TABLE.row(
          "near",
          CacheKinds.durationOrOff(Kinds.LONGEST),
          "off",
          WITH_THE_WHOLE,
          CacheRule::nearMillis,
          "How long values are kept in the proxy at most: those of `GET` and `MGET`, and hashes that"
              + " `HGET`, `HMGET` and `HGETALL` ask for. Any write ends them. Implies `collapse`.");
  static final Setting<CacheRule, Long> MISSING =
      TABLE.row(
          "missing",
          CacheKinds.durationOrOff(Kinds.LONGEST),
          "off",
          WITH_THE_WHOLE,
          CacheRule::missingMillis,
          "How long it is kept that there is no such key, in a part of the memory that values do not"
              + " share.");
  static final Setting<CacheRule, Boolean> COLLAPSE =
      TABLE.row(
          "collapse",
          Kinds.flag(),
          "false",
          WITH_THE_WHOLE,
          CacheRule::collapse,
          "Whether equal reads that are under way to one node become one request of each worker.");
  static final Setting<CacheRule, Long> LEASE =
      TABLE.row(
          "lease",
          CacheKinds.durationOrOff(LONG_WAIT),
          "off",
          WITH_THE_WHOLE,
          CacheRule::leaseMillis,
          "The first client that is told nil is to load the value; others that ask for the key wait"
              + " until it is written, each so long at most.");
  static final Setting<CacheRule, Long> STALE =
      TABLE.row(
          "stale",
          CacheKinds.durationOrOff(Kinds.LONGEST),
          "off",
          WITH_THE_WHOLE,
          CacheRule::staleMillis,
          "How long a value that has expired or was deleted is given to all but the first who asks,"
              + " who is told nil and loads it. Any other write of the key ends it.");
  static final Setting<CacheRule, Long> STALE_ON_ERROR =
      TABLE.row(
          "stale-on-error",
          CacheKinds.durationOrOff(Kinds.LONGEST),
          "off",
          WITH_THE_WHOLE,
          CacheRule::staleOnErrorMillis,
          "How long a value that was kept is given while its node cannot answer, counted from when"
              + " that has answered last.");
  static final Setting<CacheRule, Guard> GUARD =
      TABLE.row(
          "guard",
          Kinds.choice(Guard.class),
          "off",
          WITH_THE_WHOLE,
          CacheRule::guard,
          "`existing`: a filter of the keys that exist answers at once for keys that surely do not."
              + " The pattern must begin with a literal.");
  static final Setting<CacheRule, Integer> TTL_JITTER =
      TABLE.row(
          "ttl-jitter",
          CacheKinds.percentOrOff(),
          "off",
          WITH_THE_WHOLE,
          CacheRule::ttlJitterPercent,
          "Times to live that clients set get longer, each by a share of its own of up to so much, so"
              + " that keys that are written together do not expire together. Not in transactions or"
              + " scripts.");
  static final Setting<CacheRule, Integer> RATE =
      TABLE.row(
          "rate",
          CacheKinds.rateOrOff(),
          "off",
          WITH_THE_WHOLE,
          CacheRule::rate,
          "Most requests for all keys of the pattern together, those of a second at once at most;"
              + " those above it get an error, `-RATELIMITED …`. Every key of a request counts.");
  static final Setting<CacheRule, Integer> RATE_PER_KEY =
      TABLE.row(
          "rate-per-key",
          CacheKinds.rateOrOff(),
          "off",
          WITH_THE_WHOLE,
          CacheRule::ratePerKey,
          "The same for each key.");
  static final Setting<CacheRule, Integer> RATE_PER_CLIENT =
      TABLE.row(
          "rate-per-client",
          CacheKinds.rateOrOff(),
          "off",
          WITH_THE_WHOLE,
          CacheRule::ratePerClient,
          "The same for each client connection.");
  static final Setting<CacheRule, List<Long>> REDELETE =
      TABLE.add(
          Setting.of(
              "redelete",
              Kinds.list(
                  "a list of durations: [500ms, 2s]",
                  "is empty: leave the key out, or name a duration",
                  Kinds.duration(Kinds.MILLISECOND, LONG_DELAY)),
              "[]",
              List.of(),
              WITH_THE_WHOLE,
              CacheRule::redeleteMillis,
              "A `DEL` or `UNLINK` that went through is repeated after each of these. Not in"
                  + " transactions or scripts; what is pending is lost with the process."));

  /** The rules of a pool, which are read beside its distribution. */
  static final Kind<List<CacheRule>> KIND =
      Kind.<List<CacheRule>>structure(FORM, CacheRuleRows::read)
          .shownAs(rules -> rules.size() + " of them")
          .writtenAs(
              (rules, hides) ->
                  Kinds.lines(rules.stream().map(each -> TABLE.object(each, hides)).toList()))
          .withElements(TABLE);

  static {
    TABLE.rule(CacheRuleRows::refuseGuardOfAnything);
    TABLE.rule(CacheRuleRows::refuseManyRedeletes);
  }

  private CacheRuleRows() {}

  private static CacheRule rule(Values<CacheRule> from) {
    return new CacheRule(
        0,
        from.get(MATCH),
        from.get(NEAR),
        from.get(MISSING),
        from.get(COLLAPSE),
        from.get(LEASE),
        from.get(STALE),
        from.get(STALE_ON_ERROR),
        from.get(GUARD),
        from.get(TTL_JITTER),
        from.get(RATE),
        from.get(RATE_PER_KEY),
        from.get(RATE_PER_CLIENT),
        from.get(REDELETE));
  }

  private static List<CacheRule> read(ConfigValue value, Place place) throws BadValue {
    List<CacheRule> rules = new ArrayList<>();
    for (ConfigValue each :
        Kinds.listOf(value, FORM, "is empty: leave the key out, or write a rule")) {
      int index = rules.size();
      if (!(each instanceof ConfigObject object)) {
        place.report(
            each, place.key(index), "must be an object { … }, not " + Kinds.typeName(each));
        continue;
      }
      Section section = place.element(index, object, TABLE);
      CacheRule rule = TABLE.read(section);
      if (section.has(MATCH)) {
        refuseUnreachable(rule, rules, section);
      }
      refuseKeepingOfCopies(rule, section, place);
      rules.add(rule);
    }
    return CacheRules.numbered(rules);
  }

  private static void refuseUnreachable(CacheRule rule, List<CacheRule> before, Section section) {
    for (int i = 0; i < before.size(); i++) {
      CacheRule earlier = before.get(i);
      if (earlier.decidesBefore(rule)) {
        section.report(
            MATCH,
            "'"
                + rule.match()
                + "' never decides: rules["
                + i
                + "], '"
                + earlier.match()
                + "', comes first and matches all its keys; move this one before it, or remove one"
                + " of them");
        return;
      }
    }
  }

  /** Where a key is at several servers, what one says or gets is not true of the others. */
  private static void refuseKeepingOfCopies(CacheRule rule, Section section, Place place) {
    if (!place.section().get(PlacementSettings.DISTRIBUTION).name().equals("random")) {
      return;
    }
    for (Setting<CacheRule, ?> each : List.of(NEAR, MISSING, LEASE, STALE, STALE_ON_ERROR, GUARD)) {
      if (each.isWritten(rule)) {
        section.report(
            each,
            "cannot be kept for '"
                + rule.match()
                + "' with distribution = random: a key is at several servers, and a write at one is"
                + " not heard of at the others; remove it, or choose another distribution");
      }
    }
  }

  private static void refuseGuardOfAnything(CacheRule rule, Section section) {
    if (rule.guard() == Guard.EXISTING && rule.literalPrefix().length == 0) {
      section.report(
          GUARD,
          "cannot be kept for '"
              + rule.match()
              + "', which begins with no literal: the filter would have every key of the servers;"
              + " let match begin with what the keys begin with, as \"page:*\"");
    }
  }

  private static void refuseManyRedeletes(CacheRule rule, Section section) {
    if (rule.redeleteMillis().size() > MOST_REDELETES) {
      section.report(
          REDELETE,
          "repeats a deletion "
              + rule.redeleteMillis().size()
              + " times: "
              + MOST_REDELETES
              + " are the most; remove some");
    }
  }
}
