// Recharge plans: what a recharge costs and brings, and the limits under which stored value stands.
import { el, icon } from "../dom.js";
import { get } from "../api.js";
import { address, card, empty, fill, go, head, seg, stay, table } from "../section.js";
import { label, number, t } from "../words.js";

export const SECTION = {"icon": "wallet", "place": 58};

/** The limits of the law and the shop's own rules, as they are set on the box. */
function limits(held) {
  const rows = [["named", { amount: held.named_max.text }], ["nameless", { amount: held.nameless_max.text }], ["cash", { amount: held.cash_max.text }], ["proof", { amount: held.proof_above.text }],
    [`spend_${held.spend}`, {}], ["cooling", { days: held.cooling_days }], [held.deduct_bonus ? "deducts" : "keeps", {}], ["reserve", { share: number(held.reserve_bp / 100) }]];
  return card(el("div.card-head", {}, el("h2", {}, t("plans.limits"))), el("div.list", { test: "limits" }, ...rows.map(([key, values]) => el("div.swrow", {}, t(`plans.limit_${key}`, values)))), el("p.card-end.sm.mut", {}, t("plans.limits_hint")));
}

const ends = (plan) => (plan.bonus.minor ? t(plan.bonus_days ? "plans.ends" : "plans.never", { bonus: plan.bonus.text, days: plan.bonus_days }) : t("plans.no_bonus"));

function list(held, query) {
  let wanted = query.get("state") === "over" ? "over" : "on";
  const place = el("div");
  const draw = () => place.replaceChildren(wanted === "on" ? (held.plans.length ? offered(held.plans) : empty("wallet", t("plans.none"), t("plans.none_hint"))) : held.ended.length ? offered(held.ended) : empty("wallet", t("plans.none_over"), ""));
  draw();
  return [el("div.tools", {}, seg(t("promo.state"), [["on", t("plans.on")], ["over", t("plans.off")]], wanted, (value) => { wanted = value; stay("plans", [], { state: value }); draw(); }, "state")), card(place), limits(held)];
}

function offered(plans) {
  return table([
    { title: t("plans.plan"), cell: (plan) => el("a", { href: address("plans", [plan.plan_id]), test: `plan-${plan.pays.minor}` }, el("span.min0", {}, el("span.b.cut.blk", {}, label(plan)), el("span.sm.mut.blk", {}, ends(plan)))) },
    { title: t("plans.pays"), num: true, cell: (plan) => plan.pays.text },
    { title: t("plans.bonus"), num: true, wide: true, cell: (plan) => plan.bonus.text },
    { title: t("promo.version"), num: true, wide: true, cell: (plan) => number(plan.version) },
  ], plans, { label: t("office.plans"), test: "plans", open: (plan) => go("plans", [plan.plan_id]) });
}

export async function show(page, { path, query }) {
  if (path[0]) return (await import("../plan_form.js")).one(page, path[0], query.get("from") ?? "");
  const place = el("div.col.wide-gap");
  page.append(head({ title: t("office.plans"), sub: t("plans.sub"), actions: [el("a.btn.pri", { href: address("plans", ["new"]), test: "new-plan" }, icon("plus"), t("plans.new"))] }), place);
  await fill(place, () => get("/api/office/stored-value"), (held) => list(held, query));
}
