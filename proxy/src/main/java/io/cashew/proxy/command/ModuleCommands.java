package io.cashew.proxy.command;

import static io.cashew.proxy.command.BlocksOn.blocksOn;
import static io.cashew.proxy.command.CommandFlag.DENYOOM;
import static io.cashew.proxy.command.CommandFlag.MODULE;
import static io.cashew.proxy.command.CommandFlag.READONLY;
import static io.cashew.proxy.command.CommandFlag.WRITE;
import static io.cashew.proxy.command.KeyFlag.ACCESS;
import static io.cashew.proxy.command.KeyFlag.DELETE;
import static io.cashew.proxy.command.KeyFlag.INSERT;
import static io.cashew.proxy.command.KeyFlag.OW;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeyFlag.RW;
import static io.cashew.proxy.command.KeyFlag.UPDATE;
import static io.cashew.proxy.command.KeySpec.all;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.KeySpec.numkeys;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the modules that Redis ships from version 8 on, and Redis Stack before: RedisJSON,
 * RediSearch, RedisBloom, RedisTimeSeries. Whether a node has them is its own affair; one that does
 * not answers as to any command that it does not know.
 *
 * <p>An arity says only how many arguments it takes to find the keys: of everything else a module
 * complains in its own words. Where the keys are was taken from the modules' documentation.
 */
final class ModuleCommands {
  private static final String NO_NODE_HAS_ALL =
      " answers for all keys of a server; over several nodes the answer would miss those of the"
          + " others, so it needs a pool with one node";

  /** The name that {@code MODULE LIST} shows, by group. */
  private static final Map<String, String> MODULES =
      Map.of("json", "ReJSON", "search", "search", "bloom", "bf", "timeseries", "timeseries");

  private ModuleCommands() {}

  /** The module that has a command; null for a command that is not of these. */
  static @Nullable String moduleOf(Command command) {
    return command.has(MODULE) ? MODULES.get(command.group()) : null;
  }

  static List<Command> rows() {
    return Stream.of(json(), search(), bloom(), timeSeries()).flatMap(List::stream).toList();
  }

  private static void reads(CommandFamily family, String... names) {
    for (String name : names) {
      family.forward(name, -2, key(1, RO, ACCESS), READONLY, MODULE);
    }
  }

  private static void writes(CommandFamily family, String... names) {
    for (String name : names) {
      family.forward(name, -2, key(1, RW, ACCESS, UPDATE), WRITE, DENYOOM, MODULE);
    }
  }

  private static void oneNode(CommandFamily family, CommandFlag access, String... names) {
    for (String name : names) {
      family
          .oneNode(name, -1, none(), access, MODULE)
          .because(name.toUpperCase(Locale.ROOT) + NO_NODE_HAS_ALL);
    }
  }

  private static List<Command> json() {
    CommandFamily family = new CommandFamily("json");
    reads(family, "json.arrindex", "json.arrlen", "json.get", "json.objkeys", "json.objlen");
    reads(family, "json.resp", "json.strlen", "json.type");
    writes(family, "json.arrappend", "json.arrinsert", "json.arrpop", "json.arrtrim", "json.clear");
    writes(family, "json.del", "json.forget", "json.merge", "json.numincrby", "json.nummultby");
    writes(family, "json.numpowby", "json.set", "json.strappend", "json.toggle");
    return family
        .container("json.debug", -2)
        .and(MODULE)
        .forward("json.debug|fields", -3, key(2, RO, ACCESS), READONLY, MODULE)
        .forward("json.debug|help", 2, none(), READONLY, MODULE)
        .forward("json.debug|memory", -3, key(2, RO, ACCESS), READONLY, MODULE)
        .forward("json.mget", -3, keys(1, -2, 1, RO, ACCESS), READONLY, MODULE)
        .forward("json.mset", -4, keys(1, -1, 3, OW, UPDATE), WRITE, DENYOOM, MODULE)
        .rows();
  }

  private static List<Command> search() {
    CommandFamily family = new CommandFamily("search");
    oneNode(family, READONLY, "ft.aggregate", "ft.cursor", "ft.dictdump", "ft.explain");
    oneNode(family, READONLY, "ft.aliaslist");
    oneNode(family, READONLY, "ft.explaincli", "ft.get", "ft.hybrid", "ft.info", "ft.mget");
    oneNode(family, READONLY, "ft.profile", "ft.search", "ft.spellcheck", "ft.syndump");
    oneNode(family, READONLY, "ft.tagvals", "ft._list");
    oneNode(family, WRITE, "ft.add", "ft.aliasadd", "ft.aliasdel", "ft.aliasupdate", "ft.alter");
    oneNode(family, WRITE, "ft.config", "ft.create", "ft.del", "ft.dictadd", "ft.dictdel");
    oneNode(family, WRITE, "ft.drop", "ft.dropindex", "ft.synupdate", "ft._aliasaddifnx");
    oneNode(family, WRITE, "ft._aliasdelifx", "ft._alterifnx", "ft._createifnx");
    oneNode(family, WRITE, "ft._dropifx", "ft._dropindexifx");
    // Dictionaries of suggestions are keys like any other.
    reads(family, "ft.sugget", "ft.suglen");
    writes(family, "ft.sugadd", "ft.sugdel");
    return family.rows();
  }

  private static List<Command> bloom() {
    CommandFamily family = new CommandFamily("bloom");
    reads(family, "bf.card", "bf.debug", "bf.exists", "bf.info", "bf.mexists", "bf.scandump");
    writes(family, "bf.add", "bf.insert", "bf.load", "bf.loadchunk", "bf.madd", "bf.reserve");
    reads(family, "cf.count", "cf.debug", "cf.exists", "cf.info", "cf.mexists", "cf.scandump");
    writes(family, "cf.add", "cf.addnx", "cf.compact", "cf.del", "cf.insert", "cf.insertnx");
    writes(family, "cf.loadchunk", "cf.reserve");
    reads(family, "cms.info", "cms.query");
    writes(family, "cms.incrby", "cms.initbydim", "cms.initbyprob");
    reads(family, "topk.count", "topk.info", "topk.list", "topk.query");
    writes(family, "topk.add", "topk.incrby", "topk.reserve");
    reads(family, "tdigest.byrank", "tdigest.byrevrank", "tdigest.cdf", "tdigest.info");
    reads(family, "tdigest.max", "tdigest.min", "tdigest.quantile", "tdigest.rank");
    reads(family, "tdigest.revrank", "tdigest.trimmed_mean");
    writes(family, "tdigest.add", "tdigest.create", "tdigest.reset");
    List<KeySpec> merge =
        all(key(1, RW, ACCESS, UPDATE), numkeys(2, 1, CountErrors.MODULE, RO, ACCESS));
    return family
        .forward("cms.merge", -4, merge, WRITE, DENYOOM, MODULE)
        .forward("tdigest.merge", -4, merge, WRITE, DENYOOM, MODULE)
        .rows();
  }

  private static List<Command> timeSeries() {
    CommandFamily family = new CommandFamily("timeseries");
    reads(family, "ts.get", "ts.info", "ts.range", "ts.revrange");
    writes(family, "ts.add", "ts.alter", "ts.create", "ts.decrby", "ts.del", "ts.incrby");
    oneNode(family, READONLY, "ts.mget", "ts.mrange", "ts.mrevrange", "ts.queryindex");
    oneNode(family, READONLY, "ts.querylabels");
    List<KeySpec> listed = numkeys(1, 1, CountErrors.MODULE, RO, ACCESS);
    return family
        .forward("ts.createrule", -3, keys(1, 2, 1, RW, INSERT), WRITE, DENYOOM, MODULE)
        .forward("ts.deleterule", -3, keys(1, 2, 1, RW, DELETE), WRITE, MODULE)
        .forward("ts.madd", -4, keys(1, -1, 3, RW, UPDATE), WRITE, DENYOOM, MODULE)
        .forward("ts.nrange", -3, listed, READONLY, MODULE)
        .forward("ts.nrevrange", -3, listed, READONLY, MODULE)
        .blocking("ts.read", -3, key(1, RO, ACCESS), blocksOn("BLOCK", 3), READONLY, MODULE)
        .because("Pinned only if BLOCK is given, otherwise sent to the node of its keys")
        .rows();
  }
}
