// The editor of a rule: conditions, all or any of them, groups inside groups.
import { el, icon } from "./dom.js";
const { complete, fresh, inputs } = await import("./inputs.js"); // a part of its own: what two parts import, every page would load
import { seg } from "./section.js";
import { first, locale, t } from "./words.js";

const DEPTH_MAX = 3; // groups in a group; the gateway takes four levels
const SPANS = ["rolling_months", "rolling_days", "month", "year", "ever"];
const FACTS = ["spend_minor", "visits", "orders", "categories", "stores"];
const COUNT_MAX = 9_999;
const LEAST_MAX = 1e12;

/** A description of one input, as the gateway's own forms have it. */
export function one(key, unit, props = {}) {
  const words = t(`rule.input_${props.word ?? key}`);
  const begin = { choice: props.choices?.[0], texts: [], numbers: [], switch: false, text: "", day: "", fields: {} };
  return { key, unit, label_zh: words, label_en: words, minimum: 0, maximum: 0, required: false, value: begin[unit] ?? 0, choices: [], inputs: [], ...props };
}

const asked = (key, unit, props = {}) => one(key, unit, { minimum: 1, maximum: COUNT_MAX, required: true, ...props });
const amount = (key) => asked(key, "minor", { maximum: LEAST_MAX, value: null });
const rolling = (values) => !["month", "year", "ever"].includes(values.window?.span);
const span = (values) => one("window", "fields", { value: { span: "rolling_months", length: 12 }, inputs: [one("span", "choice", { choices: SPANS }), ...(rolling(values) ? [asked("length", "number", { maximum: 1000, value: 12 })] : [])] });
const kind = () => one("kind", "fields", { inputs: [one("categories", "texts"), one("styles", "texts")] });
const measure = (key, choices, values) => [one(key, "choice", { choices }), (values[key] ?? choices[0]) === "spend_minor" ? amount("least") : asked("least", "number", { value: null }), span(values)];

/** What each kind of condition asks, from what it holds now. */
export const TIER = { need: (values) => measure("metric", [...FACTS, "referrals", "points"], values) };
export const TAG = {
  reaches: (values) => measure("fact", FACTS, values),
  average_order: (values) => [amount("least_minor"), asked("least_orders", "number", { value: 2 }), span(values)],
  share: (values) => [kind(), asked("least_bp", "basis_points", { maximum: 10_000, value: 5_000 }), asked("least_pieces", "number", { value: 3 }), span(values)],
  season: (values) => [kind(), one("months", "texts", { required: true }), asked("times", "number", { maximum: 100, value: 3 }), asked("least_pieces", "number", { value: 3 }), span(values)],
  in_a_row: (values) => [kind(), asked("count", "number", { minimum: 2, maximum: 100, value: 3 }), span(values)],
  away: () => [one("least_days", "number", { minimum: 0, maximum: COUNT_MAX, required: true, value: 90 }), one("most_days", "number", { minimum: 0, maximum: COUNT_MAX, required: true, value: COUNT_MAX })],
};

const isGroup = (rule) => rule.type === "all" || rule.type === "any";
const grouped = (rule) => (rule && isGroup(rule) ? structuredClone(rule) : { type: "all", rules: rule ? [structuredClone(rule)] : [] });

/** {node, rule() -> the rule as the gateway takes it, ready()}; `kinds` is TIER or TAG. */
export function ruleForm(rule, kinds, { form, changed }) {
  const root = grouped(rule ?? null);
  const types = Object.keys(kinds);
  const make = (type) => { const values = { type }; Object.assign(values, fresh(kinds[type](values))); return values; };
  if (!root.rules.length) root.rules.push(make(types[0]));
  const named = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });
  const months = Array.from({ length: 12 }, (_, n) => [n + 1, named.format(Date.UTC(2000, n))]);
  const place = el("div");

  function leaf(values, remove, path) {
    const node = el("div.col.grow.min0");
    const lacking = (values.kind?.categories ?? []).filter((key) => !form.categories.some((each) => each.key === key)).map((key) => [key, first([`category.${key}`, key])]); // of an example: this shop has none of it yet
    const categories = [...form.categories.map((each) => [each.key, each.name]), ...lacking];
    const context = { decimals: form.decimals, options: { categories, months }, changed: () => changed() };
    const shape = () => JSON.stringify(kinds[values.type](values).map(({ key, unit, inputs: more }) => [key, unit, more.length]));
    let drawn = "";
    const draw = () => {
      drawn = shape();
      const described = kinds[values.type](values);
      const choose = types.length > 1 ? el("select.inp", { "aria-label": t("rule.kind"), test: `kind-${path}`, onchange: (event) => { const fresh_ = make(event.target.value); for (const key of Object.keys(values)) delete values[key]; Object.assign(values, fresh_); again(); } }, ...types.map((type) => el("option", { value: type, selected: type === values.type }, t(`rule.kind_${type}`)))) : "";
      node.replaceChildren(choose, lacking.length ? el("p.note.warn", { test: `strange-${path}` }, t("rule.not_here", { names: lacking.map(([, name]) => name).join(t("list.and")) })) : "", el("div.two", {}, ...inputs(described, values, context)));
    };
    const again = () => { const held = document.activeElement?.dataset?.test; draw(); if (held) node.querySelector(`[data-test="${held}"]`)?.focus(); changed(); };
    const unit = () => (values.metric ?? values.fact) === "spend_minor";
    let paid = unit();
    context.changed = () => {
      if (shape() === drawn) return changed();
      if (unit() !== paid) values.least = null; // amounts are no counts
      paid = unit();
      again();
    };
    draw();
    return el("div.row.tops", { test: `condition-${path}` }, node, remove ? el("button.btn.ghost.sq", { "aria-label": t("form.remove"), test: `remove-${path}`, onclick: remove }, icon("trash")) : null);
  }

  function group(held, remove, path, depth) {
    const redraw = () => { draw(); changed(); };
    const off = (n) => (held.rules.length > 1 ? () => { held.rules.splice(n, 1); redraw(); } : remove && held.rules.length === 1 ? remove : null);
    const parts = held.rules.map((each, n) => (isGroup(each) ? group(each, () => { held.rules.splice(n, 1); redraw(); }, `${path}${n}.`, depth + 1) : leaf(each, off(n), `${path}${n}`)));
    return el(depth ? "div.card.pad.col" : "div.col.wide-gap", {},
      held.rules.length > 1 ? seg(t("rule.how"), [["all", t("rule.how_all")], ["any", t("rule.how_any")]], held.type, (type) => { held.type = type; changed(); }, `how-${path || "top"}`) : null,
      ...parts, el("div.row.wrap", {},
        el("button.btn", { test: `add-condition${path && `-${path}`}`, onclick: () => { held.rules.push(make(types[0])); redraw(); } }, icon("plus"), t("rule.add")),
        depth + 1 < DEPTH_MAX ? el("button.btn.ghost", { test: `add-group${path && `-${path}`}`, onclick: () => { held.rules.push({ type: held.type === "all" ? "any" : "all", rules: [make(types[0])] }); redraw(); } }, t("rule.add_group")) : null));
  }

  const draw = () => place.replaceChildren(group(root, null, "", 0));
  draw();
  const ready = (held = root) => (isGroup(held) ? held.rules.every((each) => ready(each)) : complete(kinds[held.type](held), held));
  return { node: place, ready: () => ready(), rule: () => (root.rules.length === 1 && !isGroup(root.rules[0]) ? root.rules[0] : root) };
}

export const draw = inputs;
export const ready = complete;
