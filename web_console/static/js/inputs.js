// A form drawn from its description: every input writes into a plain object as somebody types.
import { parsed, written } from "./decimals.js";
import { el, icon } from "./dom.js";
import { field, input, select } from "./section.js";
import { first, lang, t } from "./words.js";

const label = (held) => (lang === "en" ? held.label_en : held.label_zh);
const list = (text) => text.split(/[,，、;；\s]+/).filter(Boolean);

/** A text field whose text becomes a value, or is marked as wrong. */
function typed(held, values, { read, show, changed, suffix, ...props }) {
  const control = input({ value: values[held.key] === null || values[held.key] === undefined ? "" : show(values[held.key]), test: `input-${held.key}`, ...props });
  const node = field(suffix ? t("form.unit", { label: label(held), unit: suffix }) : label(held), control);
  control.addEventListener("input", () => {
    const value = read(control.value);
    const wrong = value === null || (held.maximum && typeof value === "number" && (value < held.minimum || value > held.maximum));
    node.wrong(wrong ? t("form.wrong") : "");
    values[held.key] = wrong ? null : value;
    changed();
  });
  return node;
}

function toggle(held, values, changed) {
  const button = el("button.sw", { role: "switch", "aria-checked": String(Boolean(values[held.key])), "aria-label": label(held), test: `input-${held.key}`, onclick: () => {
    values[held.key] = !values[held.key];
    button.setAttribute("aria-checked", String(values[held.key]));
    changed();
  } });
  return el("div.swrow.flat.full", {}, el("span.grow", {}, label(held)), button);
}

/** Several of a few: weekdays, categories. */
function several(held, values, options, changed) {
  const chosen = new Set(values[held.key] ?? []);
  const buttons = options.map(([value, words]) => el("button.btn.chip", { "aria-pressed": String(chosen.has(value)), test: `input-${held.key}-${value}`, onclick: (event) => {
    chosen.has(value) ? chosen.delete(value) : chosen.add(value);
    event.currentTarget.setAttribute("aria-pressed", String(chosen.has(value)));
    values[held.key] = options.map(([each]) => each).filter((each) => chosen.has(each));
    changed();
  } }, words));
  return el("div.fld.full", { role: "group", "aria-label": label(held) }, el("span", {}, label(held)), el("div.chips", {}, ...buttons));
}

function rows(held, values, context) {
  const place = el("div.col");
  const draw = () => place.replaceChildren(...values[held.key].map((row, n) => el("div.row.tops", {}, el("div.two.grow", {}, ...inputs(held.inputs, row, context)),
    values[held.key].length > Math.max(1, held.minimum) ? el("button.btn.ghost.sq", { "aria-label": t("form.remove"), test: `remove-${held.key}-${n}`, onclick: () => { values[held.key].splice(n, 1); draw(); context.changed(); } }, icon("trash")) : null)),
  !held.maximum || values[held.key].length < held.maximum ? el("button.btn", { test: `add-${held.key}`, onclick: () => { values[held.key].push(fresh(held.inputs)); draw(); context.changed(); } }, icon("plus"), t("form.add")) : null);
  if (!values[held.key]?.length) values[held.key] = [fresh(held.inputs)];
  draw();
  return el("div.fld.full", {}, el("span", {}, label(held)), place);
}

/** An object with every input's first value. */
export function fresh(described) {
  return Object.fromEntries(described.map((held) => [held.key, structuredClone(held.unit === "fields" ? { ...fresh(held.inputs), ...held.value } : held.unit === "rows" && !held.value?.length ? [fresh(held.inputs)] : held.value)]));
}

const DRAWN = {
  minor: (held, values, { changed, decimals }) => typed(held, values, { changed, suffix: t("form.money"), inputmode: "decimal", read: (text) => (text.trim() ? parsed(text, decimals) : held.required ? null : 0), show: (value) => (value ? written(value, decimals) : "") }),
  basis_points: (held, values, { changed }) => typed(held, values, { changed, suffix: "%", inputmode: "decimal", read: (text) => parsed(text, 2), show: (value) => written(value, 2).replace(/\.?0+$/, "") }),
  number: (held, values, { changed }) => typed(held, values, { changed, inputmode: "numeric", read: (text) => (text.trim() ? parsed(text, 0) : held.required ? null : held.value), show: (value) => (value || held.required ? String(value) : "") }),
  minute: (held, values, { changed }) => typed(held, values, { changed, type: "time", read: (text) => (text ? Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5)) : held.value), show: (value) => (value % 1440 === 0 && value === held.value ? "" : `${String(Math.floor(value / 60) % 24).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`) }),
  day: (held, values, { changed }) => typed(held, values, { changed, type: "date", read: (text) => text, show: (value) => value }),
  text: (held, values, { changed }) => typed(held, values, { changed, maxlength: "100", read: (text) => text.trim(), show: (value) => value }),
  texts: (held, values, { changed, options }) => (options?.[held.key] ? several(held, values, options[held.key], changed) : typed(held, values, { changed, placeholder: t("form.list"), read: list, show: (value) => value.join(", ") })),
  numbers: (held, values, { changed }) => (held.key === "weekdays" ? several(held, values, [1, 2, 3, 4, 5, 6, 7].map((n) => [n, t(`weekday.${n}`)]), changed)
    : typed(held, values, { changed, placeholder: "8, 18, 28", read: (text) => { const all = list(text).map(Number); return all.every((n) => Number.isInteger(n) && n >= 1 && n <= 31) ? all : null; }, show: (value) => value.join(", ") })),
  switch: (held, values, { changed }) => toggle(held, values, changed),
  choice: (held, values, { changed }) => field(label(held), select(held.choices.map((value) => [value, first([`choice.${value}`, value])]), values[held.key], { test: `input-${held.key}`, onchange: (event) => { values[held.key] = event.target.value; changed(); } })),
  rows,
  fields: (held, values, context) => el("div.two.full", { role: "group", "aria-label": label(held) }, ...inputs(held.inputs, values[held.key], context)),
};
DRAWN.pieces = DRAWN.number;

/** context: {changed, decimals, options: {key: [[value, words]]}} */
export function inputs(described, values, context) {
  return described.map((held) => {
    if (!(held.key in values)) values[held.key] = structuredClone(held.value);
    return (DRAWN[held.unit] ?? DRAWN.text)(held, values, context);
  });
}

/** Whether nothing that was typed is wrong, and nothing that is needed is missing. */
export function complete(described, values) {
  return described.every((held) => {
    const value = values[held.key];
    if (value === null || value === undefined) return false;
    if (held.unit === "rows") return value.every((row) => complete(held.inputs, row));
    return held.unit === "fields" ? complete(held.inputs, value) : true;
  });
}
