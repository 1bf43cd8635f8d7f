// What would cost the member least, in one row: taken with one tap, and taken off again with another.
import { busy, el, icon } from "./dom.js";
import { Lost, Problem, get, put } from "./api.js";
import { bag, change, onBag, remember } from "./bag.js";
import { label, number, t } from "./words.js";

const PATH = "/api/till/best-choice";
const OTHERS_SHOWN = 3;
const NOTHING = { coupons: [], points: 0 };

let place = null; // where the row is shown
let brief = false; // without the reasons
let taking = () => {}; // is told before and after the bag changes by a tap here
let asked = ""; // the bag that was asked about last
let again = false; // the button had the focus when it was tapped
let before = null; // what the bag had when the proposal was taken

onBag(() => { if (place?.isConnected) look(); });

const state = ({ basket_id, version }) => `${basket_id} ${version}`;

/** Shows the row in `node`, and keeps it true while that is on the page. With `tapped` only what and how much. */
export function showBest(node, tapped = null) {
  [place, brief, taking, asked] = [node, Boolean(tapped), tapped ?? (() => {}), ""];
  return look();
}

async function look() {
  const mine = place;
  const wanted = state(bag.view);
  if (wanted === asked) return;
  asked = wanted;
  try {
    const found = bag.view.customer ? await get(PATH) : {};
    if (mine === place && wanted === asked) draw(found);
  } catch (problem) {
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
    if (mine === place) show(); // the sale goes on without advice
  }
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
function show(...row) {
  place.hidden = !row.length;
  place.replaceChildren(...row);
}

function draw(found) {
  if (!found.best) return show();
  const { best, taken } = found;
  const button = el("button.btn", { test: "best-take", "aria-pressed": String(taken), onclick: () => take(button, found) }, t(taken ? "reward.off" : "best.take"));
  show(el("div.note.ok", { test: "best" }, icon(taken ? "check" : "tag"),
    el("div.grow", {}, el("b.num", { test: "best-saves" }, t(taken ? "best.taken" : "best.title", { amount: best.saves.text })),
      el("p", { test: "best-what" }, parts(best)), ...(brief || taken ? [] : reasons(found))), button));
  if (again) button.focus({ preventScroll: true });
  again = false;
}

/** One request for all of it: the gateway knows a repeat by what the bag has, and another bag by its version. */
async function take(button, { basket_id, version, taken, best }) {
  const held = { coupons: bag.view.coupons, points: bag.view.customer.points_used };
  const mine = { coupons: best.coupons.map(({ coupon_id }) => coupon_id), points: best.points };
  const wanted = !taken ? mine : before?.basket_id === basket_id ? before.held : NOTHING;
  again = document.activeElement === button;
  busy(button, true);
  taking(true);
  const done = await change(() => put(PATH, { basket_id, version, ...wanted }));
  taking(false);
  busy(button, false);
  if (!done) { // what was proposed is not there any more
    asked = "";
    return look();
  }
  if (basket_id !== bag.view.basket_id) return;
  before = taken ? null : { basket_id, held };
  remember({ back: (id) => put(PATH, { basket_id: id, version: bag.view.version, ...held }), at: Date.now() }, t(taken ? "best.off" : "best.taken", { amount: best.saves.text }));
}
