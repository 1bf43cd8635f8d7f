// The till's shift: the float, cash in and out, a look, the blind count, the Z.
import { busy, el, icon, say } from "./dom.js";
import { Problem, get, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { Counting } from "./counting.js";
import { pad, deleteKey } from "./pad.js";
import { paper } from "./paper.js";
import { closeSheet, openSheet } from "./sheet.js";
import { accepted } from "./sound.js";
import { hideToast, toast } from "./toast.js";
import { clock, problemWord, t } from "./words.js";

const SKIPPED = "shift:skipped";
const TYPED_MAX = 11;
const MOVES = ["pay_in", "pay_out", "drop", "loan"];

const wordOf = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
const ask = () => get("/api/till/shift");

/** A sheet whose keys go to `key` first; answers the sheet. */
function sheetOf(name, title, body, { kind = "", key, foot, onclose } = {}) {
  hideToast(); // of the step before: on a phone it would lie on the pad
  const sheet = openSheet({ name, title, kind, body: foot ? el("div.body.stacked", {}, body, foot) : body, onclose });
  if (key) sheet.box.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey) return;
    if (key(event.key)) event.preventDefault();
  });
  return sheet;
}

/** Sends once however often it is pressed; what went wrong is said under the button. */
function action(words, test, send, { pri = true } = {}) {
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: `${test}-why` });
  const button = el(`button.btn.xl.block${pri ? ".pri" : ""}`, { test, onclick: async () => {
    busy(button, true);
    why.textContent = "";
    try {
      await send();
    } catch (problem) {
      why.textContent = wordOf(problem);
      if (!(problem instanceof Problem) && problem.name !== "Error") throw problem;
    } finally {
      busy(button, false);
    }
  } }, words);
  return { button, why, node: el("div.foot.col", {}, why, button) };
}

function reasons(list, chosen, changed) {
  const chips = list.map((name) => el("button.btn", { "aria-pressed": String(name === chosen()), test: `reason-${name}`, onclick: () => {
    changed(name);
    for (const chip of chips) chip.setAttribute("aria-pressed", String(chip === button(name)));
  } }, t(`cash_reason.${name}`)));
  const button = (name) => chips[list.indexOf(name)];
  return el("div.chips", { role: "group", "aria-label": t("shift.reason") }, ...chips);
}

const noteField = () => el("input.inp", { maxlength: "200", autocomplete: "off", placeholder: t("shift.note"), "aria-label": t("shift.note"), test: "shift-note" });

/** After signing on: asks for what this till still lacks, unless it was put off on this tablet. */
export async function greet(free) {
  const view = await ask();
  if (!free()) return;
  const key = view.shift?.shift_id ?? view.uncounted?.shift_id ?? "none";
  try { if (sessionStorage.getItem(SKIPPED) === key && view.shift) return; } catch { /* private window */ }
  if (view.uncounted) return countLate(view);
  askFloat(view);
}

function askFloat(view) {
  const counting = new Counting(view.drawers);
  const send = async (counts) => {
    const key = JSON.stringify(counts);
    const after = await once(`open${key}`, (options) => post("/api/till/shift", counts ? { counts } : {}, options));
    try { if (!counts) sessionStorage.setItem(SKIPPED, after.shift.shift_id); } catch { /* private window */ }
    closeSheet(sheet, { silent: true });
    toast(t(counts ? "shift.opened" : "shift.float_later"));
  };
  const open = action(t("shift.open"), "shift-open", () => send(counting.counts()));
  counting.told = (text) => { open.why.textContent = text; };
  const skip = el("button.btn.l.block.ghost", { test: "shift-skip", onclick: () => send(null).catch((problem) => { open.why.textContent = wordOf(problem); }) }, t("shift.skip"));
  open.node.append(skip);
  const sheet = sheetOf("float", t("shift.float"), el("div.col", {}, el("p.sm.mut.lead", {}, t("shift.float_hint")), counting.node), { kind: "counter-sheet", key: keysOf(counting), foot: open.node });
}

const NAMES = { Backspace: "del", Delete: "clear", ArrowDown: "next", ArrowUp: "back" };
const keysOf = (counting) => (key) => counting.press(NAMES[key] ?? key);

/** Counting blind: nothing of what ought to be there is on this page until the count is kept. */
function askCount(view, shift, then, hint = "shift.count_hint") {
  const counting = new Counting(view.drawers);
  const keep = action(t("shift.count_keep"), "count-keep", async () => {
    const counts = counting.counts();
    const after = await once(`count${shift.shift_id}${shift.counts.length}${JSON.stringify(counts)}`, (options) => post("/api/till/shift/count", { shift_id: shift.shift_id, counts }, options));
    closeSheet(sheet, { silent: true });
    then(after);
  });
  counting.told = (text) => { keep.why.textContent = text; };
  const sheet = sheetOf("count", t("shift.count"), el("div.col", {}, el("p.sm.mut.lead", {}, t(hint)), counting.node), { kind: "counter-sheet", key: keysOf(counting), foot: keep.node });
}

function countLate(view) {
  askCount(view, view.uncounted, (after) => {
    const shift = after.uncounted ?? { ...view.uncounted, counts: [] };
    toast(t("shift.late_kept", { day: shift.business_day }));
    if (!after.shift) askFloat(after);
  }, "shift.late_hint");
}

const tone = (amount) => (amount.minor < 0 ? "bad" : amount.minor > 0 ? "warn" : "ok");
const outcome = (amount) => t(amount.minor < 0 ? "shift.short" : amount.minor > 0 ? "shift.over" : "shift.exact");

const floatUnknown = () => el("div.note.warn", {}, icon("alert", "l"), el("div.grow", {}, el("b", {}, t("shift.float_unknown")), el("p", {}, t("shift.float_unknown_hint"))));

function comparison(cash, unknown, several) {
  const row = (words, amount, test) => el("div.row", {}, el("span.grow.mut", {}, words), el("span.num.b.lg", { test }, amount.text));
  return el("div.col.compare", {}, several && el("h3", {}, cash.counted.currency), row(t("shift.counted"), cash.counted, "counted"), row(t("shift.expected"), cash.expected, "expected"),
    !unknown && el("div.chg", { class: `chg ${tone(cash.variance)}`, test: "variance" }, el("span.b", {}, outcome(cash.variance)), el("span.num", {}, cash.variance.text)));
}

/** What the count came to, and closing with it. */
function reveal(view) {
  const { shift } = view;
  const last = shift.counts[shift.counts.length - 1];
  if (!last) return askCount(view, shift, reveal, "shift.again_hint"); // cash moved before the answer came
  let reason = "";
  const note = noteField();
  const why = view.needs_reason ? [el("div.b", {}, t("shift.why")), reasons(view.reasons.variance, () => reason, (name) => { reason = name; }), note] : [];
  const close = action(t("shift.close"), "shift-close", async () => {
    const body = { shift_id: shift.shift_id, reason, note: note.value.trim() };
    const z = await once(`close${JSON.stringify(body)}`, (options) => approved("variance", (approval) => post("/api/till/shift/close", approval ? { ...body, approval } : body, options), { reason: note.value.trim() || (reason ? t(`cash_reason.${reason}`) : "") }));
    if (!z) return;
    closeSheet(sheet, { silent: true });
    accepted();
    showReport(z);
  });
  const again = view.recount ? el("button.btn.l.block", { test: "recount", onclick: () => { closeSheet(sheet, { silent: true }); askCount(view, shift, reveal, "shift.recount_hint"); } }, t("shift.recount")) : null;
  if (again) close.node.insertBefore(again, close.button);
  const sheet = sheetOf("reveal", t("shift.result"), el("div.col.pad", {}, ...last.cash.map((cash) => comparison(cash, shift.unknown_float, last.cash.length > 1)), shift.unknown_float && floatUnknown(), ...why), { foot: close.node });
  say(last.cash.map((cash) => `${outcome(cash.variance)} ${cash.variance.text}`).join(", "), true);
}

/** An X or a Z, as it is printed. */
function showReport(view) {
  const print = view.z_no ? el("button.btn.l.block", { test: "z-copy", onclick: async () => {
    try { await once(`z${view.shift.shift_id}`, (options) => post(`/api/shifts/${part(view.shift.shift_id)}/copies`, {}, options)); toast(t("shift.printing")); } catch (problem) { toast(wordOf(problem)); }
  } }, icon("printer"), t("shift.print_again")) : null;
  const title = view.z_no ? t("shift.z", { n: view.z_no }) : t("shift.x");
  sheetOf("report", title, el("div.body.sheet-paper", { tabindex: "0", "aria-label": title }, paper(view.paper)), { foot: print ? el("div.foot.col", {}, print) : null });
}

/** The typed text as whole minor units: no fractions are ever computed. */
function minorOf(text, places) {
  const [whole, fraction = ""] = text.split(".");
  return Number(whole + fraction.slice(0, places).padEnd(places, "0"));
}

function moveCash(view, kind, then = () => {}) {
  let drawer, places, sign;
  const into = (each) => {
    drawer = each;
    places = (drawer.zero.text.split(".")[1] ?? "").length;
    sign = /^[^\d-]*/.exec(drawer.zero.text)[0];
  };
  into(view.drawers[0]);
  const kinds = el("div.seg", { role: "group", "aria-label": t("count.currency"), hidden: view.drawers.length < 2 }, ...view.drawers.map((each) => el("button", { test: `move-${each.currency}`, "aria-pressed": String(each === drawer), onclick: (event) => {
    into(each);
    press("clear");
    for (const tab of kinds.children) tab.setAttribute("aria-pressed", String(tab === event.currentTarget));
  } }, each.currency)));
  let text = "";
  let reason = "";
  const amount = el("span.num.grow.ra", { test: "move-amount" }, "—");
  const note = noteField();
  const press = (key) => {
    if (key === "clear") text = "";
    else if (key === "del") text = text.slice(0, -1);
    else if (key === ".") text = places && !text.includes(".") ? `${text || "0"}.` : text;
    else if (/^(\d|00)$/.test(key)) text = (text === "0" ? "" : text) + key;
    else return false;
    if (text.length > TYPED_MAX || (text.split(".")[1] ?? "").length > places) text = text.slice(0, -1);
    amount.textContent = text ? sign + text : "—";
    return true;
  };
  const go = action(t(`move.${kind}`), "move-go", async () => {
    if (!text || !minorOf(text, places)) { go.why.textContent = t("move.enter"); return; }
    if (!reason) { go.why.textContent = t("shift.choose_reason"); return; }
    const body = { kind, currency: drawer.currency, amount_minor: minorOf(text, places), reason, note: note.value.trim() };
    const moved = await once(`move${JSON.stringify(body)}`, (options) => approved(kind === "pay_out" ? "cash_out" : "cash_in", (approval) => post("/api/till/cash-moves", approval ? { ...body, approval } : body, options), { reason: note.value.trim() || t(`cash_reason.${reason}`) }));
    if (!moved) return;
    closeSheet(sheet, { silent: true });
    then();
    accepted();
    toast(t("move.done", { what: t(`move.${kind}`), amount: moved.amount.text }));
  });
  const left = el("div.col", {}, el("div.seg-row", {}, kinds), el("div.b", {}, t("shift.reason")), reasons(view.reasons[kind], () => reason, (name) => { reason = name; }), note, el("p.sm.mut", {}, t(`move.${kind}_hint`)));
  const right = el("div.col.count-side", {}, el("div.amt", {}, el("span.mut", {}, t("move.amount")), amount, deleteKey(press, "move-key-del", "button.del")), pad(press, { left: ".", right: "00", prefix: "move-key" }));
  const sheet = sheetOf("move", t(`move.${kind}`), el("div.counting", {}, left, right), { kind: "counter-sheet", key: (key) => press(NAMES[key] ?? key), foot: go.node });
}

/** What the till says while its drawer holds too much, with the way to drop some of it. */
export function dropNote() {
  const node = el("div.note.warn", { role: "status", test: "drop-note" }, icon("alert", "l"), el("div.grow", {}, el("b", {}, t("drop.title")), el("p", {}, t("drop.text"))),
    el("button.btn", { test: "drop-go", onclick: async () => {
      try { moveCash(await ask(), "drop", () => node.remove()); } catch (problem) { toast(wordOf(problem)); }
    } }, t("move.drop")));
  return node;
}

function releaseDrawer(view) {
  let reason = "";
  const note = noteField();
  const go = action(t("drawer.open"), "drawer-go", async () => {
    if (!reason) { go.why.textContent = t("shift.choose_reason"); return; }
    const body = { reason, note: note.value.trim() };
    const job = await once(`drawer${JSON.stringify(body)}`, (options) => approved("no_sale", (approval) => post("/api/till/drawer", approval ? { ...body, approval } : body, options), { reason: t(`cash_reason.${reason}`) }));
    if (!job) return;
    closeSheet(sheet, { silent: true });
    toast(t("drawer.opening"));
  });
  const sheet = sheetOf("drawer", t("drawer.title"), el("div.col.pad", {}, el("p.sm.mut", {}, t("drawer.hint")), reasons(view.reasons.no_sale, () => reason, (name) => { reason = name; }), note), { foot: go.node });
}

/** The menu's entry: how the till stands, and what can be done. */
export async function openShift() {
  let view;
  try { view = await ask(); } catch (problem) { return toast(wordOf(problem)); }
  const { shift } = view;
  const go = (name, words, test, then) => el("button.swrow.go", { test, onclick: () => { closeSheet(sheet, { silent: true }); then(); } }, icon(name), el("span.grow", {}, words));
  const state = !shift ? t("shift.none") : t("shift.since", { n: shift.number, time: clock(shift.opened_at_ms), who: shift.opened_by || t("shift.by_sale") });
  const lacking = !shift || shift.unknown_float;
  const rows = [
    view.uncounted && go("alert", t("shift.late", { day: view.uncounted.business_day }), "shift-late", () => countLate(view)),
    lacking && go("cash", t(shift ? "shift.float" : "shift.open_row"), "shift-float", () => askFloat(view)),
    ...MOVES.map((kind) => go(kind === "pay_in" || kind === "loan" ? "plus" : "minus", t(`move.${kind}_row`), `move-${kind}`, () => moveCash(view, kind))),
    go("drawer", t("drawer.title"), "shift-drawer", () => releaseDrawer(view)),
    shift && go("chart", t("shift.x"), "shift-x", async () => { try { showReport(await get("/api/till/shift/x")); } catch (problem) { toast(wordOf(problem)); } }),
  ].filter(Boolean);
  const counted = shift?.counts.length;
  const close = shift && action(t(counted ? "shift.go_on" : "shift.count_close"), "shift-count", async () => { closeSheet(sheet, { silent: true }); if (counted) reveal(view); else askCount(view, shift, reveal, view.count_again ? "shift.again_hint" : undefined); });
  const sheet = sheetOf("shift", t("shift.title"), el("div.body.list", {}, el("div.swrow.sm.mut", { test: "shift-state" }, el("span.grow", {}, state), shift?.unknown_float ? el("span.pill.warn", {}, t("shift.float_unknown")) : null), view.count_again && el("div.note.warn", { test: "count-again" }, icon("alert", "l"), el("div.grow", {}, el("b", {}, t("shift.again")), el("p", {}, t("shift.again_hint")))), ...rows), { foot: close ? close.node : null });
}
