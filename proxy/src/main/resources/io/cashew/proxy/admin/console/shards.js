import { element } from "./dom.js";
import { clock, count, number } from "./format.js";
import { colourOf } from "./ring.js";

/** Of a node whose slots are in many pieces no more are told. */
const RANGES_SHOWN = 8;
/** Of many nodes those in trouble come first, and the rest is in the table of nodes. */
const SHARDS_SHOWN = 24;

function server(kind, role, address, said = "") {
  return element(
    "li",
    {},
    element("span", { class: `badge ${kind}` }, role),
    ...(address === "" ? [] : [element("span", { class: "code" }, address)]),
    ...(said === "" ? [] : [element("span", { class: "quiet" }, said)]),
  );
}

/** Whether a replica is read from, how far it is behind, and where it is. */
function standing(replica) {
  return [
    replica.read ? "read from" : (replica.reason ?? ""),
    replica.lagMillis === null ? "" : `${number(replica.lagMillis)} ms behind`,
    replica.zone === "" ? "" : `zone ${replica.zone}`,
  ]
    .filter((text) => text !== "")
    .join(", ");
}

/** Who takes the writes of a node, who has copies, and who says that it is primary and is not believed. */
export function servers(node) {
  const primary =
    node.primary === null
      ? server("bad", "no primary", "", node.reason ?? "")
      : server("good", "primary", node.primary, node.zone === "" ? "" : `zone ${node.zone}`);
  const rivals = node.rivals ?? [];
  const replicas = (node.replicas ?? []).filter((each) => !rivals.includes(each.address));
  return [
    primary,
    ...rivals.map((each) => server("bad", "says primary, too", each, "gets no writes: run REPLICAOF there")),
    ...replicas.map((each) => server("copy", "replica", each.address, standing(each))),
  ];
}

/** The slots of a Cluster that a node has; null: they are no Cluster. */
export function slots(node) {
  if (node.slots === null) {
    return "";
  }
  const many = node.slots.reduce((all, [first, last]) => all + last - first + 1, 0);
  const shown = node.slots.slice(0, RANGES_SHOWN).map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  const more = node.slots.length > RANGES_SHOWN ? ["…"] : [];
  return many === 0 ? "no slots" : `${count(many, "slot")}: ${shown.concat(more).join(", ")}`;
}

function history(node) {
  if (node.sinceSeconds === 0) {
    return "";
  }
  const since = `since ${clock(new Date(1000 * node.sinceSeconds))}`;
  return node.failovers > 0 ? `${since}, ${count(node.failovers, "failover")}` : since;
}

function shard(node, place) {
  const name = element("span", { class: "named" }, element("i", { class: `swatch ${colourOf(place)}` }), element("b", {}, node.name));
  return element(
    "li",
    { class: "shard" },
    element(
      "div",
      { class: "owner" },
      name,
      element("span", { class: "quiet" }, [slots(node), history(node)].filter((text) => text !== "").join("; ")),
    ),
    element("ul", { class: "servers", "aria-label": `Servers of ${node.name}` }, ...servers(node)),
  );
}

/** A pool's nodes, each with its servers, and the Sentinels that say who is primary. */
export function shards(pool) {
  const calm = (node) =>
    node.primary !== null && (node.rivals ?? []).length === 0 && (node.replicas ?? []).every((each) => each.read || each.reason === "read-from = primary");
  const all = pool.nodes.map((node, place) => ({ node, place }));
  const ordered = all.length <= SHARDS_SHOWN ? all : [...all].sort((a, b) => calm(a.node) - calm(b.node) || a.place - b.place);
  const nodes = [
    element(
      "ul",
      { class: "shards", "aria-label": "Nodes and their servers" },
      ...ordered.slice(0, SHARDS_SHOWN).map((each) => shard(each.node, each.place)),
    ),
    ...(all.length > SHARDS_SHOWN
      ? [element("p", { class: "quiet" }, `and ${count(all.length - SHARDS_SHOWN, "more node")}: choose one above`)]
      : []),
  ];
  if (pool.sentinels.length === 0) {
    return nodes;
  }
  const away = pool.sentinels.filter((sentinel) => !sentinel.reachable);
  const most = 2 * away.length < pool.sentinels.length;
  const said = [`${pool.sentinels.length - away.length} of ${pool.sentinels.length} answer`]
    .concat(away.map((sentinel) => `${sentinel.address}: ${sentinel.reason}`))
    .join("; ");
  const badge = element("span", { class: `badge ${away.length === 0 ? "good" : most ? "warn" : "bad"}` }, "Sentinels");
  return [...nodes, element("p", { class: "sentinels" }, badge, element("span", {}, said))];
}
