// Asks the proxy, with the token if there is one. The token is the tab's: other tabs and later days do not have it.

const NAME = "cashew-admin-token";
const PATIENCE_MILLIS = 5000;

/** The address wants a token, or another one. */
export class TokenNeeded extends Error {}

export const token = {
  get: () => sessionStorage.getItem(NAME),
  set: (text) => sessionStorage.setItem(NAME, text),
  forget: () => sessionStorage.removeItem(NAME),
};

/** What takes its time: requests that are under way at a node may end first. */
const ACTION_PATIENCE_MILLIS = 600_000;

async function send(path, parameters, patienceMillis, options) {
  const query = new URLSearchParams(parameters).toString();
  const held = token.get();
  let reply;
  try {
    reply = await fetch(query === "" ? path : `${path}?${query}`, {
      ...options,
      headers: held === null ? {} : { authorization: `Bearer ${held}` },
      cache: "no-store",
      signal: AbortSignal.timeout(patienceMillis),
    });
  } catch (failure) {
    throw new Error(
      failure.name === "TimeoutError" ? `no answer within ${patienceMillis / 1000} s` : "it cannot be connected to",
    );
  }
  if (reply.status === 401) {
    throw new TokenNeeded(held === null ? "" : "The token was refused.");
  }
  return reply;
}

/**
 * The value of a path below the address. Fails with TokenNeeded, or with an Error whose message says what is wrong.
 */
export async function ask(path, parameters = {}) {
  const reply = await send(path, parameters, PATIENCE_MILLIS, {});
  if (!reply.ok) {
    throw new Error(`${path} answers ${reply.status}`);
  }
  return reply.json();
}

/** Has something done; the status and the text of the answer, whatever it is. */
export async function act(path, parameters, body) {
  const reply = await send(path, parameters, ACTION_PATIENCE_MILLIS, { method: "POST", body });
  return { status: reply.status, text: await reply.text() };
}
