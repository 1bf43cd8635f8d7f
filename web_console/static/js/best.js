// What would cost the member least, in one row: taken with one tap, and taken off again with another.
import { busy, el } from "./dom.js";
import { Lost, Problem, get, put } from "./api.js";
import { bag, change, onBag, remember } from "./bag.js";
import { label, number, t } from "./words.js";

const PATH = "/api/till/best-choice";
const OTHERS_SHOWN = 3;
const CALM_MS = 250; // a bag that is being filled is asked about once
const NOTHING = { coupons: [], points: 0 };

let places = []; // where the row is shown: {node, name, brief, offer, taking, seen, again}
let known = { bag: "", answer: Promise.resolve({}) }; // what was asked last, and about which bag
let calm = 0;
let before = null; // what the bag had when the proposal was taken

onBag(() => {
  clearTimeout(calm);
  calm = setTimeout(look, CALM_MS);
});

const state = ({ basket_id, version }) => `${basket_id} ${version}`;

/** Shows the row in `node`, and keeps it true while that is on the page. `brief`: only what and how much.
 * `offer`: not any more when it was taken. `taking` is told before and after the bag changes by a tap here. */
export function showBest(node, { name = "best", brief = false, offer = false, taking = () => {} } = {}) {
  places = [...places, { node, name, brief, offer, taking, seen: false, again: false }];
  return look();
}

/** The proposal for the bag as it is now, asked for once; none where it could not be had. */
function found() {
  const wanted = state(bag.view);
  if (known.bag === wanted) return known.answer;
  const asks = Boolean(bag.view.customer && bag.view.lines.length);
  const answer = (asks ? get(PATH) : Promise.resolve({})).catch((problem) => {
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
    known.bag = ""; // the sale goes on without advice
    return {};
  });
  known = { bag: wanted, answer };
  return answer;
}

async function look() {
  places = places.filter((each) => each.node.isConnected || !each.seen);
  for (const each of places) each.seen ||= each.node.isConnected;
  const wanted = state(bag.view);
  const held = await found();
  if (wanted === state(bag.view)) for (const place of places) draw(place, held);
}

function counted(coupons) {
  const names = coupons.map(label);
  return [...new Set(names)].map((name) => [name, names.filter((each) => each === name).length]).map(([name, n]) => (n > 1 ? t("reward.many", { n, name }) : name));
}

const parts = ({ coupons, points, points_worth }) => [...counted(coupons), ...(points ? [t("reward.points", { n: number(points), amount: points_worth.text })] : [])].join(" + ");

/** What makes it better than the next, where that is not what it saves, and what others would save. */
function reasons({ best, others, reason, bounded }) {
  const why = reason && reason !== "saves_more" ? [t(`best.${reason}`, { day: best.coupons[0]?.last_day })] : [];
  const instead = others.slice(0, OTHERS_SHOWN).map((each) => t("best.other", { what: parts(each), amount: each.saves.text }));
  return [...why, ...instead, ...(bounded ? [t("best.bounded")] : [])].map((words) => el("p", { test: "best-why" }, words));
}

/** An empty place takes no room. */
function draw(place, { best, taken, ...held }) {
  const { node, name, brief, offer } = place;
  node.hidden = !best || (offer && taken);
  if (node.hidden) return node.replaceChildren();
  const button = el("button.btn", { test: `${name}-take`, "aria-pressed": String(taken), onclick: () => take(place, button) }, t(taken ? "reward.off" : "best.take"));
  node.replaceChildren(el("b.num", { test: `${name}-saves` }, t(taken ? "best.taken" : "best.title", { amount: best.saves.text })), button,
    el("p", { test: `${name}-what` }, parts(best)), ...(brief || taken ? [] : reasons({ best, ...held })));
  if (place.again) button.focus({ preventScroll: true });
  place.again = false;
}

/** One request for all of it: the gateway knows a repeat by what the bag has, and another bag by its version. */
async function take(place, button) {
  place.again = document.activeElement === button;
  busy(button, true);
  const { basket_id, version, taken, best } = await found(); // of the bag as it is now: something may just have been scanned
  if (!best || basket_id !== bag.view.basket_id) return look();
  const held = { coupons: bag.view.coupons, points: bag.view.customer.points_used };
  const mine = { coupons: best.coupons.map(({ coupon_id }) => coupon_id), points: best.points };
  const wanted = !taken ? mine : before?.basket_id === basket_id ? before.held : NOTHING;
  place.taking(true);
  const done = await change(() => put(PATH, { basket_id, version, ...wanted }));
  place.taking(false);
  if (!done) known.bag = ""; // what was proposed is not there any more
  await look();
  if (!done || basket_id !== bag.view.basket_id) return;
  before = taken ? null : { basket_id, held };
  remember({ back: (id) => put(PATH, { basket_id: id, version: bag.view.version, ...held }), at: Date.now() }, t(taken ? "best.off" : "best.taken", { amount: best.saves.text }));
}
