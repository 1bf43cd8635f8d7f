// How many a rule would take today: piece by piece over everybody who has bought here, while the page is open.
import { el } from "./dom.js";
import { post } from "./api.js";
import { number, t } from "./words.js";

const FIRST_MS = 300; // of quiet typing
const REST_MS = 150; // between two pieces: the tills come first

/** {node, again()}. `asks()` gives the rule, null where it is not complete, or words why there is none. */
export function ruleTrial({ path, would, asks, said, why, test }) {
  const node = el("div.pad.col.tightcol", { "aria-live": "polite", test: `${test}-trial` });
  let pause = 0;
  let turn = 0;
  const say = (words) => node.replaceChildren(el("div.sm.mut", {}, words));

  async function look(rule, mine) {
    let members = 0, of = 0, after = "";
    do {
      const found = await post(path, { rule, after });
      if (mine !== turn) return;
      members += found.members;
      of += found.of;
      after = found.next;
      node.replaceChildren(el("div.b.xl", { test: `${test}-would` }, t(would, { n: number(members) })), el("div.sm.mut", { test: `${test}-of` }, t(after ? "tiers.would_so_far" : "tiers.would_of", { n: number(of) })), el("p.gap-top", { test: `${test}-words` }, said(rule)));
      if (after) await new Promise((done) => setTimeout(done, REST_MS));
    } while (after && mine === turn && node.isConnected);
  }
  function again() {
    clearTimeout(pause);
    const mine = ++turn;
    pause = setTimeout(async () => {
      const rule = asks();
      if (!rule || typeof rule === "string") return say(rule || t("tiers.fill_first"));
      try { await look(rule, mine); } catch (problem) { if (mine === turn) say(why(problem)); }
    }, FIRST_MS);
  }
  return { node, again };
}
