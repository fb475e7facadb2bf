import { mayAct, perform } from "./actions.js";
import { ask } from "./ask.js";
import { byId, element, setText } from "./dom.js";
import { bytes, count, duration, number } from "./format.js";
import { Table } from "./table.js";

const ASKED = 200;

/** Who is connected to the pool that is chosen, asked when somebody wants to know; and where a key is. */
export class Clients {
  #pool;
  #table = new Table(
    "Who is connected",
    [
      { title: "Id", number: true, by: (client) => client.id, show: (client) => String(client.id) },
      { title: "Address", class: "code", by: (client) => client.addr, show: (client) => client.addr },
      { title: "Name", class: "code", by: (client) => client.name, show: (client) => client.name },
      { title: "User", by: (client) => client.user, show: (client) => client.user },
      { title: "Library", by: (client) => client.library, show: (client) => client.library },
      { title: "Since", number: true, by: (client) => client.ageSeconds, show: (client) => duration(client.ageSeconds) },
      { title: "Idle", number: true, by: (client) => client.idleSeconds, show: (client) => duration(client.idleSeconds) },
      { title: "Last command", class: "code", by: (client) => client.cmd, show: (client) => client.cmd },
      { title: "Waits", show: (client) => (client.blocked ? "for a key" : "") },
      { title: "Not taken", number: true, by: (client) => client.queuedBytes, show: (client) => bytes(client.queuedBytes) },
      { title: "", show: (client, cell) => this.#closer(client, cell) },
    ],
    "Nobody.",
  );
  #where = new Table(
    "Where the key is",
    [
      { title: "Pool", show: (key) => (key.routedTo === null ? key.pool : `${key.pool} → ${key.routedTo}`) },
      { title: "Node", show: (key) => key.node ?? "–" },
      { title: "Served by", show: (key) => key.servedBy ?? "–" },
      { title: "State", show: (key) => key.state ?? "–" },
      { title: "Address", class: "code", show: (key) => key.address ?? "–" },
      { title: "Rule", class: "code", show: (key) => key.rule ?? "none" },
      { title: "Kept for", number: true, show: (key) => (key.keptMillis === null ? "–" : duration(Math.ceil(key.keptMillis / 1000))) },
    ],
    "",
  );

  /** @param pool says which is chosen */
  constructor(pool) {
    this.#pool = pool;
    byId("clients").append(this.#table.node);
    byId("where").append(this.#where.node);
    this.#on("clients-form", () => this.look());
    this.#on("where-form", () => this.#find());
  }

  #on(form, submitted) {
    byId(form).addEventListener("submit", (event) => {
      event.preventDefault();
      submitted().catch((failure) => setText(byId("clients-facts"), failure.message));
    });
  }

  async look() {
    const text = byId("clients-filter").value.trim();
    const said = await ask("api/clients", { pool: this.#pool(), count: ASKED, ...(text === "" ? {} : { text }) });
    byId("clients").hidden = false;
    this.#table.update(said.clients, (client) => String(client.id));
    const more = said.clients.length === ASKED ? `, the first ${number(ASKED)}` : "";
    setText(byId("clients-facts"), `${count(said.clients.length, "client")}${more}`);
  }

  async #find() {
    const said = await ask("api/where", { key: byId("where-key").value, pool: this.#pool() });
    byId("where").hidden = false;
    this.#where.update(said.keys, (key) => key.pool);
  }

  #closer(client, cell) {
    if (!mayAct() || cell.firstChild !== null) {
      return;
    }
    const button = element("button", { type: "button" }, "Close");
    button.addEventListener("click", async () => {
      await perform("api/clients/close", { id: client.id }, { question: `Close client ${client.id} at ${client.addr}?` });
      await this.look();
    });
    cell.append(button);
  }
}
