// Tiers of members: the ladder in words, and the form of one with how many it would take today.
import { busy, el, icon } from "./dom.js";
import { Problem, get, part, post, put } from "./api.js";
import { card, empty, field, fill, address, go, head, input, seg, select, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { first, label, lang, number, t } from "./words.js";

const PAUSE_MS = 300;
const STEP = 10; // between the ranks of new tiers
const RANK_MAX = 99;
let words = null; // come when a page is opened
let forms = null;

const why = (problem) => (problem instanceof Problem ? first([`tiers.why_${problem.details.why}`, `error.${problem.code}`, "error.other"], problem.details) : t("office.lost"));

/** What a tier gives, as short words. */
function benefits(tier, form) {
  const held = tier.benefits ?? {};
  const coupon = form.coupons.find((each) => each.key === held.gift);
  return [held.discount_bp ? t("tiers.off", { share: words.percent(held.discount_bp) }) : "", held.gift ? t("tiers.gift", { name: coupon ? label(coupon) : held.gift }) : "", lang === "en" ? held.service_en : held.service_zh].filter(Boolean).join(" · ");
}

export async function showTiers(page, path, query) {
  const place = el("div.col.wide-gap");
  page.append(place);
  const asked = async () => { words ??= await import("./rule_words.js"); return Promise.all([get("/api/office/tiers"), get(`/api/office/loyalty-form?lang=${lang}`), get("/api/office/points/rules")]); };
  if (!path[0]) return fill(place, asked, ([held, form]) => list(held, form, () => showTiers(page, path, query)));
  forms ??= await import("./rule_form.js");
  await fill(place, asked, ([held, form, points]) => {
    const inside = el("div.col.wide-gap");
    editor(inside, held, form, points.book, path[0], query.get("preset") ?? "");
    return inside;
  });
}

function list(held, form) {
  const { program } = held;
  const fresh = held.presets.filter((each) => !program.tiers.some((tier) => tier.key === each.key));
  const rows = [...program.tiers].reverse();
  return [
    head({ title: t("loyalty.tiers"), sub: t("tiers.sub"), actions: [el("a.btn.pri", { href: address("loyalty", ["tiers", "new"]), test: "new-tier" }, icon("plus"), t("tiers.new"))] }),
    card(rows.length ? table([
      { title: t("tiers.name"), cell: (tier) => el("a", { href: address("loyalty", ["tiers", tier.key]), test: `tier-${tier.key}` }, el("span.min0", {}, el("span.b.blk", {}, label(tier)), el("span.sm.mut.blk", {}, words.said(form, tier.rule)))) },
      { title: t("tiers.gives"), wide: true, cell: (tier) => benefits(tier, form) || "–" },
      { title: t("tiers.members"), num: true, cell: (tier) => number(held.members[tier.key] ?? 0) },
    ], rows, { label: t("loyalty.tiers"), test: "tiers", open: (tier) => go("loyalty", ["tiers", tier.key]) }) : empty("card", t("tiers.none"), t("tiers.none_hint"))),
    fresh.length ? card(el("div.card-head", {}, el("h2", {}, t("tiers.presets"))), el("div.list", {}, ...fresh.map((preset) => el("a.swrow.go", { href: address("loyalty", ["tiers", "new"], { preset: preset.key }), test: `preset-${preset.key}` },
      el("span.grow.min0", {}, el("span.b.blk", {}, label(preset)), el("span.sm.mut.blk", {}, [words.said(form, preset.rule), benefits(preset, form)].filter(Boolean).join(" · "))), icon("plus"))))) : null,
    program.tiers.length ? card(el("div.card-head.row", {}, el("h2", {}, t("tiers.down")), el("span.end"), el("button.btn", { test: "down-edit", onclick: () => down(program) }, icon("edit"), t("tiers.change"))),
      el("p.pad", { test: "down" }, t(`tiers.down_${program.downgrade}`, { months: program.period_months }), " ", t("tiers.warns", { n: program.warn_days }))) : null,
  ];
}

const publish = (program, change) => put("/api/office/tiers", { seen_version: program.version, tiers: program.tiers, downgrade: program.downgrade, period_months: program.period_months, warn_days: program.warn_days, ...change });

const reopen = () => dispatchEvent(new HashChangeEvent("hashchange"));

/** How somebody falls, and when they are told before. */
function down(program) {
  const wanted = { downgrade: program.downgrade };
  const months = input({ inputmode: "numeric", value: String(program.period_months), test: "down-months" });
  const warn = input({ inputmode: "numeric", value: String(program.warn_days), test: "down-warn" });
  const wrong = el("div.bad-text", { role: "alert" });
  const save = el("button.btn.pri.l.block", { test: "down-save", onclick: async () => {
    if (![months, warn].every(({ value }) => /^\d{1,3}$/.test(value.trim()))) { wrong.textContent = t("form.wrong"); return; }
    busy(save, true);
    try {
      await publish(program, { ...wanted, period_months: Number(months.value), warn_days: Number(warn.value) });
      closeSheet(sheet, { silent: true });
      toast(t("tiers.saved"));
      reopen();
    } catch (problem) { wrong.textContent = why(problem); }
    busy(save, false);
  } }, t("members.save"));
  const sheet = openSheet({ name: "down", title: t("tiers.down"), body: el("div.body.pad.col", {},
    seg(t("tiers.down"), [["one_down", t("tiers.one_down")], ["to_earned", t("tiers.to_earned")]], program.downgrade, (value) => { wanted.downgrade = value; }, "down"),
    el("div.two", {}, field(t("tiers.months"), months), field(t("tiers.warn_days"), warn)), wrong, save) });
}

function editor(page, held, form, book, key, preset) {
  const { program } = held;
  const known = program.tiers.find((tier) => tier.key === key);
  const from = known ?? held.presets.find((each) => each.key === preset) ?? null;
  const named = { label_zh: from?.label_zh ?? "", label_en: from?.label_en ?? "" };
  const gives = { discount_bp: 0, gift: "", service_zh: "", service_en: "", ...structuredClone(from?.benefits ?? {}) };
  gives.goods = { skus: [], styles: [], categories: [], excluded: [], ...gives.goods };
  const stays = { stay_days: from?.stay_days ?? 30 };
  const at = { below: known ? below(program, known.key) : program.tiers.at(-1)?.key ?? "" };

  const trial = el("div.pad.col.tightcol", { "aria-live": "polite", test: "tier-trial" });
  let pause = 0;
  let turn = 0;
  const again = () => {
    clearTimeout(pause);
    pause = setTimeout(async () => {
      const mine = ++turn;
      if (!rules.ready()) return trial.replaceChildren(el("div.sm.mut", {}, t("tiers.fill_first")));
      try {
        const found = await post("/api/office/tier-trial", { rule: rules.rule() });
        if (mine === turn) trial.replaceChildren(el("div.b.num.xl", { test: "tier-would" }, t("tiers.would", { n: number(found.members) })), el("div.sm.mut", {}, t("tiers.would_of", { n: number(found.of) })), el("p.gap-top", { test: "tier-words" }, words.said(form, rules.rule())));
      } catch (problem) { if (mine === turn) trial.replaceChildren(el("div.sm.mut", {}, why(problem))); }
    }, PAUSE_MS);
  };
  const rules = forms.ruleForm(from?.rule, forms.TIER, { form, changed: again });

  const context = { changed: () => {}, decimals: form.decimals, options: { categories: form.categories.map((each) => [each.key, each.name]) } };
  const given = [forms.one("discount_bp", "basis_points", { maximum: 10_000 }), forms.one("goods", "fields", { inputs: [forms.one("categories", "texts")] }), forms.one("service_zh", "text"), forms.one("service_en", "text")];
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
      el("p.sm.mut", {}, factors.length ? factors.map(label).join(" · ") : t("tiers.no_factor"), " ", el("a.crumb", { href: address("loyalty", ["points"]) }, t("tiers.factor_where")))),
    el("section.card.pad.col", {}, el("h2", {}, t("tiers.down")), el("p.sm.mut", {}, t(`tiers.down_${program.downgrade}`, { months: program.period_months }), " ", t("tiers.warns", { n: program.warn_days })), el("div.two", {}, ...forms.draw(stay, stays, context)))),
  el("aside.card.side", {}, el("div.card-head.row", {}, el("h2", {}, t("tiers.today")), el("span.pill.end", {}, t("promo.trial_live"))), trial)));
  again();
}

const below = (program, key) => program.tiers[program.tiers.findIndex((tier) => tier.key === key) - 1]?.key ?? "";

/** A key that no tier has. */
function unused(program, wanted) {
  const taken = new Set(program.tiers.map((tier) => tier.key));
  if (wanted && !taken.has(wanted)) return wanted;
  let n = 1;
  while (taken.has(`tier_${n}`)) n += 1;
  return `tier_${n}`;
}

/** The ladder with `tier` above the one called `under`; ranks rise in even steps. */
function placed(tiers, tier, under) {
  const others = tiers.filter((each) => each.key !== tier.key);
  others.splice(others.findIndex((each) => each.key === under) + 1, 0, tier);
  const step = Math.max(1, Math.min(STEP, Math.floor(RANK_MAX / others.length)));
  return others.map((each, n) => ({ ...each, rank: (n + 1) * step }));
}
