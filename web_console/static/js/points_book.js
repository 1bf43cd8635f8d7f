// The rules of the points, all in one book: what earns them, what they are good for, tried on a sale as one types.
import { busy, el, icon } from "./dom.js";
import { Problem, get, newKey, post, put } from "./api.js";
import { card, field, fill, head, input, seg, select, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { clock, date, first, label, lang, number, t } from "./words.js";

const PAUSE_MS = 300;
const SAMPLE_MINOR = 29_900;
const TWICE = 20_000; // basis points of a factor
const ONCE = 10_000;
const KEY = 8; // characters
const BOUND = { points: 1_000_000, minor: 100_000_000, days: 366 };
const WINDOW = { from_day: "", to_day: "", weekdays: [], month_days: [], from_minute: 0, to_minute: 1440 };
const GOODS = { skus: [], styles: [], categories: [], excluded: [] };
const EARNING = { kind: "multiplier", label_zh: "", label_en: "", points: 0, factor_bp: TWICE, tier_factors: [], goods: GOODS, window: WINDOW, birthday: "", tiers: [], threshold_minor: 0, reevaluate: false, group: "" };
const REWARD = { kind: "service", label_zh: "", label_en: "", points: 100, pay_minor: 0, item: "", window: WINDOW, tiers: [], per_member: 0, pieces: 0 };
let words = null; // come when the page is opened
let forms = null;

const why = (problem) => (problem instanceof Problem ? first([`points.why_${problem.details.why}`, `tiers.why_${problem.details.why}`, `error.${problem.code}`, "error.other"], problem.details) : t("office.lost"));
const count = (key, maximum = BOUND.points) => forms.one(key, "number", { maximum, word: `points_${key}` });
const sum = (key) => forms.one(key, "minor", { maximum: BOUND.minor, word: `points_${key}` });
const times = (bp) => number(bp / ONCE);

export async function showPoints(page) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, async () => {
    words ??= await import("./rule_words.js");
    forms ??= await import("./rule_form.js");
    return Promise.all([get("/api/office/points/rules"), get(`/api/office/loyalty-form?lang=${lang}`), get("/api/office/points/rules/versions")]);
  }, ([held, form, versions]) => {
    const inside = el("div.col.wide-gap");
    editor(inside, held, form, versions, () => { page.replaceChildren(); showPoints(page); });
    return inside;
  });
}

/** When something holds, in words; "" for always. */
function span(window) {
  const parts = [];
  if (window.from_day || window.to_day) parts.push(window.from_day === window.to_day ? window.from_day : t("promo.span", { from: window.from_day || t("promo.at_once"), to: window.to_day || t("promo.open_end") }));
  if (window.weekdays.length) parts.push(window.weekdays.map((n) => t("points.weekday", { day: t(`weekday.${n}`) })).join(t("list.and")));
  if (window.month_days.length) parts.push(t("points.month_days", { days: window.month_days.join(t("list.and")) }));
  return parts.join(" · ");
}

const tierNames = (form, keys) => keys.map((key) => { const tier = form.tiers.find((each) => each.key === key); return tier ? label(tier) : key; }).join(t("list.and"));

function earns(rule, form) {
  const goods = [...rule.goods.categories.map((key) => form.categories.find((each) => each.key === key)?.name ?? key), ...rule.goods.styles, ...rule.goods.skus].join(t("list.and"));
  const factors = rule.tier_factors.map((each) => t("points.tier_factor", { tier: tierNames(form, [each.tier]), times: times(each.factor_bp) }));
  const gives = rule.kind === "multiplier" ? (rule.factor_bp > ONCE ? [t("points.times", { times: times(rule.factor_bp) })] : []).concat(factors).join(" · ") : t(`points.gives_${rule.kind}`, { n: number(rule.points) });
  return [gives, goods, rule.threshold_minor ? t("points.from", { amount: words.money(form, rule.threshold_minor) }) : "", rule.birthday ? t(`points.birthday_${rule.birthday}`) : "", rule.tiers.length ? tierNames(form, rule.tiers) : "", span(rule.window)].filter(Boolean).join(" · ");
}

const costs = (reward, form) => [t("points.costs", { n: number(reward.points) }), reward.pay_minor ? t("points.pays", { amount: words.money(form, reward.pay_minor) }) : "", t(`points.reward_${reward.kind}`), reward.tiers.length ? tierNames(form, reward.tiers) : "", span(reward.window)].filter(Boolean).join(" · ");

function editor(page, held, form, versions, again) {
  const book = structuredClone(held.book);
  const sample = { amount_minor: SAMPLE_MINOR, category: "", tier: "", day: form.today, first: false, birthday: false };
  const told = el("div.col.tightcol", { "aria-live": "polite", test: "points-trial" });
  let pause = 0;
  let turn = 0;
  const changed = () => {
    clearTimeout(pause);
    const mine = ++turn;
    pause = setTimeout(async () => {
      if (!ready() || !sample.amount_minor || !sample.day) return told.replaceChildren(el("div.sm.mut", {}, t("points.fill_first")));
      try {
        const found = await post("/api/office/points-trial", { ...sample, book, lang });
        if (mine !== turn) return;
        told.replaceChildren(el("div.b.xl", { test: "points-would" }, t("points.would", { n: number(found.points) })), el("div.sm.mut", {}, t("points.would_for", { amount: words.money(form, sample.amount_minor), who: sample.tier ? tierNames(form, [sample.tier]) : t("points.anybody"), day: sample.day })),
          ...found.reasons.map((each) => el("div.row.sm", { test: "reason-row" }, el("span.grow", {}, each.why), el("span.num.b", {}, `+${number(each.points)}`))));
      } catch (problem) { if (mine === turn) told.replaceChildren(el("div.bad-text.sm", {}, why(problem))); }
    }, PAUSE_MS);
  };
  const context = { changed, decimals: form.decimals, options: { categories: form.categories.map((each) => [each.key, each.name]), tiers: form.tiers.map((each) => [each.key, label(each)]) } };
  const goods = () => forms.one("goods", "fields", { inputs: [forms.one("categories", "texts"), forms.one("styles", "texts")] });
  const tiers = () => (form.tiers.length ? [forms.one("tiers", "texts", { word: "points_tiers" })] : []);
  const window_ = () => forms.one("window", "fields", { inputs: [forms.one("from_day", "day"), forms.one("to_day", "day"), forms.one("weekdays", "numbers"), forms.one("month_days", "numbers"), forms.one("from_minute", "minute", { maximum: 1440 }), forms.one("to_minute", "minute", { maximum: 1440, value: 1440 })] });

  const parts = {
    terms: [count("points"), { ...sum("per_minor"), minimum: 1, required: true }, forms.one("rounding", "choice", { choices: ["floor", "half_up", "ceil"] }), count("pending_days", BOUND.days), count("valid_months", 120), count("grace_days", BOUND.days), forms.one("clawback", "choice", { choices: ["only_pending", "within_balance", "unlimited"] }), forms.one("excluded", "fields", { inputs: [forms.one("categories", "texts", { word: "points_excluded" })] })],
    discount: [count("points"), sum("minor"), count("least"), forms.one("share_bp", "basis_points", { maximum: ONCE })],
    check_in: [count("points"), count("jokers", 31), count("valid_s", 600)],
    referral: [count("referrer_points"), count("newcomer_points"), sum("least_minor"), count("window_days", BOUND.days), count("per_month", 9999)],
  };
  const ready = () => Object.entries(parts).every(([key, described]) => forms.ready(described, book[key])) && book.check_in.ladder.every((step) => step.days && step.points);
  const section = (key, ...more) => el("section.card.pad.col", { test: `part-${key}` }, el("h2", {}, t(`points.${key}`)), el("p.sm.mut", {}, t(`points.${key}_is`)), el("div.two", {}, ...forms.draw(parts[key], book[key], context)), ...more);

  /** A list of rules that open in a sheet. */
  function listed(key, fresh, say, ask) {
    const place = el("div");
    const draw = () => place.replaceChildren(book[key].length ? el("div.list", {}, ...book[key].map((each, n) => el("button.swrow.go", { test: `${key}-${n}`, onclick: () => open(each, n) }, el("span.grow.min0", {}, el("span.b.cut.blk", {}, label(each)), el("span.sm.mut.blk", {}, say(each, form))), icon("edit")))) : el("div.swrow.mut.sm", {}, t(`points.no_${key}`)));
    const open = (each, n) => ask(structuredClone(each), (after) => { if (!after) book[key].splice(n, 1); else book[key][n] = after; draw(); changed(); }, n < book[key].length);
    draw();
    return card(el("div.card-head.row", {}, el("h2", {}, t(`points.${key}`)), el("span.end"), el("button.btn", { test: `${key}-add`, onclick: () => open(fresh(), book[key].length) }, icon("plus"), t("points.add"))), place);
  }

  /** The sheet of one rule or reward. `described(values)` asks what belongs to its kind. */
  function sheetOf(title, values, kinds, described, check, done, known) {
    const place = el("div.two");
    const local = { ...context, changed: () => {} };
    const names = [forms.one("label_zh", "text", { word: "points_label_zh" }), forms.one("label_en", "text", { word: "points_label_en" })];
    const draw = () => place.replaceChildren(...forms.draw(names, values, local), ...extra(values), ...forms.draw(described(values), values, local));
    const wrong = el("div.bad-text", { role: "alert" });
    const save = el("button.btn.pri.l.block", { test: "rule-save", onclick: () => {
      values.label_zh ||= values.label_en;
      if (!values.label_zh || !forms.ready(described(values), values) || !check(values)) { wrong.textContent = t("promo.fill_in"); return; }
      values.label_en ||= values.label_zh;
      closeSheet(sheet, { silent: true });
      done(values);
    } }, t("points.take"));
    const sheet = openSheet({ name: "rule", kind: "counter-sheet", title, body: el("div.body.stacked", {}, el("div.pad.col", {}, seg(t("points.kind"), kinds.map((kind) => [kind, t(`points.kind_${kind}`)]), values.kind, (kind) => { values.kind = kind; draw(); }, "kind"), place), el("div.foot.col", {}, wrong, save,
      known ? el("button.btn.bad.l.block", { test: "rule-remove", onclick: () => { closeSheet(sheet, { silent: true }); done(null); } }, t("points.remove")) : "")) });
    draw();
  }

  /** What the gateway's forms have no input for: a factor, a birthday, a coupon. */
  function extra(values) {
    if ("factor_bp" in values && values.kind === "multiplier") {
      const factor = input({ inputmode: "decimal", value: times(values.factor_bp), test: "input-factor", oninput: () => { const n = Number(factor.value); values.factor_bp = n >= 1 && n <= 100 ? Math.round(n * ONCE) : 0; } });
      return [field(t("points.factor"), factor), birthday(values), ...form.tiers.map((tier) => tierFactor(values, tier))];
    }
    if ("factor_bp" in values) return [birthday(values)];
    return values.kind === "coupon" ? [field(t("points.coupon"), select([["", "–"], ...form.coupons.map((each) => [each.key, label(each)])], values.item, { test: "input-coupon", onchange: (event) => { values.item = event.target.value; } }), t("points.coupon_hint"))] : [];
  }
  /** How many times for one tier, where that is more than for all. */
  function tierFactor(values, tier) {
    const held_ = values.tier_factors.find((each) => each.tier === tier.key);
    const control = input({ inputmode: "decimal", value: held_ ? times(held_.factor_bp) : "", test: `input-factor-${tier.key}`, oninput: () => {
      const n = Number(control.value);
      values.tier_factors = values.tier_factors.filter((each) => each.tier !== tier.key);
      if (n > 1 && n <= 100) values.tier_factors.push({ tier: tier.key, factor_bp: Math.round(n * ONCE) });
      node.wrong(!control.value || (n >= 1 && n <= 100) ? "" : t("form.wrong"));
    } });
    const node = field(t("points.factor_of", { tier: label(tier) }), control);
    return node;
  }
  const birthday = (values) => field(t("points.birthday"), select([["", t("points.birthday_any")], ["month", t("points.birthday_month")], ["day", t("points.birthday_day")]], values.birthday, { test: "input-birthday", onchange: (event) => { values.birthday = event.target.value; } }));

  const askEarning = (values, done, known) => sheetOf(t("points.earning"), values, ["multiplier", "article", "purchase", "first_purchase"],
    (held_) => [...(held_.kind === "multiplier" ? [] : [count("points")]), sum("threshold_minor"), forms.one("reevaluate", "switch", { word: "points_reevaluate" }), ...tiers(), goods(), window_(), forms.one("group", "text", { word: "points_group" })],
    (held_) => {
      if (held_.kind === "multiplier") { held_.points = 0; return held_.factor_bp > ONCE || (held_.factor_bp === ONCE && held_.tier_factors.some((each) => each.factor_bp > ONCE)); }
      held_.factor_bp = ONCE;
      held_.tier_factors = [];
      return held_.points > 0;
    }, done, known);
  const askReward = (values, done, known) => sheetOf(t("points.rewards"), values, ["goods", "coupon", "service"],
    (held_) => [count("points"), ...(held_.kind === "goods" ? [forms.one("item", "text", { word: "points_item" })] : []), count("per_member", 9999), count("pieces"), ...tiers(), window_()],
    (held_) => { if (held_.kind === "service") held_.item = ""; held_.pay_minor = 0; return held_.points > 0 && (held_.kind === "service" || held_.item); }, done, known);

  const fresh = (shape, key) => () => ({ [key]: `r_${newKey().slice(0, KEY)}`, ...structuredClone(shape) });
  const double = () => askEarning({ ...fresh(EARNING, "rule_id")(), [`label_${lang}`]: t("points.double"), window: { ...structuredClone(WINDOW), from_day: form.today, to_day: form.today } }, (rule) => { book.earning.push(rule); redraw(); }, false);
  const earning = el("div");
  const redraw = () => { earning.replaceChildren(listed("earning", fresh(EARNING, "rule_id"), earns, askEarning)); changed(); };

  const ladder = el("div.col");
  const drawLadder = () => ladder.replaceChildren(...book.check_in.ladder.map((step, n) => el("div.row.tops", {}, el("div.two.grow", {}, ...forms.draw([{ ...count("days", BOUND.days), required: true }, { ...count("points"), word: "points_extra", required: true }], step, context)),
    el("button.btn.ghost.sq", { "aria-label": t("form.remove"), test: `ladder-remove-${n}`, onclick: () => { book.check_in.ladder.splice(n, 1); drawLadder(); changed(); } }, icon("trash")))),
  el("button.btn", { test: "ladder-add", onclick: () => { book.check_in.ladder.push({ days: (book.check_in.ladder.at(-1)?.days ?? 0) + 7, points: 10 }); drawLadder(); changed(); } }, icon("plus"), t("points.ladder_add")));

  const save = el("button.btn.pri", { test: "points-save", onclick: async () => {
    if (!ready()) return toast(t("promo.fill_in"));
    busy(save, true);
    try {
      const made = await put("/api/office/points/rules", { seen_version: held.version, book });
      toast(t("points.saved", { n: made.version }));
      again();
    } catch (problem) { toast(why(problem)); }
    busy(save, false);
  } }, t("tiers.publish"));

  const tick = (key) => { const button = el("button.sw", { role: "switch", "aria-checked": "false", "aria-label": t(`points.sample_${key}`), test: `sample-${key}`, onclick: () => { sample[key] = !sample[key]; button.setAttribute("aria-checked", String(sample[key])); changed(); } }); return el("div.swrow.flat", {}, el("span.grow", {}, t(`points.sample_${key}`)), button); };
  const amount = forms.draw([{ ...sum("amount_minor"), required: true, minimum: 1 }], sample, context);
  const pick = (key, options) => field(t(`points.sample_${key}`), select([["", t(`points.sample_any_${key}`)], ...options], sample[key], { test: `sample-${key}`, onchange: (event) => { sample[key] = event.target.value; changed(); } }));
  const day = input({ type: "date", value: sample.day, test: "sample-day", oninput: () => { sample.day = day.value; changed(); } });

  redraw();
  drawLadder();
  page.append(head({ title: t("loyalty.points"), sub: held.version ? t("points.since", { n: held.version, time: `${date(held.since_ms)} ${clock(held.since_ms)}`, name: held.operator }) : t("points.sub"), actions: [el("button.btn", { test: "double", onclick: double }, icon("calendar"), t("points.double_add")), save] }),
    el("div.main-side.wide", {}, el("div.col.wide-gap", {}, section("terms"), earning, section("discount"), listed("rewards", fresh(REWARD, "reward_id"), costs, askReward), section("check_in", el("div.fld.full", {}, el("span", {}, t("points.ladder")), ladder)), section("referral"),
      versions.length ? card(el("div.card-head", {}, el("h2", {}, t("promo.versions"))), table([
        { title: t("promo.version"), cell: (each) => number(each.version) }, { title: t("promo.since"), cell: (each) => `${date(each.since_ms)} ${clock(each.since_ms)}` }, { title: t("points.who"), cell: (each) => each.operator },
      ], versions, { label: t("promo.versions"), test: "points-versions" })) : ""),
    el("aside.card.side", {}, el("div.card-head.row", {}, el("h2", {}, t("points.trial")), el("span.pill.end", {}, t("promo.trial_live"))), el("div.pad.col", {}, told, el("div.two", {}, ...amount, field(t("points.sample_day"), day), pick("tier", context.options.tiers), pick("category", context.options.categories)), tick("first"), tick("birthday")))));
}
