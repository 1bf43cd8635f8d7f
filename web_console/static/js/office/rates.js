// Exchange rates: what the shop gives for the notes it takes, and every version before; a manager enters the next.
import { el, icon } from "../dom.js";
import { Problem, get, once, post } from "../api.js";
import { card, empty, field, fill, head, input, pages, table } from "../section.js";
import { closeSheet, openSheet } from "../sheet.js";
import { toast } from "../toast.js";
import { clock, date, first, has, t } from "../words.js";

export const SECTION = {"icon": "exchange", "place": 70};

const WRONG_AT = { rate: "rate", far: "rate", off: "rate", time: "from" }; // which field a refusal is about

const moment = (ms) => `${date(ms)} ${clock(ms)}`;
const figure = (rate, own) => t("foreign.rate", { currency: rate.currency, rate: rate.text, own });
const address = (before) => `/api/office/exchange-rates${before ? `?before=${before}` : ""}`;

function now(view, again) {
  const row = ({ currency, rate, stale }) => el("div.swrow", { test: `rate-${currency}` },
    el("span.grow.min0", {}, el("span.b.num.cut.blk", {}, rate ? figure(rate, view.currency) : currency), el(`span.sm.cut.blk${stale || !rate ? ".warn-text" : ".mut"}`, {}, rate ? [stale && t("rates.stale"), t("rates.since", { time: moment(rate.valid_from_ms) }), rate.by, rate.source].filter(Boolean).join(" · ") : t("rates.never"))),
    el("button.btn", { test: `enter-${currency}`, "aria-label": `${t("rates.enter")} ${currency}`, onclick: () => enter(currency, rate, view.currency, again) }, icon("edit"), el("span.p-hide", {}, t("rates.enter"))));
  return el("div.list", {}, ...view.taken.map(row));
}

function enter(currency, before, own, again) {
  const rate = input({ inputmode: "decimal", maxlength: "16", placeholder: before?.text ?? "", test: "rate-text" });
  const source = input({ maxlength: "60", placeholder: t("rates.source_hint"), value: before?.source ?? "", test: "rate-source" });
  const from = input({ type: "datetime-local", test: "rate-from" });
  const fields = { rate: field(t("rates.one", { currency, own }), rate, t("rates.one_hint")), source: field(t("rates.source"), source), from: field(t("rates.from"), from, t("rates.from_hint")) };
  const wrong = el("div.bad-text", { role: "alert", test: "rate-wrong" });
  let sure = "";
  const keep = el("button.btn.pri.l.block", { type: "submit", test: "rate-keep" }, t("rates.keep"));
  const send = async (event) => {
    event.preventDefault();
    const body = { currency, rate: rate.value.trim().replace(/[。，,]/g, "."), source: source.value.trim(), valid_from: from.value.slice(0, 16), sure: sure === rate.value };
    for (const each of Object.values(fields)) each.wrong("");
    wrong.textContent = "";
    if (!/^[0-9.]+$/.test(body.rate)) return fields.rate.wrong(t("rates.why_rate"));
    keep.disabled = true;
    try {
      await once(`rate ${JSON.stringify(body)}`, (options) => post("/api/office/exchange-rates", body, options));
      closeSheet(sheet, { silent: true });
      toast(t("rates.kept", { currency }));
      again();
    } catch (problem) {
      const { why, before: last } = problem instanceof Problem ? problem.details : {};
      if (why === "far") sure = rate.value;
      keep.textContent = t(why === "far" ? "rates.keep_sure" : "rates.keep");
      const words = !(problem instanceof Problem) ? t("office.lost") : why && has(`rates.why_${why}`) ? t(`rates.why_${why}`, { last }) : first([`error.${problem.code}`, "error.other"]);
      if (fields[WRONG_AT[why]]) fields[WRONG_AT[why]].wrong(words);
      else wrong.textContent = words;
    }
    keep.disabled = false;
  };
  const sheet = openSheet({ name: "rate", title: t("rates.title", { currency }), body: el("form.body.pad.col", { onsubmit: send }, fields.rate, fields.source, fields.from, wrong, keep) });
  rate.focus();
}

const history = (own) => (rows) => table([
  { title: t("rates.entered"), cell: (each) => el("span.min0", {}, el("span.num.blk", {}, moment(each.entered_at_ms)), el("span.sm.mut.cut.blk", {}, each.by)) },
  { title: t("rates.rate"), cell: (each) => el("span.min0", {}, el("span.num.blk", {}, figure(each, own)), each.valid_from_ms !== each.entered_at_ms && el("span.sm.mut.blk", {}, t("rates.since", { time: moment(each.valid_from_ms) }))) },
  { title: t("rates.source"), wide: true, cell: (each) => each.source },
], rows, { label: t("rates.history"), test: "rates-history" });

export async function show(page) {
  const place = el("div.col.wide-gap");
  const again = () => fill(place, () => get(address("")), (view) => {
    const off = card(empty("exchange", t("rates.off"), t("rates.off_hint")));
    const before = pages({ ask: async (before) => { const answer = before ? await get(address(before)) : view; return { rows: answer.history, next: answer.next }; }, draw: history(view.currency), none: () => empty("history", t("rates.no_history"), t("rates.no_history_hint")) });
    before.again();
    const kept = card(el("div.card-head", {}, el("h2", {}, t("rates.history"))), before.place);
    return view.taken.length ? [card(el("div.card-head", {}, el("h2", {}, t("rates.now"))), now(view, again)), kept] : view.history.length ? [off, kept] : [off];
  });
  page.append(head({ title: t("office.rates"), sub: t("rates.sub") }), place);
  await again();
}
