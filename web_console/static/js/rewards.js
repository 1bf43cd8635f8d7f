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

/** One row for equal coupons, those that end first in front: the first that no other bag keeps is used. */
function kind(equal) {
  const used = () => equal.find(({ coupon_id }) => bag.view.coupons.includes(coupon_id));
  const state = () => {
    const name = label(equal[0]);
    const { last_day } = used() ?? equal[0];
    return { on: Boolean(used()), words: equal.length > 1 ? t("reward.many", { n: equal.length, name }) : name, detail: last_day ? t("reward.until", { day: last_day }) : "" };
  };
  return row(equal[0].coupon_id, "gift", state, (wanted) => {
    const held = used();
    return (basket_id) => (wanted ? free(held ? [held] : equal, basket_id) : coupon((held ?? used()).coupon_id, false)(basket_id));
  });
}

async function free([first, ...rest], basket_id) {
  try {
    return await coupon(first.coupon_id, true)(basket_id);
  } catch (problem) {
    if (!rest.length || problem.details?.why !== "reserved") throw problem;
    return free(rest, basket_id);
  }
}

/** The section of the drawer, with `best` on top; nothing where there is nothing to use. */
export function rewards(coupons, best) {
  draws = [];
  const kinds = new Map();
  for (const each of coupons) {
    const key = `${each.template_id} ${each.template_version}`;
    kinds.set(key, [...(kinds.get(key) ?? []), each]);
  }
  const rows = [...kinds.values()].flatMap((equal) => { // a row for each that goes into one sale, the last with all the others
    const alone = equal[0].sale_max - 1;
    return [...equal.slice(0, alone).map((each) => [each]), equal.slice(alone)].filter(({ length }) => length).map(kind);
  });
  const { customer } = bag.view;
  const most = customer.points_used || customer.points_most;
  if (most) rows.push(row("points", "tag", () => {
    const { points_used, points_worth } = bag.view.customer;
    return { on: points_used > 0, words: points_used ? t("reward.points_on", { n: number(points_used) }) : t("reward.points", { n: number(most), amount: points_worth.text }), detail: "" };
  }, (wanted) => points(wanted ? most : 0)));
  return rows.length ? [el("h3", {}, t("reward.title")), best, el("div.list.card", { test: "rewards" }, ...rows)] : [];
}
