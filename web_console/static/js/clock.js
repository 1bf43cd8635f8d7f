// Clocking in and out at any till, by PIN; whoever is signed on there stays so.
import { el, icon } from "./dom.js";
import { get, once, post } from "./api.js";
import { closeSheet, openSheet } from "./sheet.js";
import { clock, first, t } from "./words.js";

const { PinSheet } = await import("./pinsheet.js"); // a part of its own: the till's page would have it

/** `mine` opens the hours of whoever is signed on; absent on the lock screen. */
export async function openClock({ till, mine }) {
  const [people, present] = await Promise.all([get("/api/staff", { quiet: true }), get("/api/attendance/now", { quiet: true })]);
  const since = new Map(present.map((each) => [each.staff_id, each.since_ms]));
  let direction = "";
  const ways = ["in", "out"].map((way) => el("button.btn.l", { "aria-pressed": "false", data: { way }, test: `clock-${way}`, onclick: () => go(way) }, t(`clock.${way}`)));
  const sheet = new PinSheet({
    name: "clock", title: t("clock.title"), people, ask: t("clock.who"),
    side: [el("div.chips.even", { role: "group", "aria-label": t("clock.way") }, ...ways), mine ? el("button.btn.ghost", { test: "clock-mine", onclick: () => { sheet.end(() => {}); mine(); } }, icon("clock"), t("clock.mine")) : null],
    missing: () => (direction ? "" : t("clock.way_first")),
    send: (staff_id, pin) => once(`clock ${staff_id} ${direction}`, (key) => post("/api/attendance", { staff_id, pin, till, direction }, { ...key, quiet: true })),
    done: clocked,
    refusal: (problem) => first([`attendance.${problem.details.why}`, `error.${problem.code}`, "error.other"]),
  });
  for (const card of sheet.cards) {
    const at_ms = since.get(card.dataset.id);
    if (at_ms) card.querySelector(".sm").textContent = t("clock.since", { at: clock(at_ms) });
    card.addEventListener("click", () => choose(at_ms ? "out" : "in"));
  }
  if (sheet.chosen) choose(since.has(sheet.chosen.staff_id) ? "out" : "in");

  function choose(way) {
    direction = way;
    for (const button of ways) button.setAttribute("aria-pressed", String(button.dataset.way === way));
  }

  function go(way) {
    choose(way);
    sheet.say(null);
    sheet.go();
  }
}

/** What was written down, large enough to be read while walking on. */
function clocked(spanned) {
  const out = spanned.state !== "open";
  const at = (out ? spanned.ended : spanned.began).slice(11);
  const sheet = openSheet({ name: "clocked", title: t("clock.title"), body: el("div.body.pad.col.mid", {},
    el("div.lg.b", { test: "clocked-who" }, spanned.name), el("div.huge.b.num", { test: "clocked-at" }, at),
    el("div.mut", { test: "clocked-what" }, spanned.asks ? t("clock.doubtful") : out ? t("clock.done_out", { h: Math.floor(spanned.worked_min / 60), m: spanned.worked_min % 60 }) : t("clock.done_in")),
    el("button.btn.pri.l.block", { test: "clocked-ok", onclick: () => closeSheet(sheet) }, t("clock.ok"))) });
  sheet.box.querySelector("[data-test=clocked-ok]").focus({ preventScroll: true });
}
