// A kind of coupon as a sentence, and what is refused of coupons.
import { Problem } from "./api.js";
import { first, has, lang, number, t } from "./words.js";

const { money } = await import("./rule_words.js");
const listed = (values) => values.join(t("list.and"));
const time = (minute) => `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

function worth(form, draft) {
  const face = money(form, draft.face_minor ?? 0);
  if (draft.kind === "amount") return t(draft.min_spend_minor ? "coupons.says_amount_from" : "coupons.says_amount", { face, least: money(form, draft.min_spend_minor ?? 0) });
  if (draft.kind !== "percent") return t(`coupons.says_${draft.kind}`, { face });
  return [t("coupons.says_percent", { share: lang === "en" ? number(draft.face_bp / 100) : number((10_000 - draft.face_bp) / 1000) }), draft.min_spend_minor && t("coupons.says_least", { least: money(form, draft.min_spend_minor) }), draft.face_minor && t("coupons.says_most", { face })].filter(Boolean).join(t("coupons.comma"));
}

function goods(form, { categories = [], styles = [], skus = [], excluded = [] } = {}) {
  const name = (key) => form.categories.find((each) => each.key === key)?.name ?? key;
  const named = [...categories.map(name), ...styles, ...skus];
  return [named.length && t("coupons.says_goods", { goods: listed(named) }), excluded.length && t("coupons.says_never", { goods: listed(excluded.map(name)) })];
}

function window({ weekdays = [], month_days = [], from_minute = 0, to_minute = 1440 } = {}) {
  return [weekdays.length && listed(weekdays.map((day) => t(`weekday.${day}`))), month_days.length && t("coupons.says_month_days", { days: listed(month_days) }), (from_minute || to_minute < 1440) && `${time(from_minute)}–${time(to_minute)}`];
}

const validity = (draft) => (draft.to_day ? t(draft.from_day ? "coupons.says_dates" : "coupons.says_to", { from: draft.from_day, to: draft.to_day }) : t(draft.wait_days ? "coupons.says_wait" : "coupons.says_days", { days: draft.days, wait: draft.wait_days }));

/** The rules in plain words, the worth first. `form` is that of the rules of members. */
export function said(form, draft) {
  const occasion = draft.occasion && t(draft.occasion === "receipt" && draft.occasion_min_minor ? "coupons.says_receipt_from" : `coupons.says_${draft.occasion}`, { least: money(form, draft.occasion_min_minor ?? 0) });
  return [worth(form, draft), ...goods(form, draft.goods), validity(draft), ...window(draft.window), draft.stores?.length && t("coupons.says_stores", { stores: listed(draft.stores) }), occasion, draft.stackable && t("coupons.says_stackable"), draft.bearer && t("coupons.says_bearer"), draft.transferable && t("coupons.says_transferable")].filter(Boolean).join(" · ");
}

/** What was refused, in words: the field that is the matter, or why the coupon cannot. */
export function refusal(problem) {
  if (!(problem instanceof Problem)) return t("office.lost");
  const { reason = "", why = "" } = problem.details;
  const key = problem.code === "coupon_template_refused" ? `coupons.wrong_${reason.split(":")[0]}` : `coupons.why_${why}`;
  return has(key) ? t(key, problem.details) : first([`error.${problem.code}`, "error.other"]);
}
