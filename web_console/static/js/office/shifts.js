// Shifts: each till's float, counts and Zs, newest first; one in detail with its cash moves and drawer openings.
import { el, icon } from "../dom.js";
import { get, once, part, post } from "../api.js";
import { address, card, empty, fill, go, head, pages, table } from "../section.js";
import { toast } from "../toast.js";
import { clock, first, number, problemWord, t, tillName } from "../words.js";

const { paper } = await import("../paper.js"); // a part of its own, the form of coupons has it too

export const SECTION = {"icon": "cash", "place": 40};

const STATE = { open: "ok", closed: "", unattended: "warn" };
const stateOf = (shift) => el("span.pill", { class: `pill ${STATE[shift.state] ?? ""}` }, t(`shifts.${shift.state}`));
const tone = (amount) => (amount === null ? "" : amount.minor < 0 ? ".bad-text" : "");
const minutes = (ms) => new Intl.DateTimeFormat(document.documentElement.lang, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false }).format(ms);

function rows(list) {
  return table([
    { title: t("shifts.shift"), cell: ({ shift }) => { const words = el("span.min0", {}, el("span.cut.blk", {}, t("shifts.name", { till: tillName(shift.till), n: shift.number })), el("span.sm.mut.cut.blk.num", {}, shift.business_day)); return shift.state === "open" ? words : el("a", { href: address("shifts", [shift.shift_id]), test: `shift-${shift.till}-${shift.number}` }, words); } },
    { title: t("shifts.state"), cell: ({ shift }) => stateOf(shift) },
    { title: t("shifts.who"), wide: true, cell: ({ shift }) => el("span.sm.mut", {}, [shift.opened_by || t("shift.by_sale"), shift.closed_by].filter(Boolean).join(" → ")) },
    { title: t("shifts.sales"), num: true, wide: true, cell: (row) => (row.net ? number(row.sales) : "") },
    { title: t("shifts.net"), num: true, wide: true, cell: (row) => row.net?.text ?? "" },
    { title: t("shifts.variance"), num: true, cell: (row) => (row.variance ? [row.variance, ...row.others].map((each) => el(`span.blk${tone(each)}`, {}, each.text)) : row.net ? el("span.sm.mut", {}, t(row.shift.unknown_float ? "shifts.float_unknown" : "shifts.uncounted")) : "") },
  ], list, { label: t("office.shifts"), test: "shifts", open: ({ shift }) => shift.state !== "open" && go("shifts", [shift.shift_id]) });
}

function counts(shift) {
  const line = (held, cash) => [el("dt", {}, `${t(held.number === 1 ? "shifts.count" : "shifts.recount")} · ${held.by} ${clock(held.at_ms)}`), el("dd", {}, `${cash.counted.text} (${cash.variance.text})`)];
  return card(el("div.card-head", {}, el("h2", {}, t("shifts.counts"))),
    shift.counts.length ? el("dl.facts.pad", {}, ...shift.counts.flatMap((held) => held.cash.flatMap((cash) => line(held, cash)))) : empty("cash", t("shifts.uncounted"), t("shifts.uncounted_hint")));
}

function moves(list) {
  return card(el("div.card-head", {}, el("h2", {}, t("shifts.moves"))), list.length ? table([
    { title: t("shifts.when"), cell: (move) => el("span.num", {}, clock(move.at_ms)) },
    { title: t("shifts.what"), cell: (move) => el("span.min0", {}, el("span.cut.blk", {}, t(`move.${move.kind}`)), el("span.sm.mut.cut.blk", {}, [move.reason && t(`cash_reason.${move.reason}`), move.note].filter(Boolean).join(" · "))) },
    { title: t("shifts.who"), wide: true, cell: (move) => el("span.sm.mut", {}, [move.by, move.approved_by && t("shifts.approved", { who: move.approved_by })].filter(Boolean).join(" · ")) },
    { title: t("shifts.amount"), num: true, cell: (move) => move.amount.text },
  ], list, { label: t("shifts.moves"), test: "moves" }) : empty("cash", t("shifts.no_moves"), t("shifts.no_moves_hint")));
}

function openings(list) {
  return card(el("div.card-head", {}, el("h2", {}, t("shifts.openings"))), list.length ? table([
    { title: t("shifts.when"), cell: (opening) => el("span.num", {}, clock(opening.at_ms)) },
    { title: t("shifts.what"), cell: (opening) => el("span.min0", {}, el("span.cut.blk", {}, t(`drawer_cause.${opening.cause}`)), el("span.sm.mut.cut.blk", {}, [opening.reason && t(`cash_reason.${opening.reason}`), opening.note, opening.by].filter(Boolean).join(" · "))) },
    { title: t("shifts.open_for"), num: true, cell: (opening) => (opening.open_s === null ? "" : t("span.s", { n: number(opening.open_s) })) },
  ], list, { label: t("shifts.openings"), test: "openings" }) : empty("drawer", t("shifts.no_openings"), t("shifts.no_openings_hint")));
}

async function one(page, shift_id) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, () => get(`/api/shifts/${part(shift_id)}`), (view) => {
    const print = el("button.btn", { test: "z-copy", onclick: async () => {
      try { await once(`z${shift_id}`, (options) => post(`/api/shifts/${part(shift_id)}/copies`, {}, options)); toast(t("shift.printing")); } catch (problem) { toast(problemWord(problem)); }
    } }, icon("printer"), t("shift.print_again"));
    const { shift } = view;
    return [
      head({ title: t("shifts.z", { till: tillName(shift.till), n: view.z_no }), sub: `${shift.business_day} · ${minutes(shift.opened_at_ms)} – ${minutes(shift.closed_at_ms)}`, back: { href: address("shifts"), words: t("office.shifts") }, actions: [print] }),
      el("div.main-side", {}, el("div.col.wide-gap.min0", {}, counts(shift), moves(view.moves), openings(view.openings)),
        card(el("div.body.sheet-paper", {}, paper(view.paper)), el("div.pad.sm.mut", {}, el("div", {}, t("shifts.hash")), el("code.hash", { test: "z-hash" }, view.hash)))),
    ];
  });
}

export async function show(page, { path }) {
  if (path[0]) return one(page, path[0]);
  const found = pages({
    ask: async (before) => { const answer = await get(`/api/shifts${before ? `?before=${before}` : ""}`); return { rows: answer.rows, next: answer.next }; },
    draw: rows,
    none: () => empty("cash", t("shifts.none"), t("shifts.none_hint")),
  });
  page.append(head({ title: t("office.shifts"), sub: t("shifts.sub") }), card(found.place));
  await found.again();
}
