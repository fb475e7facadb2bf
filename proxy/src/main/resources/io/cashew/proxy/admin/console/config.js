import { byId, element, setBadge, setText } from "./dom.js";
import { moment } from "./format.js";
import { Table } from "./table.js";

/** What `/api/config` says: what runs, and what became of the last attempt to change it. */
export class ConfigDetails {
  #problems = new Table(
    "What is wrong with the file",
    [
      { title: "Where", class: "code", show: (problem) => `${problem.file}:${problem.line}` },
      { title: "Key", class: "code", show: (problem) => problem.key },
      { title: "What is wrong", class: "said", show: (problem) => problem.text },
    ],
    "",
  );

  constructor() {
    byId("problems").append(this.#problems.node);
  }

  update(config) {
    const unusable = config.certificates.filter((each) => !each.usable);
    if (unusable.length > 0) {
      setBadge(byId("config-state"), "bad", "a renewed certificate cannot be used");
    } else if (!config.succeeded) {
      setBadge(byId("config-state"), "bad", "the last reload failed");
    } else if (config.needRestart.length > 0) {
      setBadge(byId("config-state"), "warn", "a part of the file waits for a restart");
    } else if (config.lags) {
      setBadge(byId("config-state"), "warn", "the file says something else");
    } else {
      setBadge(byId("config-state"), "good", "in force");
    }
    const error = byId("config-error");
    const said = [
      ...(config.error === undefined ? [] : [config.error]),
      ...unusable.map((each) => `pool '${each.pool}', towards ${each.side}: ${each.error}`),
    ];
    error.hidden = said.length === 0;
    setText(error, said.join("\n"));
    byId("problems").hidden = config.problems.length === 0;
    this.#problems.update(config.problems, (problem) => JSON.stringify(problem));
    this.#facts([
      ["Digest", config.digest],
      ["File", config.file ?? "none"],
      ["In force since", moment(config.loadedAt)],
      ["Last read", `${moment(config.attemptedAt)} (${config.trigger})`],
      ...(config.lags && config.fileDigest !== undefined ? [["Digest of the file", config.fileDigest]] : []),
    ]);
    byId("restart").hidden = config.needRestart.length === 0;
    const items = config.needRestart.map((text) => element("li", {}, text));
    byId("restart-list").replaceChildren(...items);
    setText(byId("running"), config.running);
  }

  #facts(facts) {
    const list = byId("config");
    const said = JSON.stringify(facts);
    if (list.dataset.said !== said) {
      list.dataset.said = said;
      list.replaceChildren(
        ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", { class: "code" }, value))),
      );
    }
  }
}
