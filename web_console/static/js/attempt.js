// One attempt to be paid: one key, one body, three ends (paid, not charged, being checked).
//
// Kept in the tab's session storage, so that a reload in the middle goes on where it was. A lost answer is
// never answered by a new key: the gateway is asked for this one, and the same request is sent again.
import { Lost, Problem, get, newKey, part, post } from "./api.js";

const POST_MS = 8000;
const ASK_MS = 4000;
const PAUSE_MS = [500, 1000, 2000, 4000, 5000];

const place = (till) => `attempt:${till}`;

export function load(till) {
  try { return JSON.parse(sessionStorage.getItem(place(till))); } catch { return null; }
}

export function save(till, attempt) {
  try { sessionStorage.setItem(place(till), JSON.stringify(attempt)); } catch { /* private window: this page still knows */ }
}

export function forget(till) {
  try { sessionStorage.removeItem(place(till)); } catch { /* nothing kept */ }
}

export const begin = (basket) => ({ key: newKey(), basket_id: basket.basket_id, version: basket.version, due: basket.total.text, phase: "open", body: null });

const pause = (ms, wake) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  wake.now = () => { clearTimeout(timer); done(); };
});

/** The sale of this key, or null when the gateway knows of none. Throws Lost when it cannot be asked. */
async function ask(attempt) {
  try {
    return await get(`/api/sales/by-key/${part(attempt.key)}`, { wait: ASK_MS });
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 404) return null;
    if (problem instanceof Problem && problem.status === 401) throw problem;
    throw new Lost("by-key");
  }
}

/** Sends, or takes up again, until one of the ends is certain.
 *
 * Returns {sale} or {refusal: Problem}. `changed(phase)` hears "sending" and "asking". `wake.now()` cuts a pause short.
 */
export async function settle(till, attempt, changed, wake) {
  let resume = attempt.phase !== "open";
  attempt.phase = resume ? "asking" : "sending";
  save(till, attempt);
  changed(attempt.phase);
  for (let round = 0; ; round += 1) {
    let answered = null;
    if (!resume) {
      try {
        return { sale: await post("/api/sales", attempt.body, { key: attempt.key, wait: POST_MS }) };
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 401) throw problem;
        if (problem instanceof Problem && problem.status < 500 && problem.status !== 408 && problem.status !== 429) return { refusal: problem };
        answered = problem instanceof Problem && problem.code !== "outcome_unknown" ? problem : null;
      }
      attempt.phase = "asking";
      save(till, attempt);
      changed(attempt.phase);
    }
    resume = false;
    try {
      const sale = await ask(attempt);
      if (sale) return { sale };
      if (answered) return { refusal: answered };
      if (round === 0) continue;
    } catch (problem) {
      if (problem instanceof Problem) throw problem;
      resume = true;
    }
    await pause(PAUSE_MS[Math.min(round, PAUSE_MS.length - 1)], wake);
  }
}
