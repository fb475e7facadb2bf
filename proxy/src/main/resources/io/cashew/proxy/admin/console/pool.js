import { Chart } from "./chart.js";
import { byId, drawing, setAttribute, setText } from "./dom.js";
import { bytes, bytesPerSecond, clock, count, duration, micros, number, percent } from "./format.js";
import { ring } from "./ring.js";
import { shards } from "./shards.js";
import { Table } from "./table.js";

const COMMANDS_SHOWN = 10;
const KEYS_SHOWN = 10;
const SLOW_SHOWN = 20;
const ERRORS_SHOWN = 20;

/** The one child of a cell, made when it is first shown. */
function only(cell, make) {
  if (cell.firstChild === null) {
    cell.append(make());
  }
  return cell.firstChild;
}

function bar(cell, share) {
  const picture = only(cell, () =>
    drawing(
      "svg",
      { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      drawing("rect", { class: "ground", width: 100, height: 8 }),
      drawing("rect", { class: "fill", height: 8 }),
    ),
  );
  setAttribute(picture.lastChild, "width", (100 * Math.min(1, share)).toFixed(1));
}

/** What somebody has sent, or a node: shown in the letters of a machine. */
function code(column) {
  return { ...column, class: "code" };
}

/** All that is shown of the pool that is chosen. */
export class PoolDetails {
  #history;
  #charts;
  #hot;
  #big;
  #commands;
  #errors;
  #slow;
  #rules;
  #ringText = "";
  #shardsText = "";

  #nodes;

  constructor(history, hear, nodes) {
    this.#history = history;
    this.#nodes = nodes;
    const chart = (title, show, ...series) => new Chart(title, series, show, hear, show === bytesPerSecond ? 1024 : 1000);
    const series = (name, field, colour) => ({ name, field, colour });
    this.#charts = [
      chart("Requests a second", number, series("all", "requests", 0)),
      chart("Latency", micros, series("p50", "p50", 0), series("p99", "p99", 1)),
      chart("Errors a second", number, series("by Cashew", "errors", 2), series("by nodes", "nodeErrors", 3)),
      chart("Bytes a second", bytesPerSecond, series("requests", "bytesIn", 0), series("replies", "bytesOut", 4)),
    ];
    byId("charts").append(...this.#charts.map((each) => each.node));
    this.#hot = this.#table(
      "hot",
      "Hot keys",
      [
        code({ title: "Key", show: (key) => key.key }),
        { title: "Requests/s", number: true, show: (key) => number(key.perSecond) },
        { title: "Of all", number: true, show: (key) => percent(key.share) },
        { title: "", class: "bars", show: (key, cell) => bar(cell, key.share) },
        { title: "Node", show: (key) => key.node },
        { title: "Kept for", number: true, show: (key) => (key.keptMillis === null ? "–" : duration(Math.ceil(key.keptMillis / 1000))) },
      ],
      "No key is asked for often enough to be told from the others.",
    );
    this.#big = this.#table(
      "big",
      "Big requests and replies",
      [
        code({ title: "Key", show: (key) => key.key }),
        { title: "Size", number: true, show: (key) => bytes(key.bytes) },
        { title: "What", show: (key) => `${key.what} of ${key.command}` },
        { title: "Node", show: (key) => key.node },
      ],
      "Nothing larger than big-keys.larger-than.",
    );
    this.#commands = this.#table(
      "commands",
      "Commands",
      [
        code({ title: "Command", show: (command) => command.name }),
        { title: "Calls/s", number: true, show: (command) => number(command.now?.calls ?? null) },
        { title: "Calls", number: true, show: (command) => number(command.calls) },
        { title: "Failed", number: true, show: (command) => number(command.failed + command.rejected) },
        { title: "p50", number: true, show: (command) => micros(command.now?.p50 ?? null) },
        { title: "p99", number: true, show: (command) => micros(command.now?.p99 ?? null) },
      ],
      "No command has come yet.",
    );
    this.#errors = this.#table(
      "errors",
      "Errors since the start",
      [
        { title: "Kind", show: (error) => error.kind },
        { title: "Of", show: (error) => error.of },
        { title: "Since the start", number: true, show: (error) => number(error.count) },
      ],
      "None since the start.",
    );
    this.#rules = this.#table(
      "cache",
      "Rules of the cache",
      [
        code({ title: "Keys", show: (rule) => rule.match }),
        { title: "What it does", show: (rule) => rule.does || "nothing, whatever follows" },
        { title: "From memory", number: true, show: (rule) => (rule.hitRatio === null ? "–" : percent(rule.hitRatio)) },
        { title: "", class: "bars", show: (rule, cell) => bar(cell, rule.hitRatio ?? 0) },
        { title: "Kept", number: true, show: (rule) => number(rule.entries) },
        { title: "Size", number: true, show: (rule) => bytes(rule.bytes) },
        { title: "Since the start", show: (rule) => effectOf(rule) },
      ],
      "This pool has no rules.",
    );
    this.#slow = this.#table("slow", "Slow log", this.#slowColumns(), "No request has been slower than slowlog.slower-than.");
  }

  #table(id, label, columns, empty) {
    const table = new Table(label, columns, empty);
    byId(id).append(table.node);
    return table;
  }

  #slowColumns() {
    return [
      { title: "When", show: (slow) => clock(new Date(slow.endedMillis)) },
      code({ title: "Command", show: (slow) => slow.command }),
      {
        title: "Key, or what else was asked",
        class: "code whole",
        // Where no key is known the arguments say more than nothing.
        show: (slow) => (slow.key === '""' ? slow.arguments.slice(1).join(" ") : slow.key),
      },
      { title: "Took", number: true, show: (slow) => micros(slow.micros) },
      {
        title: "Where",
        class: "bars",
        show: (slow, cell) => {
          only(cell, () => split(slow));
        },
      },
      { title: "Node", show: (slow) => slow.node },
      code({ title: "Client", show: (slow) => (slow.clientName === "" ? slow.client : `${slow.client} ${slow.clientName}`) }),
      { title: "User", show: (slow) => slow.user },
    ];
  }

  /** What `/api/state` says of the pool. */
  update(state, pool, events) {
    setText(byId("pool-title"), pool.name);
    const route = (each) => `${each.keys}${each.user ? ` of ${each.user}` : ""} to ${each.pool}`;
    const places = pool.routes.length > 0 ? pool.routes.map(route).join(", ") : `${pool.hash} · ${pool.distribution}`;
    setText(
      byId("pool-facts"),
      `${pool.listen} · ${places} · ${count(pool.clients, "client")} · ` +
        `${number(pool.inFlight)} in flight`,
    );
    const samples = this.#history.of(pool.name);
    const span = this.#history.span();
    const happened = events.marks(pool.name);
    this.#charts.forEach((chart) => chart.update(samples, span, happened));
    this.#nodes.update(state, pool, events);
    const rates = samples.at(-1)?.commands ?? {};
    this.#commands.update(
      pool.commands
        .filter((command) => command.calls + command.rejected > 0)
        .map((command) => ({ ...command, now: rates[command.name] }))
        .sort((a, b) => b.calls - a.calls)
        .slice(0, COMMANDS_SHOWN),
      (command) => command.name,
    );
    this.#errors.update(errorsOf(pool), (error) => `${error.of} ${error.kind}`, ERRORS_SHOWN);
  }

  /** What `/api/hotkeys` says of it. */
  keys(keys) {
    this.#nodes.keys(keys);
    this.#hot.update(keys.hot, (key) => key.key, KEYS_SHOWN);
    this.#big.update(keys.big, (key) => `${key.what} ${key.key}`, KEYS_SHOWN);
  }

  /** What `/api/cache` says of it. */
  cache(cache) {
    byId("cache-card").hidden = cache.rules.length === 0;
    const facts = cache.memoryBytes === null ? [] : [`${bytes(cache.bytes)} of ${bytes(cache.memoryBytes)} kept`];
    if (cache.unheard.length > 0) {
      facts.push(`nothing is given of ${cache.unheard.join(", ")}, which is not heard`);
    }
    setText(byId("cache-facts"), facts.join(" · "));
    this.#rules.update(cache.rules, (rule) => rule.match);
  }

  /** What `/api/slowlog` says of it. */
  slow(log) {
    this.#nodes.slow(log);
    this.#slow.update(log.entries, (entry) => String(entry.id), SLOW_SHOWN);
  }

  /** What `/api/topology` says of it. */
  shards(pool) {
    this.#nodes.topology(pool);
    const text = JSON.stringify([pool.name, pool.nodes, pool.sentinels]);
    if (text !== this.#shardsText) {
      this.#shardsText = text;
      byId("shards").replaceChildren(...shards(pool));
    }
  }

  /** What `/api/ring` says of it. */
  ring(pool) {
    const text = JSON.stringify(pool);
    if (text !== this.#ringText) {
      this.#ringText = text;
      byId("ring").replaceChildren(...ring(pool));
    }
  }
}

/** Where the time of a slow request went, as a bar of its whole. */
function split(slow) {
  const parts = [
    ["queue", slow.queueMicros],
    ["node", slow.nodeMicros],
    ["write", slow.writeBackMicros],
  ];
  const all = Math.max(1, slow.micros);
  const said = `${micros(slow.queueMicros)} in the queue, ${micros(slow.nodeMicros)} at the node, ${micros(slow.writeBackMicros)} in the write-back`;
  const picture = drawing(
    "svg",
    { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": said },
    drawing("title", {}, said),
  );
  let x = 0;
  for (const [name, value] of parts) {
    const width = (100 * value) / all;
    picture.append(drawing("rect", { class: name, x, width, height: 8 }));
    x += width;
  }
  return picture;
}

/** What a rule has done, as far as it has done anything. */
function effectOf(rule) {
  const counted = [
    [rule.hits, "given"],
    [rule.missingHits, "known to be missing"],
    [rule.guarded, "guarded"],
    [rule.leaseWaits, "waited"],
    [rule.leaseTimeouts, "waited in vain"],
    [rule.staleOnError, "given while a node was down"],
    [rule.rateLimited, "refused"],
    [rule.redeleted, "deleted again"],
    [rule.invalidations, "ended by nodes"],
    [rule.evictions, "forgotten to make room"],
  ];
  const said = counted.filter(([times]) => times > 0).map(([times, what]) => `${number(times)} ${what}`);
  return said.length === 0 ? "nothing yet" : said.join(", ");
}

function errorsOf(pool) {
  const rows = [];
  const add = (of, kinds) => Object.entries(kinds).forEach(([kind, count]) => rows.push({ of, kind, count }));
  add("Cashew", pool.errors);
  add("clients", pool.clientErrors);
  for (const node of pool.nodes) {
    add(`node ${node.name}`, node.failures);
    add(`node ${node.name}`, node.errorReplies > 0 ? { "error replies": node.errorReplies } : {});
  }
  return rows.map((row) => ({ ...row, kind: row.kind.replaceAll("_", " ") })).sort((a, b) => b.count - a.count);
}
