// Requests to the gateway. An answer is data or a Problem; no answer is a Lost.
export class Problem extends Error {
  constructor(status, body) {
    super(body.message ?? body.code);
    this.status = status;
    this.code = body.code ?? "other";
    this.details = body.details ?? {};
  }
}

/** Nothing usable came back: the request may or may not have been carried out. */
export class Lost extends Error {}

const WAIT_MS = 8000;
let csrf = "";
let onSignedOut = () => {};

export const setCsrf = (token) => { csrf = token; };
export const whenSignedOut = (callback) => { onSignedOut = callback; };
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function call(method, path, { body, file, type = "text/csv", key, wait = WAIT_MS, quiet = false, as = "json" } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (file) headers["Content-Type"] = type;
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (key) headers["Idempotency-Key"] = key;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), wait);
  let response, answer;
  try {
    response = await fetch(path, {
      method, headers, signal: stop.signal, credentials: "same-origin", cache: "no-store",
      body: file ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    answer = response.status === 204 ? null : await response[response.ok ? as : "json"]();
  } catch {
    throw new Lost(path);
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return answer;
  if (answer?.code === "not_signed_in" && !quiet) onSignedOut();
  throw new Problem(response.status, answer ?? {});
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { body, ...options });
export const put = (path, body, options) => call("PUT", path, { body, ...options });
export const del = (path, options) => call("DELETE", path, options);
export const upload = (path, file, options) => call("POST", path, { file, ...options });
export const part = encodeURIComponent;

const unsettled = new Map(); // what was asked for and not surely answered -> its key
const UNSETTLED_MAX = 20;

/** Sends with a key of its own; asked for the same again after a lost answer, with the key of the first try. */
export async function once(what, send) {
  const key = unsettled.get(what) ?? newKey();
  unsettled.delete(what);
  try {
    return await send({ key });
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status >= 500) unsettled.set(what, key);
    if (unsettled.size > UNSETTLED_MAX) unsettled.delete(unsettled.keys().next().value);
    throw problem;
  }
}
