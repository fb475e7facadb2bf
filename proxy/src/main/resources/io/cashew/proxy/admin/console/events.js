import { byId, element, setBadge } from "./dom.js";
import { clock, duration } from "./format.js";
import { Table } from "./table.js";

/** As many as are looked through; the proxy has more. */
const KEPT = 1000;
const SHOWN = 50;

const KINDS = { INFO: "good", WARN: "warn", ERROR: "bad" };

/** What has happened, as `/api/events` says it, newest first. */
export class Events {
  last = 0;
  #all = [];
  #offset = 0;
  #table = new Table(
    "What has happened",
    [
      { title: "When", show: (event) => clock(new Date(event.at)) },
      {
        title: "Kind",
        show: (event, cell) => {
          if (cell.firstChild === null) {
            cell.append(element("span"));
          }
          setBadge(cell.firstChild, KINDS[event.level] ?? "warn", event.kind);
        },
      },
      { title: "Pool", show: (event) => event.pool ?? "" },
      { title: "Node", show: (event) => event.node ?? "" },
      { title: "Lasted", number: true, show: (event) => (event.millis === null ? "" : lasted(event.millis)) },
      { title: "What", class: "said whole", show: (event) => event.text },
    ],
    "Nothing yet.",
  );

  constructor() {
    byId("events").append(this.#table.node);
    byId("events-filter").addEventListener("input", () => this.show());
  }

  /** Takes in what came since the last time. A proxy that has started anew counts from the beginning. */
  add(said) {
    if (said.last < this.last) {
      this.#all = [];
    }
    this.last = said.last;
    this.#all = [...said.events, ...this.#all].slice(0, KEPT);
  }

  /** The proxy's clock says so when the page's says so. */
  isAt(timeMillis, at) {
    this.#offset = at - timeMillis;
  }

  /** Those that are marks on the charts of a pool: its own, and those of the whole proxy. */
  marks(pool) {
    return this.#all
      .filter((event) => event.pool === null || event.pool === pool)
      .map((event) => ({ ...event, at: Date.parse(event.at) + this.#offset }));
  }

  /** Those of a node. */
  ofNode(pool, node) {
    return this.#all.filter((event) => event.pool === pool && event.node === node);
  }

  show() {
    const wanted = byId("events-filter").value.trim().toLowerCase();
    const fits = (event) =>
      [event.kind, event.pool, event.node, event.text].some((text) => text?.toLowerCase().includes(wanted));
    this.#table.update(this.#all.filter(fits).slice(0, SHOWN), (event) => String(event.id));
  }
}

export function lasted(millis) {
  return millis < 1000 ? `${millis} ms` : duration(Math.round(millis / 1000));
}
