// Everybody's hours of one month, with what a manager must say a word about first.
import { el, icon } from "./dom.js";
import { get, part } from "./api.js";
import { hoursText, openCorrection, spanRow, spanText, thisMonth } from "./hours.js";
import { card, empty, field, fill, input, select, stay } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { monthText } from "./staff_words.js";
import { t } from "./words.js";

export async function showMonth(place, query) {
  let month = /^\d{4}-\d\d$/.test(query.get("month") ?? "") ? query.get("month") : thisMonth();
  const list = el("div.col");
  const again = () => fill(list, () => get(`/api/attendance?month=${month}`), draw);
  const chosen = input({ type: "month", value: month, "aria-label": t("staff.month"), test: "month", onchange: () => {
    if (!chosen.value) return;
    month = chosen.value;
    stay("staff", ["hours"], { month });
    again();
  } });
  place.append(el("div.tools", {}, chosen, el("button.btn", { test: "hours-add", onclick: () => choose(again) }, icon("plus"), t("hours.add"))), list);
  await again();

  function draw({ people }) {
    if (!people.length) return card(empty("clock", t("staff.no_hours", { month: monthText(month) }), t("hours.none_hint")));
    return [...people].sort((a, b) => b.asks - a.asks).map((person) => card(
      el("div.row.card-head", {}, el("h2.grow.cut", {}, person.name), person.asks ? el("span.pill.warn", {}, t("staff.asks", { n: person.asks })) : null, el("span.sm.mut", {}, t("staff.days", { n: person.days })), el("b.b.num", {}, hoursText(person.worked_min))),
      el("div.list", {}, ...person.spans.map((span) => spanRow(span, () => open(span, again))))));
  }
}

/** What was clocked and every correction, then the form for another one. */
async function open(span, again) {
  if (!span.corrections) return openCorrection({ staff_id: span.staff_id, span, done: again });
  const versions = await get(`/api/attendance/spans/${part(span.span_id)}`);
  const line = (each) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.blk.num", {}, each.began ? spanText(each) : t("staff.never")), el("span.blk.sm.mut", {}, each.n ? `${each.operator}${each.approver === each.operator ? "" : ` · ${each.approver}`} · ${each.reason}` : t("staff.clocked"))));
  const sheet = openSheet({ name: "versions", title: span.name, body: el("div.body.list", {}, ...versions.map(line),
    el("div.pad", {}, el("button.btn.l.block", { test: "correct-again", onclick: () => { closeSheet(sheet); openCorrection({ staff_id: span.staff_id, span, done: again }); } }, t("hours.correct")))) });
}

/** Hours that nobody clocked: whose they are comes first. */
async function choose(again) {
  const people = await get("/api/staff");
  const who = select(people.map((person) => [person.staff_id, person.name]), people[0]?.staff_id, { test: "hours-who" });
  const sheet = openSheet({ name: "whose", title: t("hours.add"), body: el("div.body.pad.col", {}, field(t("staff.name"), who),
    el("button.btn.pri.l.block", { test: "whose-go", onclick: () => { closeSheet(sheet); openCorrection({ staff_id: who.value, span: null, done: again }); } }, t("staff.go_on"))) });
}
