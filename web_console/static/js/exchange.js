// Rewards of the shop's catalogue: what a member can have for points, having it, and taking it back.
import { busy, el, icon } from "./dom.js";
import { Lost, Problem, get, once, part, post, put } from "./api.js";
import { approved } from "./approve.js";
import { bag, change } from "./bag.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { first, lang, number, problemWord, t } from "./words.js";

const PICTURES = { goods: "tag", coupon: "gift", service: "person" };
const words = (problem) => (problem instanceof Problem ? first([`exchange.why.${problem.details?.why}`, `miss.${problem.details?.why}`, `error.${problem.code}`]) || problemWord(problem) : t("bag.lost"));

/** The section of the drawer: nothing where the shop has no rewards. `changed()` follows an exchange or its undoing. */
export async function exchanges(me, changed) {
  const rewards = await get(`${me}/rewards?lang=${lang}`).catch((problem) => {
    if (problem instanceof Problem || problem instanceof Lost) return [];
    throw problem;
  });
  const rows = rewards.map((each) => el("div.row.reward", { test: `exchange-${each.reward_id}` }, icon(PICTURES[each.kind]),
    el("div.grow", {}, el("div.cut", {}, each.label), el("div.sm.mut", {}, [t("exchange.costs", { n: number(each.points) }), each.missing && first([`exchange.why.${each.missing}`, `miss.${each.missing}`])].filter(Boolean).join(" · "))),
    el("button.btn", { test: `have-${each.reward_id}`, disabled: Boolean(each.missing), onclick: () => ask(me, each, changed) }, t("exchange.have"))));
  return rows.length ? [el("h3", {}, t("exchange.title")), el("div.list.card", { test: "exchanges" }, ...rows)] : [];
}

/** Asked first: points that are gone come back with a second person's word only. */
function ask(me, reward, changed) {
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: "exchange-why" });
  const text = el("p", { role: "status", test: "exchange-text" }, t("exchange.ask", { n: number(reward.points), label: reward.label }));
  const go = el("button.btn.pri.xl.block", { test: "exchange-go", onclick: have }, t("exchange.have"));
  const body = el("div.body.col.pad", {}, text, why, go);
  let had = false;
  const sheet = openSheet({ name: "exchange", title: reward.label, body, onclose: () => { if (had) changed(); } });

  async function have() {
    busy(go, true);
    why.textContent = "";
    try {
      const made = await once(`exchange ${me} ${reward.reward_id}`, (options) => post(`${me}/rewards/${part(reward.reward_id)}`, {}, options));
      had = true;
      text.textContent = t("exchange.done", { label: reward.label, n: number(made.balance) });
      const back = el("button.btn.l", { test: "exchange-undo", onclick: () => undo(back, made.exchange_id) }, t("exchange.undo"));
      const close = (style) => el(`button.btn.l.grow${style}`, { test: "exchange-close", onclick: () => closeSheet(sheet) }, t("exchange.close"));
      go.replaceWith(...(made.coupon_id && bag.view.customer ? [el("button.btn.pri.xl.block", { test: "exchange-use", onclick: (event) => use(event.currentTarget, made.coupon_id) }, t("exchange.use")), el("div.row", {}, back, close(""))] : [el("div.row", {}, back, close(".pri"))]));
    } catch (problem) {
      busy(go, false);
      refused();
      why.textContent = words(problem);
    }
  }

  /** Its goods go into the bag before or after, and what is still to be paid is paid there. */
  async function use(button, coupon_id) {
    busy(button, true);
    const { basket_id } = bag.view;
    if (await change(() => put("/api/till/coupon", { basket_id, coupon_id, wanted: true }))) return closeSheet(sheet);
    return busy(button, false);
  }

  async function undo(button, exchange_id) {
    busy(button, true);
    try {
      const made = await approved("points_adjust", (approval) => once(`exchange-undo ${exchange_id}`, (options) => post(`/api/points/exchanges/${part(exchange_id)}/undo`, approval ? { approval } : {}, options)), { reason: t("exchange.undo") });
      if (made) closeSheet(sheet);
    } catch (problem) {
      refused();
      why.textContent = words(problem);
    }
    busy(button, false);
  }

  go.focus();
}
