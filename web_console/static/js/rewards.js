// What a member can let work on the bag at once: coupons, and points that take something off.
import { busy, el, icon } from "./dom.js";
import { put } from "./api.js";
import { bag, change, onBag, remember } from "./bag.js";
import { label, number, t } from "./words.js";

const points = (count) => (basket_id) => put("/api/till/points", { basket_id, points: count });
const coupon = (coupon_id, wanted) => (basket_id) => put("/api/till/coupon", { basket_id, coupon_id, wanted });

let draws = []; // of the rows of the drawer that is open

onBag(() => { if (bag.view.customer) for (const draw of draws) draw(); }); // also after an undo

/** One row that is used or taken off; what it does can be undone. `state()` is {on, words, more}, or null. */
function row(name, picture, state, send) {
  const title = el("div.cut");
  const more = el("div.sm.mut.cut.num");
  const button = el("button.btn", { test: `use-${name}`, onclick: use });
  const node = el("div.row.reward", { test: `reward-${name}` }, icon(picture), el("div.grow", {}, title, more), button);
  function draw() {
    const { on, words, detail } = state();
    title.textContent = words;
    more.textContent = detail;
    button.textContent = t(on ? "reward.off" : "reward.use");
    button.setAttribute("aria-pressed", String(on));
  }
  async function use() {
    const { on, words } = state();
    const { basket_id } = bag.view;
    const [forth, back] = [send(!on), send(on)];
    busy(button, true);
    const done = await change(() => forth(basket_id));
    busy(button, false);
    if (done && basket_id === bag.view.basket_id) remember({ back, at: Date.now() }, t(on ? "reward.taken_off" : "reward.used", { name: words }));
  }
  draws.push(draw);
  draw();
  return node;
}

/** The section of the drawer; nothing where there is nothing to use. */
export function rewards(coupons) {
  draws = [];
  const rows = coupons.map((each) => row(each.coupon_id, "gift", () => ({ on: bag.view.coupons.includes(each.coupon_id), words: label(each), detail: each.last_day ? t("reward.until", { day: each.last_day }) : "" }), (wanted) => coupon(each.coupon_id, wanted)));
  const { customer } = bag.view;
  const most = customer.points_used || customer.points_most;
  if (most) rows.push(row("points", "tag", () => {
    const { points_used, points_worth } = bag.view.customer;
    return { on: points_used > 0, words: points_used ? t("reward.points_on", { n: number(points_used) }) : t("reward.points", { n: number(most), amount: points_worth.text }), detail: "" };
  }, (wanted) => points(wanted ? most : 0)));
  return rows.length ? [el("h3", {}, t("reward.title")), el("div.list.card", { test: "rewards" }, ...rows)] : [];
}
