// Time at work: one person's month, everybody's month for a manager, and writing down what is right.
import { el, icon } from "./dom.js";
import { approved } from "./approve.js";
import { Lost, get, once, post } from "./api.js";
import { closeSheet, openSheet } from "./sheet.js";
import { monthText } from "./staff_words.js";
import { first, locale, number, t } from "./words.js";

const REASON_MAX = 200;
const dayFormat = new Intl.DateTimeFormat(locale, { month: "numeric", day: "numeric", weekday: "short", timeZone: "UTC" });

export const hoursText = (minutes) => t("hours.sum", { h: number(Math.floor(minutes / 60)), m: minutes % 60 });
export const dayText = (day) => dayFormat.format(Date.parse(day));

/** "09:00 – 18:30", with the day where the end is another one; a dash for an end that nobody knows. */
export function spanText(span) {
  const end = span.ended ? (span.ended.slice(0, 10) === span.began.slice(0, 10) ? span.ended.slice(11) : `${dayText(span.ended.slice(0, 10))} ${span.ended.slice(11)}`) : "—";
  return `${span.began.slice(11) || "—"} – ${end}`;
}

const LEVELS = { open: "info", closed: "ok", corrected: "ok", unattended: "warn", doubtful: "warn" };
const statePill = (span) => el(`span.pill.${LEVELS[span.state] ?? "warn"}`, {}, t(`hours.${span.state}`));

export function spanRow(span, correct) {
  return el("div.swrow", { test: `span-${span.span_id}` }, el("span.grow.min0", {}, el("span.blk.b.num", {}, dayText(span.business_day)), el("span.blk.sm.mut.num", {}, spanText(span))),
    span.worked_min ? el("span.num", {}, hoursText(span.worked_min)) : null, statePill(span),
    el("button.btn.sq", { "aria-label": t("hours.correct_day", { day: dayText(span.business_day) }), test: "correct", onclick: () => correct(span) }, icon("edit")));
}

export const thisMonth = () => {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}`;
};

/** The hours of whoever is signed on. */
export async function openMine({ staff_id }) {
  const change = (span) => openCorrection({ staff_id, span, done: async () => list.replaceChildren(...draw(await ask())) });
  const draw = (mine) => [
    el("div.swrow", {}, el("span.grow", {}, monthText(thisMonth())), el("b.b.num.lg", { test: "hours-sum" }, hoursText(mine.worked_min))),
    ...(mine.spans.length ? [...mine.spans].reverse().map((span) => spanRow(span, change)) : [el("div.empty", {}, el("span.halo", {}, icon("clock", "l")), el("b.b", {}, t("hours.none")), el("p.sm.mut", {}, t("hours.none_hint")))]),
    el("div.pad", {}, el("button.btn.block", { test: "hours-add", onclick: () => change(null) }, icon("plus"), t("hours.add"))),
  ];
  const ask = () => get(`/api/attendance/mine?month=${thisMonth()}`);
  const list = el("div.body.list", {}, ...draw(await ask()));
  openSheet({ name: "hours", title: t("clock.mine"), body: list });
}

const named = (label, control) => el("label.fld.grow", {}, el("span", {}, label), control);

/** A form for what is right; a manager's PIN is asked for in place where this person needs one. */
export function openCorrection({ staff_id, span, day = "", done }) {
  const value = (at, size) => (span ? at.slice(...size) : "");
  const date = el("input.inp", { type: "date", value: span?.business_day ?? day, disabled: Boolean(span), test: "hours-day" });
  const from = el("input.inp", { type: "time", value: value(span?.began ?? "", [11]), test: "hours-from" });
  const until = el("input.inp", { type: "time", value: value(span?.ended ?? "", [11]), test: "hours-until" });
  const reason = el("input.inp", { maxlength: String(REASON_MAX), autocomplete: "off", test: "hours-reason" });
  const wrong = el("div.bad-text", { role: "alert", test: "hours-wrong" });
  const save = el("button.btn.pri.l.block", { test: "hours-save", onclick: () => send() }, t("hours.save"));
  const sheet = openSheet({ name: "correction", title: span ? t("hours.correct") : t("hours.add"), body: el("div.body.pad.col", {},
    named(t("hours.day"), date), el("div.row", {}, named(t("hours.from"), from), named(t("hours.until"), until)), named(t("hours.reason"), reason), wrong, save) });

  async function send() {
    if (!date.value || !from.value || !until.value || !reason.value.trim()) { wrong.textContent = t("hours.all"); return; }
    wrong.textContent = "";
    save.disabled = true;
    const began = `${after(span?.began, date.value, from.value)}T${from.value}`;
    const ended = `${until.value > from.value ? began.slice(0, 10) : next(began.slice(0, 10))}T${until.value}`;
    const body = { staff_id, span_id: span?.span_id ?? null, began, ended, reason: reason.value.trim() };
    try {
      const answer = await approved("attendance_correct", (approval) => once(`hours ${JSON.stringify(body)}`, (key) => post("/api/attendance/corrections", approval ? { ...body, approval } : body, key)), { reason: body.reason });
      if (answer) { closeSheet(sheet); await done(answer); }
    } catch (problem) {
      wrong.textContent = problem instanceof Lost ? t("pin.unheard") : first([`attendance.${problem.details?.why}`, `error.${problem.code}`, "error.other"]);
    }
    save.disabled = false;
  }
}

const next = (day) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/** The date on the wall: a span that began after midnight stays on its business day and on that date. */
const after = (began, day, from) => (began && began.slice(0, 10) !== day && from < "12:00" ? began.slice(0, 10) : day);
