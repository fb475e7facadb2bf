// What changes something at the proxy. Only somebody who has given a token is shown any of it.

import { act, token } from "./ask.js";
import { byId, setText } from "./dom.js";

/** The proxy says what an action means, and does it when it is asked for again. */
const SAY_YES = 428;

export function mayAct() {
  return token.get() !== null;
}

/** Asks a person; true: it is to be done. */
function isSure(text) {
  const dialog = byId("sure");
  setText(byId("sure-text"), text);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * Has something done, after a person has said that it is meant, and says what has become of it.
 *
 * @param question what to ask first; empty: nothing, unless the proxy wants it
 */
export async function perform(path, parameters = {}, { question = "", body = "" } = {}) {
  if (question !== "" && !(await isSure(question))) {
    return;
  }
  const said = byId("acted");
  setText(said, "…");
  try {
    let reply = await act(path, parameters, body);
    if (reply.status === SAY_YES) {
      const text = reply.text.split("\n")[0];
      if (!(await isSure(`${text}.`))) {
        setText(said, "");
        return;
      }
      reply = await act(path, { ...parameters, yes: "true" }, body);
    }
    setText(said, reply.text.trim());
  } catch (failure) {
    setText(said, failure.message);
  }
}

for (const answer of ["yes", "no"]) {
  byId(`sure-${answer}`).addEventListener("click", () => byId("sure").close(answer));
}
