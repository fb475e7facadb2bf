import { mayAct, perform } from "./actions.js";
import { Chart, sparkline } from "./chart.js";
import { byId, element, setAttribute, setBadge, setText } from "./dom.js";
import { lasted } from "./events.js";
import { ago, bytes, clock, count, duration, micros, number, percent } from "./format.js";
import { colourOf } from "./ring.js";
import { servers, slots } from "./shards.js";
import { Table } from "./table.js";

/** More rows than anybody reads: the rest is a press away. */
const NODES_SHOWN = 50;
const ROWS_SHOWN = 20;

/** Words for the states of a node, as `/api/state` names them. */
export const STATES = {
  up: { kind: "good", text: "up" },
  down: { kind: "bad", text: "down" },
  ejected: { kind: "bad", text: "ejected" },
  maintenance: { kind: "warn", text: "maintenance" },
};

export function stateOf(node) {
  return STATES[node.state] ?? { kind: "warn", text: node.state };
}

/** The one child of a cell, made when it is first shown. */
function only(cell, make) {
  if (cell.firstChild === null) {
    cell.append(make());
  }
  return cell.firstChild;
}

/** The nodes of a pool, those in trouble first, and the one that is chosen of them. */
export class Nodes {
  #history;
  #choose;
  #pool = null;
  #state = null;
  #all = false;
  #table;
  #chosen = null;
  #panel;

  constructor(history, hear, choose) {
    this.#history = history;
    this.#choose = choose;
    this.#panel = new NodePanel(history, hear, () => this.choose(null));
    this.#table = new Table("Nodes", this.#columns(), "No node fits.");
    byId("nodes").append(this.#table.node);
    byId("nodes-filter").addEventListener("input", () => this.#show());
    byId("nodes-trouble").addEventListener("change", () => this.#show());
    byId("nodes-all").addEventListener("click", () => {
      this.#all = !this.#all;
      this.#show();
    });
  }

  #latest(node) {
    return this.#history.latest(this.#pool.name, node.name);
  }

  #columns() {
    const latest = (node) => this.#latest(node);
    return [
      {
        title: "Node",
        by: (node) => node.name,
        show: (node, cell) => {
          const named = only(cell, () => {
            const button = element("button", { type: "button", class: "link" });
            button.addEventListener("click", () => this.choose(button.textContent));
            return element("span", { class: "named" }, element("i"), button);
          });
          const [swatch, name] = named.children;
          setAttribute(swatch, "class", `swatch ${colourOf(node.place)}`);
          setText(name, node.name);
          setAttribute(name, "aria-pressed", node.name === this.#chosen);
        },
      },
      {
        title: "State",
        by: (node) => node.state,
        show: (node, cell) => setBadge(only(cell, () => element("span")), stateOf(node).kind, stateOf(node).text),
      },
      { title: "Address", class: "code", by: (node) => node.address, show: (node) => node.address },
      {
        title: "Requests/s",
        number: true,
        by: (node) => latest(node)?.requests,
        show: (node) => number(latest(node)?.requests ?? null),
      },
      {
        title: "",
        class: "sparks",
        show: (node, cell) =>
          sparkline(cell, this.#history.of(this.#pool.name, node.name), "requests", this.#history.span(), colourOf(node.place)),
      },
      { title: "p50", number: true, by: (node) => latest(node)?.p50, show: (node) => micros(latest(node)?.p50 ?? null) },
      { title: "p99", number: true, by: (node) => latest(node)?.p99, show: (node) => micros(latest(node)?.p99 ?? null) },
      {
        title: "Failures/s",
        number: true,
        by: (node) => latest(node)?.failures,
        show: (node) => number(latest(node)?.failures ?? null),
      },
      { title: "In flight", number: true, by: (node) => node.inFlight, show: (node) => number(node.inFlight) },
      { title: "Connections", number: true, by: (node) => node.connections, show: (node) => number(node.connections) },
      {
        title: "Last error",
        class: "said",
        show: (node) =>
          node.lastError === null
            ? "none"
            : `${node.lastError.text} (${ago(node.lastError.atMillis, this.#state.timeMillis)})`,
      },
    ];
  }

  /** 0: it is out, 1: requests fail there, 2: it is well. */
  #trouble(node) {
    return node.state !== "up" ? 0 : (this.#latest(node)?.failures ?? 0) > 0 ? 1 : 2;
  }

  /** What `/api/state` says of the pool. */
  update(state, pool, events) {
    this.#state = state;
    this.#pool = pool;
    if (this.#chosen !== null && !pool.nodes.some((node) => node.name === this.#chosen)) {
      this.#chosen = null;
    }
    this.#show();
    const chosen = pool.nodes.find((node) => node.name === this.#chosen) ?? null;
    this.#panel.update(state, pool, chosen, events);
  }

  #show() {
    const pool = this.#pool;
    if (pool === null) {
      return;
    }
    const wanted = byId("nodes-filter").value.trim().toLowerCase();
    const fits = (node) =>
      (wanted === "" || [node.name, node.address, node.state].some((text) => text.toLowerCase().includes(wanted))) &&
      (!byId("nodes-trouble").checked || this.#trouble(node) < 2);
    const nodes = pool.nodes
      .map((node, place) => ({ ...node, place }))
      .filter(fits)
      .sort((one, other) => this.#trouble(one) - this.#trouble(other) || one.place - other.place);
    const more = nodes.length > NODES_SHOWN;
    this.#table.update(nodes, (node) => node.name, this.#all ? nodes.length : NODES_SHOWN);
    byId("nodes-all").hidden = !more;
    setText(byId("nodes-all"), this.#all ? `Show ${NODES_SHOWN}` : `Show all ${number(nodes.length)}`);
    const out = pool.nodes.filter((node) => node.state !== "up").length;
    setText(
      byId("nodes-facts"),
      `${number(nodes.length)} of ${count(pool.nodes.length, "node")}${out > 0 ? ` · ${number(out)} not up` : ""}`,
    );
  }

  /** Shows a node by its name; null: none. */
  choose(name) {
    this.#chosen = name === this.#chosen ? null : name;
    this.#choose();
    if (this.#chosen === null) {
      byId("nodes-filter").focus();
    } else {
      byId("node-title").focus();
    }
  }

  chosen() {
    return this.#chosen;
  }

  /** As an address of the page says. */
  begin(name) {
    this.#chosen = name;
  }

  topology(pool) {
    this.#panel.topology(pool);
  }

  keys(keys) {
    this.#panel.keys(keys);
  }

  slow(log) {
    this.#panel.slow(log);
  }
}

/** All that is known of one node. */
class NodePanel {
  #history;
  #charts;
  #topology = null;
  #hot = [];
  #slowest = [];
  #errors;
  #keys;
  #slow;
  #events;
  #about = null;

  constructor(history, hear, close) {
    this.#history = history;
    const chart = (title, show, ...series) => new Chart(title, series, show, hear, 1000);
    const series = (name, field, colour) => ({ name, field, colour });
    this.#charts = [
      chart("Requests a second at the node", number, series("all", "requests", 0)),
      chart("Latency of the node", micros, series("p50", "p50", 0), series("p99", "p99", 1)),
      chart("Failures a second", number, series("no reply", "failures", 2), series("errors", "errors", 3)),
    ];
    byId("node-charts").append(...this.#charts.map((each) => each.node));
    const table = (id, label, columns, empty) => {
      const made = new Table(label, columns, empty);
      byId(id).append(made.node);
      return made;
    };
    this.#errors = table(
      "node-errors",
      "Errors of the node",
      [
        { title: "Kind", show: (error) => error.kind },
        { title: "Since the start", number: true, show: (error) => number(error.count) },
      ],
      "None since the start.",
    );
    this.#keys = table(
      "node-keys",
      "Hot keys of the node",
      [
        { title: "Key", class: "code", show: (key) => key.key },
        { title: "Requests/s", number: true, show: (key) => number(key.perSecond) },
      ],
      "None of the hottest keys is here.",
    );
    this.#slow = table(
      "node-slow",
      "Slow requests of the node",
      [
        { title: "When", show: (slow) => clock(new Date(slow.endedMillis)) },
        { title: "Command", class: "code", show: (slow) => `${slow.command} ${slow.key}` },
        { title: "Took", number: true, show: (slow) => micros(slow.micros) },
        { title: "At the node", number: true, show: (slow) => micros(slow.nodeMicros) },
        { title: "Client", class: "code", show: (slow) => slow.client },
      ],
      "None in the slow log.",
    );
    this.#events = table(
      "node-events",
      "What has happened to the node",
      [
        { title: "When", show: (event) => clock(new Date(event.at)) },
        { title: "Kind", show: (event) => event.kind },
        { title: "Lasted", number: true, show: (event) => (event.millis === null ? "" : lasted(event.millis)) },
        { title: "What", class: "said whole", show: (event) => event.text },
      ],
      "Nothing yet.",
    );
    byId("node-close").addEventListener("click", close);
    byId("node").addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        close();
      }
    });
    for (const action of ["drain", "offline", "ready"]) {
      byId(`node-${action}`).addEventListener("click", () =>
        perform("api/node", { pool: this.#about.pool, node: this.#about.node, action }),
      );
    }
  }

  topology(pool) {
    this.#topology = pool;
  }

  keys(keys) {
    this.#hot = keys.hot;
  }

  slow(log) {
    this.#slowest = log.entries;
  }

  update(state, pool, node, events) {
    byId("node").hidden = node === null;
    if (node === null) {
      return;
    }
    this.#about = { pool: pool.name, node: node.name };
    setText(byId("node-title"), node.name);
    const { kind, text } = stateOf(node);
    setBadge(byId("node-state"), kind, text);
    setText(byId("node-facts"), this.#said(state, node));
    byId("node-actions").hidden = !mayAct();
    byId("node-drain").hidden = byId("node-offline").hidden = node.maintenance !== null;
    byId("node-ready").hidden = node.maintenance === null;
    this.#facts(node);
    const samples = this.#history.of(pool.name, node.name);
    const happened = events.marks(pool.name).filter((event) => event.node === null || event.node === node.name);
    this.#charts.forEach((chart) => chart.update(samples, this.#history.span(), happened));
    const errors = Object.entries(node.failures).map(([name, times]) => ({ kind: name.replaceAll("_", " "), count: times }));
    if (node.errorReplies > 0) {
      errors.push({ kind: "error replies of the node", count: node.errorReplies });
    }
    this.#errors.update(errors, (error) => error.kind);
    this.#keys.update(this.#hot.filter((key) => key.node === node.name), (key) => key.key, ROWS_SHOWN);
    this.#slow.update(this.#slowest.filter((slow) => slow.node === node.name), (slow) => String(slow.id), ROWS_SHOWN);
    this.#events.update(events.ofNode(pool.name, node.name), (event) => String(event.id), ROWS_SHOWN);
  }

  #said(state, node) {
    const out = node.maintenance;
    const parts = [node.address];
    if (out !== null) {
      parts.push(`${out.how} by ${out.by}, ${ago(out.sinceMillis, state.timeMillis)}`);
    }
    if (node.keysElsewhere) {
      parts.push("its keys are at other nodes");
    }
    if (node.lastError !== null) {
      parts.push(`last error: ${node.lastError.text} (${ago(node.lastError.atMillis, state.timeMillis)})`);
    }
    return parts.join(" · ");
  }

  #facts(node) {
    const shard = this.#topology?.nodes.find((each) => each.name === node.name) ?? null;
    const facts = [
      ["Share of the keys", percent(node.share)],
      ["Weight", number(node.weight)],
      ["Connections", number(node.connections)],
      ["In flight", number(node.inFlight)],
      ["Waiting to be sent", bytes(node.queuedBytes)],
      ["Circuit opened", count(node.circuitOpenings, "time")],
      ["Ejected", count(node.ejections, "time")],
      ...(shard === null || shard.slots === null ? [] : [["Slots", slots(shard)]]),
      ...(shard === null || shard.sinceSeconds === 0
        ? []
        : [["Primary for", `${duration(Math.max(0, Math.round(Date.now() / 1000 - shard.sinceSeconds)))}, ${count(shard.failovers, "failover")}`]]),
    ];
    byId("node-list").replaceChildren(
      ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
    );
    byId("node-servers").replaceChildren(...(shard === null ? [] : servers(shard)));
  }
}
