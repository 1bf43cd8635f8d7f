// The form of a recharge plan, and the till's button as it comes out; publishing and withdrawing.
import { busy, el } from "./dom.js";
import { Problem, get, once, part, post } from "./api.js";
import { address, card, empty, field, fill, go, head, input } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { label, problemWord, t } from "./words.js";

const { complete, inputs } = await import("./inputs.js"); // a part of its own, other forms have it too
const MOST = 100_000_000;
const refusal = (problem) => (problem instanceof Problem ? problemWord(problem) : t("office.lost"));

function described(key, unit, { required = false, minimum = 0, maximum = 0 } = {}) {
  const named = t(`plans.input_${key}`);
  return { key, unit, label_zh: named, label_en: named, minimum, maximum, required, value: 0, choices: [], inputs: [] };
}

const INPUTS = [described("pays_minor", "minor", { required: true, minimum: 1, maximum: MOST }), described("bonus_minor", "minor", { maximum: MOST }), described("bonus_days", "number", { maximum: 3_650 })];

/** `from` is another plan of which a new one takes everything but the name. */
function editor(page, office, held, from) {
  const like = held ?? from;
  const values = { plan_id: held?.plan_id ?? "", label_zh: held?.label_zh ?? "", label_en: held?.label_en ?? "", pays_minor: like?.pays.minor ?? 0, bonus_minor: like?.bonus.minor ?? 0, bonus_days: like?.bonus_days ?? 0 };
  const over = held && office.ended.includes(held);
  const amount = (minor) => office.named_max.text.replace(/[\d.,]+/, (minor / 10 ** office.decimals).toLocaleString("en", { minimumFractionDigits: office.decimals }));
  const called = () => t(values.bonus_minor ? "recharge.plan" : "plans.plain", { pays: amount(values.pays_minor), bonus: amount(values.bonus_minor) });
  const draft = () => ({ ...values, label_zh: values.label_zh.trim() || called(), label_en: values.label_en.trim() || values.label_zh.trim() || called(), bonus_days: values.bonus_minor ? values.bonus_days : 0 });
  const ready = () => complete(INPUTS, values) && values.pays_minor > 0;
  const seen = el("div.pad.col", { "aria-live": "polite", test: "plan-preview" });
  function draw() {
    if (!ready()) return seen.replaceChildren(el("p.sm.mut", {}, t("plans.fill_first")));
    const whole = values.pays_minor + values.bonus_minor;
    const { named_max, nameless_max } = office;
    const over = whole > named_max.minor ? ["named", named_max] : whole > nameless_max.minor ? ["nameless", nameless_max] : null;
    seen.replaceChildren(el("button.btn.l.block", { disabled: true }, called()), el("p", { test: "plan-said" }, t("plans.said", { pays: amount(values.pays_minor), whole: amount(whole) })),
      el("p.sm.mut", {}, values.bonus_minor ? t(values.bonus_days ? "plans.ends" : "plans.never", { bonus: amount(values.bonus_minor), days: values.bonus_days }) : t("plans.no_bonus")),
      over ? el("p.sm.bad-text", { test: "plan-over" }, t(`plans.over_${over[0]}`, { most: over[1].text })) : "");
  }
  const named = (key) => {
    const control = input({ value: values[key], maxlength: "60", test: `plan-${key}`, oninput: () => { values[key] = control.value; draw(); } });
    return field(t(`plans.${key}`), control, t("plans.label_hint"));
  };
  const publish = el("button.btn.pri", { test: "publish", onclick: async () => {
    if (!ready()) return toast(t("promo.fill_in"));
    busy(publish, true);
    const body = draft();
    try {
      const made = await once(`plan ${JSON.stringify(body)}`, (key) => post("/api/stored-value/plans", body, key));
      toast(t("promo.published", { label: label(made), n: made.version }));
      go("plans");
    } catch (problem) { toast(refusal(problem)); }
    busy(publish, false);
  } }, t(over ? "coupons.publish_again" : held ? "promo.publish_next" : "promo.publish"));
  page.append(head({ title: held ? label(held) : t("plans.new"), sub: held ? el("span.row.tightgap", {}, over ? el("span.pill", {}, t("plans.off")) : "", t("promo.version_n", { n: held.version })) : "", back: { href: address("plans"), words: t("office.plans") }, actions: [held && !over ? el("button.btn.bad", { test: "withdraw", onclick: () => withdraw(held) }, t("promo.withdraw")) : "", held ? el("a.btn", { href: address("plans", ["new"], { from: held.plan_id }), test: "copy" }, t("coupons.copy")) : "", publish] }),
    el("div.main-side.wide", {}, el("div.col.wide-gap", {},
      el("section.card.pad.col", {}, el("h2", {}, t("plans.what")), el("div.two", {}, ...inputs(INPUTS, values, { changed: draw, decimals: office.decimals }))),
      el("section.card.pad.col", {}, el("h2", {}, t("promo.called")), el("div.two", {}, named("label_zh"), named("label_en"))),
      held ? el("p.sm.mut", {}, t("plans.next_hint")) : ""), card(el("div.card-head", {}, el("h2", {}, t("promo.trial"))), seen)));
  draw();
}

function withdraw(plan) {
  const sure = el("button.btn.bad.l.block", { test: "withdraw-sure", onclick: async () => {
    busy(sure, true);
    try {
      await once(`withdraw ${plan.plan_id} ${plan.version}`, (key) => post(`/api/stored-value/plans/${part(plan.plan_id)}/withdraw`, {}, key));
      closeSheet(sheet);
      toast(t("promo.was_withdrawn", { label: label(plan) }));
      go("plans");
    } catch (problem) { toast(refusal(problem)); }
    busy(sure, false);
  } }, t("promo.withdraw"));
  const sheet = openSheet({ name: "withdraw", title: t("promo.withdraw_ask", { label: label(plan) }), body: el("div.pad.col", {}, el("p", {}, t("plans.withdraw_hint")), sure) });
}

export async function one(page, id, from) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, () => get("/api/office/stored-value"), (office) => {
    const find = (wanted) => [...office.plans, ...office.ended].find((each) => each.plan_id === wanted) ?? null;
    const held = find(id);
    if (!held && id !== "new") return card(empty("wallet", t("plans.gone"), "", el("a.btn", { href: address("plans") }, t("office.plans"))));
    const inside = el("div.col.wide-gap");
    editor(inside, office, held, find(from));
    return inside;
  });
}
