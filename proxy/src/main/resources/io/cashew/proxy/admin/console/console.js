// The console: asks the proxy again and again and shows what it says. What changes something is in actions.js.

import { mayAct, perform } from "./actions.js";
import { TokenNeeded, ask, token } from "./ask.js";
import { Clients } from "./clients.js";
import { ConfigDetails } from "./config.js";
import { byId, element, setAttribute, setBadge, setText } from "./dom.js";
import { Events } from "./events.js";
import { bytes, clock, count, duration, micros, number } from "./format.js";
import { History } from "./history.js";
import { Nodes, STATES } from "./nodes.js";
import { PoolDetails } from "./pool.js";
import { Table } from "./table.js";

const KEYS_ASKED = 60;
const SLOW_ASKED = 128;
/** A dot a node, of a few; of many, those that are in trouble. */
const DOTS_SHOWN = 24;
const EVENTS_ASKED = 500;
/** What changes seldom is asked for each so many rounds. */
const SELDOM = 3;
/** Longest pause between two attempts while the proxy does not answer. */
const LONGEST_PAUSE_SECONDS = 15;

const history = new History();
const hear = (text) => setText(byId("spoken"), text);
const nodes = new Nodes(history, hear, () => goTo());
const details = new PoolDetails(history, hear, nodes);
const clients = new Clients(() => chosen);
const config = new ConfigDetails();
const events = new Events();

let state = null;
const place = new URLSearchParams(location.hash.slice(1));
let chosen = place.get("pool") ?? "";
nodes.begin(place.get("node"));
let paused = false;
let asking = false;
let rounds = 0;
let failures = 0;
let lastSeen = null;
let timer = 0;
let downBefore = new Set();

// ---------------------------------------------------------------- what is shown of all

const tiles = new Map();

function tile(name, value, kind = "", of = "") {
  if (!tiles.has(name)) {
    const [text, whole] = [element("b"), element("span", { class: "quiet" })];
    const box = element("div", {}, element("dt", {}, name), element("dd", {}, text, " ", whole));
    tiles.set(name, { text, whole, box });
    byId("tiles").append(box);
  }
  setText(tiles.get(name).text, value);
  setText(tiles.get(name).whole, of);
  setAttribute(tiles.get(name).box, "class", `card tile ${kind}`);
}

const pools = new Table(
  "Pools",
  [
    { title: "Pool", show: (pool, cell) => showChoice(pool, cell) },
    { title: "Listens on", class: "code", show: (pool) => pool.listen },
    { title: "Nodes", show: (pool, cell) => showDots(pool, cell) },
    { title: "Clients", number: true, show: (pool) => number(pool.clients) },
    { title: "Requests/s", number: true, show: (pool) => number(history.latest(pool.name)?.requests ?? null) },
    { title: "p50", number: true, show: (pool) => micros(history.latest(pool.name)?.p50 ?? null) },
    { title: "p99", number: true, show: (pool) => micros(history.latest(pool.name)?.p99 ?? null) },
    { title: "Errors/s", number: true, show: (pool) => number(history.latest(pool.name)?.errors ?? null) },
  ],
  "This proxy has no pools.",
);
byId("pools").append(pools.node);

function showChoice(pool, cell) {
  if (cell.firstChild === null) {
    const button = element("button", { type: "button", class: "choice" }, pool.name);
    button.addEventListener("click", () => choose(pool.name));
    cell.append(button);
  }
  setAttribute(cell.firstChild, "aria-pressed", pool.name === chosen);
}

function showDots(pool, cell) {
  if (cell.firstChild === null) {
    cell.append(element("span", { class: "dots", "aria-hidden": "true" }), element("span"));
  }
  const [dots, text] = cell.children;
  const many = pool.nodes.length > DOTS_SHOWN;
  const shown = (many ? pool.nodes.filter((node) => node.state !== "up") : pool.nodes).slice(0, DOTS_SHOWN);
  while (dots.children.length > shown.length) {
    dots.lastChild.remove();
  }
  shown.forEach((node, i) => {
    const dot = dots.children[i] ?? dots.appendChild(element("i"));
    setAttribute(dot, "class", `dot ${STATES[node.state]?.kind ?? "warn"}`);
  });
  const up = pool.nodes.filter((node) => node.state === "up").length;
  setText(text, `${up} of ${pool.nodes.length} up`);
}

function downNodes() {
  return state.pools.flatMap((pool) =>
    pool.nodes.filter((node) => node.state !== "up").map((node) => `Node ${node.name} of pool ${pool.name} is ${node.state}`),
  );
}

function showAll() {
  const all = history.latest();
  const nodes = state.pools.reduce((sum, pool) => sum + pool.nodes.length, 0);
  const down = downNodes();
  const clients = state.pools.reduce((sum, pool) => sum + pool.clients, 0);
  tile("Requests/s", number(all?.requests ?? null));
  tile("p99", micros(all?.p99 ?? null));
  tile("Errors/s", number(all?.errors ?? null), (all?.errors ?? 0) > 0 ? "warn" : "");
  tile("Nodes up", number(nodes - down.length), down.length > 0 ? "bad" : "", `of ${nodes}`);
  tile("Clients", number(clients));
  const full = state.memoryBytes / state.memoryLimitBytes;
  tile("Buffers", bytes(state.memoryBytes), full > 0.7 ? "warn" : "", `of ${bytes(state.memoryLimitBytes)}`);
  setBadge(byId("ready"), state.ready ? "good" : "warn", state.ready ? "ready" : "draining");
  setText(
    byId("facts"),
    `${location.host} · version ${state.version} · up ${duration(state.uptimeSeconds)} · ` +
      `${count(state.workers, "worker")} on ${state.transport}`,
  );
  pools.update(state.pools, (pool) => pool.name);
  document.title = `${down.length > 0 ? `(${down.length} down) ` : ""}Cashew ${location.host}`;
  const fresh = down.filter((text) => !downBefore.has(text));
  const back = [...downBefore].filter((text) => !down.includes(text));
  if (fresh.length + back.length > 0) {
    hear([...fresh, ...back.map((text) => `No longer: ${text}`)].join(". "));
  }
  downBefore = new Set(down);
}

function chosenPool() {
  return state.pools.find((pool) => pool.name === chosen) ?? state.pools[0] ?? null;
}

/** Has the address of the page say what is chosen. */
function goTo() {
  const node = nodes.chosen();
  const where = new URLSearchParams({ pool: chosen, ...(node === null ? {} : { node }) });
  window.history.replaceState(null, "", `#${where}`);
  show();
}

function choose(name) {
  chosen = name;
  nodes.begin(null);
  byId("clients").hidden = byId("where").hidden = true;
  setText(byId("clients-facts"), "");
  goTo();
  round(true);
}

function show() {
  const pool = chosenPool();
  chosen = pool?.name ?? "";
  showAll();
  byId("pool").hidden = pool === null;
  if (pool !== null) {
    details.update(state, pool, events);
  }
  events.show();
  byId("actions").hidden = !mayAct();
  byId("main").hidden = false;
}

// ---------------------------------------------------------------- rounds

function everyMillis() {
  const seconds = Number(byId("every").value);
  return 1000 * (failures === 0 ? seconds : Math.min(LONGEST_PAUSE_SECONDS, seconds * 2 ** Math.min(failures, 6)));
}

function schedule() {
  clearTimeout(timer);
  if (!paused && !document.hidden && byId("ask").hidden) {
    timer = setTimeout(round, everyMillis());
  }
}

async function round(seldomToo = false) {
  if (asking) {
    return;
  }
  asking = true;
  clearTimeout(timer);
  try {
    if (state === null) {
      history.begin(await ask("api/history"), performance.now());
    }
    events.add(await ask("api/events", { after: events.last, count: EVENTS_ASKED }));
    state = await ask("api/state");
    events.isAt(state.timeMillis, performance.now());
    history.add(state, performance.now());
    show();
    await Promise.all([...ofPool(seldomToo), ...ofConfig(seldomToo)]);
    rounds++;
    answered();
  } catch (failure) {
    if (failure instanceof TokenNeeded) {
      askForToken(failure.message);
    } else {
      unanswered(failure);
    }
  } finally {
    asking = false;
    schedule();
  }
}

function isSeldom(now) {
  return now === true || rounds % SELDOM === 0;
}

/** Asks for what is not in the state; what comes is shown if the same pool is still chosen. */
function ofPool(now) {
  const pool = chosen;
  if (pool === "") {
    return [];
  }
  const part = async (path, take, parameters = {}) => {
    const found = (await ask(path, { pool, ...parameters })).pools[0];
    if (found !== undefined && pool === chosen) {
      take(found);
    }
  };
  return [
    part("api/hotkeys", (keys) => details.keys(keys), { count: KEYS_ASKED }),
    part("api/cache", (cache) => details.cache(cache)),
    part("api/topology", (topology) => details.shards(topology)),
    part("api/slowlog", (log) => details.slow(log), { count: SLOW_ASKED }),
    ...(isSeldom(now) ? [part("api/ring", (shares) => details.ring(shares))] : []),
  ];
}

function ofConfig(now) {
  return isSeldom(now) ? [ask("api/config").then((said) => config.update(said))] : [];
}

function answered() {
  failures = 0;
  lastSeen = new Date();
  byId("alarm").hidden = true;
  setText(byId("alarm-text"), "");
  document.body.classList.remove("stale");
  setText(byId("seen"), paused ? "paused" : `as of ${clock(lastSeen)}`);
  byId("forget").hidden = token.get() === null;
}

function unanswered(failure) {
  failures++;
  document.body.classList.add("stale");
  const since = lastSeen === null ? "" : ` What is shown is of ${clock(lastSeen)}.`;
  // Written once while nothing changes, so that it is read aloud once.
  setText(byId("alarm-text"), `The proxy does not answer: ${failure.message}.${since} It is asked again and again.`);
  byId("alarm").hidden = false;
  setText(byId("seen"), "not reachable");
  document.title = `(unreachable) Cashew ${location.host}`;
}

// ---------------------------------------------------------------- the token

function askForToken(refused) {
  const form = byId("ask");
  setText(byId("ask-error"), refused);
  byId("alarm").hidden = true;
  byId("main").hidden = true;
  byId("forget").hidden = true;
  form.hidden = false;
  byId("token").focus();
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(byId("token").value);
  byId("token").value = "";
  byId("ask").hidden = true;
  byId("main").focus();
  round(true);
});

byId("forget").addEventListener("click", () => {
  token.forget();
  location.reload();
});

// ---------------------------------------------------------------- actions

const ofChosen = (text) => text.replace("{}", `pool '${chosen}'`);
byId("act-reload").addEventListener("click", () => perform("reload"));
byId("act-level").addEventListener("change", () => {
  const level = byId("act-level").value;
  byId("act-level").value = "";
  perform("api/log", { level });
});
for (const [id, on] of [["act-log-on", "true"], ["act-log-off", "false"]]) {
  byId(id).addEventListener("click", () => perform("api/access-log", { pool: chosen, on }));
}
byId("act-invalidate").addEventListener("click", () =>
  perform("api/invalidate", {}, {
    question: ofChosen("Empty the near cache of {}? Each key is read from its node once more."),
    body: JSON.stringify({ pool: chosen, pattern: "*" }),
  }),
);
byId("act-drain").addEventListener("click", () =>
  perform("drain", {}, { question: "Drain this proxy? Its clients leave, and the process ends." }),
);

// ---------------------------------------------------------------- controls

byId("pause").addEventListener("click", () => {
  paused = !paused;
  setText(byId("pause"), paused ? "Resume" : "Pause");
  setText(byId("seen"), paused ? "paused" : "");
  if (paused) {
    clearTimeout(timer);
  } else {
    round(true);
  }
});

byId("every").addEventListener("change", schedule);
byId("again").addEventListener("click", () => round(true));

// A page that nobody looks at costs the proxy nothing.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    clearTimeout(timer);
  } else if (!paused) {
    round(true);
  }
});

round(true);
