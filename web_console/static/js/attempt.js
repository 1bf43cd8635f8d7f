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

export const begin = (basket) => ({ key: newKey(), basket_id: basket.basket_id, version: basket.version, due: basket.total.text, phase: "open", lost: false, staff_id: "", body: null });

const pause = (round, wake) => new Promise((done) => {
  const timer = setTimeout(done, PAUSE_MS[Math.min(round, PAUSE_MS.length - 1)]);
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

/** The sale of an attempt that was left behind, or null; asks until it is answered and sends nothing. */
export async function look(attempt, wake) {
  for (let round = 0; ; round += 1) {
    try {
      return await ask(attempt);
    } catch (problem) {
      if (problem instanceof Problem) throw problem;
    }
    await pause(round, wake);
  }
}

/** Sends, or takes up again, until one of the ends is certain.
 *
 * Returns {sale} or {refusal: Problem}. `changed(phase)` hears "sending" and "asking". `wake.now()` cuts a
 * pause short; after `wake.stop` nothing is sent or kept any more, and it throws.
 *
 * A request without an answer may still be on its way. From then on (`attempt.lost`) only a refusal that holds
 * for it too, or a sale, is an end: "I know of none" may be said too early.
 */
export async function settle(till, attempt, changed, wake) {
  let resume = ["sending", "asking"].includes(attempt.phase);
  let faults = 0; // answers that the disk failed
  const enter = (phase) => {
    if (wake.stop) throw new Lost("stopped");
    attempt.phase = phase;
    save(till, attempt);
    changed(phase);
  };
  for (let round = 0; ; round += 1) {
    let answered = null;
    if (!resume) {
      const before = attempt.lost;
      attempt.lost = true;
      enter(round ? "asking" : "sending");
      try {
        return { sale: await post("/api/sales", attempt.body, { key: attempt.key, wait: POST_MS }) };
      } catch (problem) {
        if (problem instanceof Problem) {
          attempt.lost = before;
          answered = problem;
          if (problem.code === "not_signed_in") { save(till, attempt); throw problem; }
          if (problem.status < 500 && problem.status !== 408 && (problem.status !== 429 || problem.code === "pin_locked")) return { refusal: problem };
          if (problem.code === "outcome_unknown") faults += 1;
        }
      }
    }
    enter("asking");
    resume = false;
    try {
      const sale = await ask(attempt);
      if (sale) return { sale };
      if (answered && !attempt.lost && (answered.code !== "outcome_unknown" || faults > 1)) return { refusal: answered };
      if (round === 0) continue;
    } catch (problem) {
      if (problem instanceof Problem) throw problem;
      resume = true;
    }
    await pause(round, wake);
  }
}
