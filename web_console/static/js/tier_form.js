// The form of one tier, with how many it would take today.
import { busy, el } from "./dom.js";
import { newKey } from "./api.js";
import { address, field, go, head, input, select } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { label, number, t } from "./words.js";

const forms = await import("./rule_form.js"); // parts of their own
const trials = await import("./rule_trial.js");
const words = await import("./rule_words.js");
const KEY = 8; // characters
const STEP = 10; // between the ranks of new tiers
const RANK_MAX = 99;

/** `publish` and `why` are the list's own: sending the ladder, and words for a refusal. */
export function editor(page, { held, form, book, key, preset, publish, why }) {
  const { program } = held;
  const known = program.tiers.find((tier) => tier.key === key);
  const from = known ?? held.presets.find((each) => each.key === preset) ?? null;
  const named = { label_zh: from?.label_zh ?? "", label_en: from?.label_en ?? "" };
  const gives = { discount_bp: 0, gift: "", service_zh: "", service_en: "", ...structuredClone(from?.benefits ?? {}) };
  gives.goods = { skus: [], styles: [], categories: [], excluded: [], ...gives.goods };
  const stays = { stay_days: from?.stay_days ?? 30 };
  const at = { below: known ? below(program, known.key) : program.tiers.at(-1)?.key ?? "" };

  const { node: trial, again } = trials.ruleTrial({ path: "/api/office/tier-trial", would: "tiers.would", asks: () => (rules.ready() ? rules.rule() : null), said: (rule) => words.said(form, rule), why, test: "tier" });
  const rules = forms.ruleForm(from?.rule, forms.TIER, { form, changed: again });

  const context = { changed: () => {}, decimals: form.decimals, options: { categories: form.categories.map((each) => [each.key, each.name]) } };
  const given = [forms.one("discount_bp", "basis_points", { maximum: 10_000 }), forms.one("goods", "fields", { inputs: [forms.one("categories", "texts", { label_zh: t("tiers.off_goods"), label_en: t("tiers.off_goods") })] }), forms.one("service_zh", "text"), forms.one("service_en", "text")];
  const gift = select([["", t("tiers.no_gift")], ...form.coupons.map((each) => [each.key, label(each)])], gives.gift, { test: "input-gift", onchange: (event) => { gives.gift = event.target.value; } });
  const stay = [forms.one("stay_days", "number", { maximum: 3660 })];
  const factors = book.earning.filter((rule) => rule.kind === "multiplier" && (rule.tiers.includes(key) || rule.tier_factors.some((each) => each.tier === key)));
  const where = select([["", t("tiers.lowest")], ...program.tiers.filter((tier) => tier.key !== key).map((tier) => [tier.key, t("tiers.above", { name: label(tier) })])], at.below, { test: "tier-place", onchange: (event) => { at.below = event.target.value; } });
  const text = (name) => { const control = input({ value: named[name], maxlength: "60", test: `tier-${name}`, oninput: () => { named[name] = control.value; } }); return field(t(`tiers.${name}`), control); };

  const save = el("button.btn.pri", { test: "tier-save", onclick: async () => {
    const zh = named.label_zh.trim();
    if (!zh || !rules.ready() || !forms.ready([...given, ...stay], { ...gives, ...stays })) return toast(t("promo.fill_in"));
    const tier = { key: known?.key ?? unused(program, from?.key), rank: 1, label_zh: zh, label_en: named.label_en.trim() || zh, rule: rules.rule(), benefits: gives, stay_days: stays.stay_days };
    busy(save, true);
    try {
      await publish(program, { tiers: placed(program.tiers, tier, at.below) });
      toast(t("tiers.saved"));
      go("loyalty", ["tiers"]);
    } catch (problem) { toast(why(problem)); }
    busy(save, false);
  } }, t("tiers.publish"));
  const remove = () => {
    const sheet = openSheet({ name: "remove", title: t("tiers.remove_ask", { name: label(known) }), body: el("div.body.pad.col", {}, el("p", {}, t("tiers.remove_hint")), el("button.btn.bad.l.block", { test: "remove-sure", onclick: async () => {
      closeSheet(sheet, { silent: true });
      try { await publish(program, { tiers: program.tiers.filter((tier) => tier !== known) }); go("loyalty", ["tiers"]); } catch (problem) { toast(why(problem)); }
    } }, t("tiers.remove"))) });
  };

  page.append(head({ title: known ? label(known) : t("tiers.new"), sub: known ? t("tiers.has", { n: number(held.members[known.key] ?? 0) }) : "", back: { href: address("loyalty", ["tiers"]), words: t("loyalty.tiers") },
    actions: [known ? el("button.btn.bad", { test: "tier-remove", onclick: remove }, t("tiers.remove")) : "", save] }),
  el("div.main-side.wide", {}, el("div.col.wide-gap", {},
    el("section.card.pad.col", {}, el("h2", {}, t("tiers.called")), el("div.two", {}, text("label_zh"), text("label_en"), field(t("tiers.place"), where))),
    el("section.card.pad.col", {}, el("h2", {}, t("tiers.asks")), rules.node),
    el("section.card.pad.col", {}, el("h2", {}, t("tiers.gives")), el("div.two", {}, ...forms.draw(given.slice(0, 1), gives, context), field(t("tiers.gift_coupon"), gift), ...forms.draw(given.slice(1), gives, context)),
      el("p.sm.mut", {}, factors.length ? factors.map(label).join(" · ") : t("tiers.no_factor")), el("a.btn", { href: address("loyalty", ["points"]) }, t("tiers.factor_where"))),
    el("section.card.pad.col", {}, el("h2", {}, t("tiers.down")), el("p.sm.mut", {}, t(`tiers.down_${program.downgrade}`, { months: program.period_months }), " ", t("tiers.warns", { n: program.warn_days })), el("div.two", {}, ...forms.draw(stay, stays, context)))),
  el("aside.card.side", {}, el("div.card-head.row", {}, el("h2", {}, t("tiers.today")), el("span.pill.end", {}, t("promo.trial_live"))), trial)));
  again();
}

const below = (program, key) => program.tiers[program.tiers.findIndex((tier) => tier.key === key) - 1]?.key ?? "";

/** A key that no tier has or had. */
function unused(program, wanted) {
  const taken = new Set(program.tiers.map((tier) => tier.key));
  if (wanted && !taken.has(wanted)) return wanted;
  return `tier_${newKey().slice(0, KEY)}`;
}

/** The ladder with `tier` above the one called `under`; ranks rise in even steps. */
function placed(tiers, tier, under) {
  const others = tiers.filter((each) => each.key !== tier.key);
  others.splice(others.findIndex((each) => each.key === under) + 1, 0, tier);
  const step = Math.max(1, Math.min(STEP, Math.floor(RANK_MAX / others.length)));
  return others.map((each, n) => ({ ...each, rank: (n + 1) * step }));
}
