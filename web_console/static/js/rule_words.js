// A rule of tiers or tags as a sentence, and the numbers that it rests on.
import { first, has, number, t } from "./words.js";

export const WHOLE = 10_000; // basis points

/** "¥1,200" of minor units, with the sign of `form.zero`. */
export function money(form, minor) {
  const whole = 10 ** form.decimals;
  const text = minor % whole ? (minor / whole).toFixed(form.decimals) : number(minor / whole);
  return form.zero.replace(/[\d.,]+/, text);
}

export const percent = (bp) => `${number(bp / 100)}%`;

export const span = (window) => t(`rule.span_${window?.span ?? "rolling_months"}`, { n: window?.length ?? 12 });

const counted = (form, metric, n) => t(`rule.has_${metric}`, { n: metric === "spend_minor" ? money(form, n) : number(n) });

const names = (form, kind) => [...(kind.categories ?? []).map((key) => form.categories.find((each) => each.key === key)?.name ?? first([`category.${key}`, key])), ...(kind.styles ?? [])].join(t("list.and"));

const SAID = {
  need: (form, rule) => t("rule.need", { span: span(rule.window), what: counted(form, rule.metric, rule.least) }),
  reaches: (form, rule) => t("rule.need", { span: span(rule.window), what: counted(form, rule.fact, rule.least) }),
  share: (form, rule) => t("rule.share", { span: span(rule.window), kind: names(form, rule.kind), share: percent(rule.least_bp), n: number(rule.least_pieces ?? 3) }),
  season: (form, rule) => t("rule.season", { span: span(rule.window), kind: names(form, rule.kind), months: rule.months.join(t("list.and")), times: rule.times ?? 3, n: number(rule.least_pieces ?? 3) }),
  in_a_row: (form, rule) => t("rule.in_a_row", { span: span(rule.window), kind: names(form, rule.kind), n: number(rule.count ?? 3) }),
  average_order: (form, rule) => t("rule.average_order", { span: span(rule.window), amount: money(form, rule.least_minor), n: number(rule.least_orders ?? 2) }),
  away: (form, rule) => t((rule.most_days ?? 9999) < 9999 ? "rule.away" : "rule.away_open", { least: rule.least_days, most: rule.most_days ?? 9999 }),
};

/** What an answer rests on: "3 in a row of 3", one for each number; what is not known is left out. */
export function rests(form, numbers) {
  const shown = (key, value) => (["spend_minor", "least_minor"].includes(key) ? money(form, value) : number(value));
  return Object.entries(numbers).map(([key, value]) => [key.replace(/\.\d+$/, ""), value]).filter(([key]) => has(`evidence.${key}`)).map(([key, value]) => t(`evidence.${key}`, { n: shown(key, value) })).join(" · ");
}

/** Who said so of a tag, and on what grounds. */
export const because = (form, worn) => (worn.by_hand ? t("tags.by", { name: worn.operator || worn.operator_id, why: worn.reason ? t(`tags.reason_${worn.reason}`) : t("tags.no_reason") }) : rests(form, worn.evidence.numbers));

/** The rule in words; "" for none. */
export function said(form, rule, inside = false) {
  if (!rule) return "";
  if (rule.type !== "all" && rule.type !== "any") return SAID[rule.type](form, rule);
  const text = rule.rules.map((each) => said(form, each, true)).join(t(`rule.${rule.type}`));
  return inside && rule.rules.length > 1 ? t("rule.inside", { text }) : text;
}
