// The dictionary: one JSON file a language, shared with the templates.
export const lang = document.documentElement.dataset.lang === "en" ? "en" : "zh";
export const locale = lang === "en" ? "en-GB" : "zh-CN";

const response = await fetch(new URL(`../words/${lang}.json`, import.meta.url), { credentials: "same-origin" });
const words = await response.json();

const dayFormat = new Intl.DateTimeFormat(lang === "en" ? locale : "sv-SE", { year: "numeric", month: lang === "en" ? "short" : "2-digit", day: lang === "en" ? "numeric" : "2-digit" });
/** The day of a moment as people write it: 2026-11-24, 24 Nov 2026 (the Swedes write days as the Chinese do). */
export const date = (ms) => dayFormat.format(ms);
/** The same of a day as the gateway names it; anything else as it is. */
export const day = (text) => (lang === "en" && /^\d{4}-\d\d-\d\d$/.test(text) ? date(new Date(`${text}T12:00`)) : text);

/** `{n}` is replaced; `{n|piece|pieces}` chooses by number. Days are written as people write them. */
function fill(text, values) {
  return text
    .replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (_, key, one, many) => (Number(values[key]) === 1 ? one : many))
    .replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(day(values[key])) : whole));
}

/** The name of something that the gateway names in both languages. */
export const label = (named) => (lang === "en" ? named.label_en : named.label_zh);

export const has = (key) => key in words;

export const t = (key, values = {}) => fill(words[key] ?? key, values);

/** The first key the dictionary knows. */
export const first = (keys, values = {}) => t(keys.find(has) ?? keys[keys.length - 1], values); // or the last, as it is

export const deviceWord = (kind, code) => first([`health.${kind}.${code}`, `health.${code}`, "health.other"], { code });

export function problemWord({ code, details = {} }) {
  const why = `coupons.why_${details.why}`;
  if (code === "coupon_refused" && has(why)) return t("coupons.cannot", { why: t(why) });
  return has(`error.${code}`) ? t(`error.${code}`, details) : t("error.other");
}

const clockFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
const secondFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const numberFormat = new Intl.NumberFormat(locale);

export const clock = (ms) => clockFormat.format(ms);
export const clockSeconds = (ms) => secondFormat.format(ms);
export const number = (n) => numberFormat.format(n);

/** How long something has been so, in the largest whole unit. */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return t("span.s", { n: seconds });
  if (seconds < 3600) return t("span.m", { n: Math.floor(seconds / 60) });
  if (seconds < 172800) return t("span.h", { n: Math.floor(seconds / 3600) });
  return t("span.d", { n: Math.floor(seconds / 86400) });
}

export function setLanguage(next) {
  document.cookie = `lang=${next};path=/;max-age=31536000;samesite=lax`;
  location.reload();
}

export function tillName(till) {
  const digits = /(\d+)$/.exec(till);
  return digits ? t("till.number", { n: Number(digits[1]) }) : till;
}
