// The payment sheet: what is due, the ways to pay it, one confirmation. The gateway says every amount.
import { busy, el, icon, say } from "./dom.js";
import { Problem, get } from "./api.js";
import * as attempts from "./attempt.js";
import { applyBag, bag, soldBag } from "./bag.js";
import { lost } from "./live.js";
import { cannotStore } from "./notices.js";
import { deleteKey, pad } from "./pad.js";
import * as payments from "./payments.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { toast } from "./toast.js";
import { label, problemWord, t } from "./words.js";

const TYPED_MAX = 11; // characters
const LONG = 8; // characters; a longer amount is set smaller
const LINES_SHOWN = 6;

let till = "";
let paid = () => {};
let who = () => "";
let ui = null; // the open sheet and its parts

export const paying = () => ui;

/** The typed text as whole minor units: no fractions are ever computed. */
function minorOf(text, currency) {
  const places = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  const [whole, fraction = ""] = text.split(".");
  return Number(whole + fraction.slice(0, places).padEnd(places, "0"));
}

const decimals = (currency) => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;

const symbol = (text) => /^[^\d-]*/.exec(text)[0];

function note(level, title, text = "") {
  ui.note.hidden = !title;
  ui.note.className = `note ${level}`;
  ui.note.replaceChildren(icon("alert", "l"), el("div.grow", {}, el("b", {}, title), text && el("p", {}, text)));
  if (title) say(`${title} ${text}`, level === "bad");
}

const mode = () => payments.step(bag.view, ui.key);

/** Why nothing can be confirmed yet; "" when it can. */
function missing() {
  if (lost()) return t("pay.unreachable");
  if (cannotStore()) return t("pay.storage");
  const now = mode();
  if (now === "question") return t("pay.say_first");
  if (now === "back") return payments.allBack(bag.view) ? "" : t("pay.back_first");
  if (now === "even") return "";
  if (ui.tendered === null) return t("pay.enter");
  return now === "cash" && ui.quote?.short.minor > 0 ? t("pay.not_enough") : "";
}

const confirmWords = () => {
  const now = mode();
  if (now === "asked") return t("pay.ask_go", { label: label(payments.tenderOf(ui.key)) });
  return t(now === "back" ? "pay.back_confirm" : now === "even" ? "pay.finish" : "pay.confirm");
};

function draw() {
  const { attempt, quote, tendered } = ui;
  const held = attempt.phase === "held" && !ui.looking;
  const waits = ui.wanted || ui.begun;
  const asking = attempt.phase === "asking" || ui.looking;
  const open = attempt.phase === "open";
  ui.sheet.locked = !open && (!held || attempt.lost);
  ui.sheet.closer.disabled = ui.sheet.locked;
  for (const node of ui.columns.querySelectorAll(".quick .btn, .pad9 button, .amt button")) node.disabled = !open;
  for (const node of ui.quick.children) node.classList.toggle("on", tendered !== null && Number(node.dataset.minor) === tendered);
  for (const node of ui.quick.children) node.setAttribute("aria-pressed", String(node.classList.contains("on")));
  const short = quote && quote.short.minor > 0;
  const typed = ui.typed && symbol(ui.due.textContent) + ui.typed;
  const tapped = bag.view.quick.find((amount) => amount.minor === tendered)?.text;
  ui.amount.textContent = quote && !ui.pending ? quote.tendered.text : typed || tapped || "—";
  ui.amount.classList.toggle("long", ui.amount.textContent.length > LONG);
  const now = mode();
  ui.columns.dataset.mode = now;
  const given = now === "even" && bag.view.change?.minor ? bag.view.change.text : "";
  ui.changeBox.hidden = now !== "cash" && !given;
  ui.changeLabel.textContent = short && !ui.pending ? t("pay.short") : t("pay.change");
  ui.change.textContent = given || (ui.pending ? "…" : !quote ? "—" : short ? quote.short.text : quote.change.text);
  ui.changeBox.classList.toggle("short", Boolean(short) && !ui.pending);
  const reason = missing();
  ui.why.textContent = open ? reason : asking ? t("pay.hold") : "";
  ui.confirm.hidden = asking;
  ui.check.hidden = !asking;
  if (held) {
    busy(ui.confirm, false);
    ui.confirmWord.textContent = t("pay.confirm");
  }
  if (open) {
    busy(ui.confirm, waits);
    ui.confirm.disabled = Boolean(reason) || (now === "cash" && !quote) || waits;
    ui.confirmWord.textContent = waits ? t("pay.sending") : confirmWords();
  }
}

/** The gateway's answer for one amount, asked once for each bag: those of the quick amounts are there before the tap. */
function quoted(minor) {
  const { quotes } = ui;
  if (!quotes.has(minor)) {
    const asked = get(`/api/till/quote?tendered_minor=${minor}`).then((quote) => { quotes.set(minor, quote); return quote; });
    asked.catch(() => quotes.delete(minor));
    quotes.set(minor, asked);
  }
  return quotes.get(minor);
}

/** Shows the change. While it is not known none is shown, and the confirm button stays as it was. */
async function quoteFor(minor) {
  const mine = ++ui.asked;
  ui.wanted = false;
  const settled = (quote) => {
    if (mine !== ui?.asked || ui.attempt.phase !== "open") return false;
    ui.pending = false;
    ui.quote = quote;
    draw();
    return true;
  };
  const answer = minor === null ? null : quoted(minor);
  if (!(answer instanceof Promise)) return settled(answer);
  ui.pending = true;
  draw();
  try {
    const quote = await answer;
    const wanted = ui?.wanted;
    if (settled(quote) && wanted) { ui.wanted = false; draw(); send(); }
  } catch (problem) {
    if (settled(null)) note("bad", problem instanceof Problem ? problemWord(problem) : t("pay.unreachable"));
  }
}

function tender(minor, typed = "") {
  ui.typed = typed;
  ui.tendered = minor;
  quoteFor(minor);
}

/** The cashier has gone on: what was said about the last change is done with. */
function quiet() {
  ui.said = null;
  ui.changed = "";
  if (ui.note.classList.contains("warn")) ui.note.hidden = true;
}

function press(key) {
  if (!ui || ui.attempt.phase !== "open" || !["cash", "asked"].includes(mode())) return;
  quiet();
  const currency = bag.view.total.currency;
  let text = ui.typed;
  if (key === "clear") text = "";
  else if (key === "del") text = text.slice(0, -1);
  else if (key === ".") text = decimals(currency) && !text.includes(".") ? `${text || "0"}.` : text;
  else text = (text === "0" ? "" : text) + key;
  if (!text || text === "00") text = text === "00" ? "0" : text;
  const fraction = text.split(".")[1] ?? "";
  if (text.length > TYPED_MAX || fraction.length > decimals(currency)) return;
  if (minorOf(text || "0", currency) > 10_000_000_000) return;
  tender(text === "" ? null : minorOf(text, currency), text);
}

function summary(view) {
  const rows = view.lines.slice(-LINES_SHOWN).map((line) => el("div.row.brief", {},
    el("span.grow.cut", {}, line.name, line.quantity > 1 ? ` × ${line.quantity}` : ""), el("span.num", {}, line.net.text)));
  const rest = view.lines.length - rows.length;
  return [el("div.sm.mut", {}, t("pieces", { n: view.pieces + view.pieces_back })), ...rows, rest > 0 && el("div.sm.dim", {}, t("pay.rest", { n: rest }))].filter(Boolean);
}

/** Ways to pay that ask for more than an amount: each has a sheet of its own, loaded when first needed. */
const OWN_SHEETS = {
  stored_value: async () => (await import("./stored.js")).openStored,
  stored: async () => (await import("./giftcard.js")).openGiftCard,
  planned: async () => (await import("./instalment.js")).openInstalments,
  exchanged: async () => (await import("./foreign.js")).openForeign,
};

async function openOwn(load) {
  const open = await load();
  if (ui?.attempt.phase === "open") open();
}

/** Which way to pay is chosen; what was typed for another one is not meant for this one. */
function choose(key) {
  if (ui.attempt.phase !== "open") return;
  const own = OWN_SHEETS[key] ?? OWN_SHEETS[payments.tenderOf(key).outcome];
  if (own) return openOwn(own);
  ui.key = key;
  quiet();
  drawBag(bag.view);
  tender(bag.view.quick[0]?.minor ?? null);
}

const failed = (words) => { if (ui) { refused(); note("bad", words); draw(); } };

function tenderButton(button, on) {
  return el("button.tend", { role: "radio", "aria-checked": String(on), test: `tender-${button.key}`, onclick: () => choose(button.key) },
    icon(button.icon, "l"), el("span", {}, el("span.b", {}, label(button)), el("small", {}, button.key === "stored_value" ? t("tender.balance", { amount: bag.view.customer.usable.text }) : t(`tender.${button.outcome}`))), el("span"));
}

function drawParts(view) {
  const now = mode();
  const back = view.back.length > 0;
  ui.title.textContent = t(back ? "pay.back_due" : "pay.due");
  ui.leftLabel.textContent = t(back ? "pay.back_left" : "pay.left");
  ui.tenders.replaceChildren(...payments.tenders(view).map((each) => tenderButton(each, each.key === ui.key)));
  ui.tenders.hidden = ["back", "even", "question"].includes(now);
  ui.parts.replaceChildren(...payments.madeRows(view, failed), ...(now === "question" ? [] : payments.backRows(view, failed)));
  ui.parts.hidden = !ui.parts.children.length;
  const open = payments.openPayment(view);
  const asked = open ? `${open.payment_id} ${open.state}` : "";
  if (ui.question !== asked) { // what is typed into it stays while it is the same question
    ui.ask.replaceChildren(...(open ? [payments.question(view, failed)] : []));
    ui.question = asked;
    ui.note.hidden = true; // what it said was about the step before
  }
  ui.quickTitle.textContent = t(now === "asked" ? "pay.amount" : "pay.quick");
}

function drawBag(view) {
  drawParts(view);
  const back = view.back.length > 0;
  ui.due.textContent = back ? view.total.text.replace("-", "") : view.total.text;
  ui.left.textContent = back ? ui.due.textContent : view.left.text;
  ui.quotes = new Map();
  for (const amount of view.quick) quoted(amount.minor);
  ui.brief.replaceChildren(...summary(view));
  const offered = mode() === "asked" ? [view.left] : mode() === "cash" ? view.quick : [];
  ui.quick.replaceChildren(...offered.map((amount, i) => el("button.btn", {
    test: `quick-${i}`, data: { minor: amount.minor }, "aria-label": i === 0 ? t("pay.exact", { amount: amount.text }) : undefined, onclick: () => { quiet(); tender(amount.minor); },
  }, amount.text)));
}

function build(attempt) {
  const due = el("div.num.b.xl.tight", { test: "due" });
  const left = el("span.num.b.end.xl");
  const quick = el("div.quick", { role: "group", "aria-label": t("pay.quick") });
  const change = el("span.num", { test: "change" });
  const changeLabel = el("span.b");
  const changeBox = el("div.chg", { role: "status" }, changeLabel, change);
  const amount = el("span.num.grow.ra", { test: "tendered" });
  const confirmWord = el("span");
  const confirm = el("button.btn.pri.xl.block", { test: "confirm", onclick: send }, confirmWord);
  const check = el("button.btn.pri.xl.block", { test: "check-outcome", hidden: true, onclick: () => ui.wake.now?.() }, icon("refresh", "l"), t("pay.check"));
  const why = el("div.sm.mut.why-not", { test: "confirm-why", role: "status" });
  const best = el("div.hint.p-hide", { hidden: true });
  const noteBox = el("div.note.bad", { hidden: true, role: "alert", test: "pay-note" });
  const brief = el("div.briefs.p-hide");
  const title = el("div.sm.mut");
  const leftLabel = el("span.b");
  const tenders = el("div.tends", { role: "radiogroup", "aria-label": t("pay.ways") });
  const parts = el("div.list.card.parts", { test: "parts" });
  const ask = el("div.ask-box");
  const quickTitle = el("div.sm.mut.p-hide");
  const columns = el("div.body", {},
    el("div.c.tlist", {}, tenders, brief),
    el("div.c", {},
      el("div.row", {}, leftLabel, left), best,
      noteBox, parts, ask, quickTitle, quick, el("span.grow.p-hide"), changeBox),
    el("div.c.keys", {},
      el("div.amt", {}, el("span.mut", {}, t("pay.tendered")), amount, deleteKey(press, "key-del", "button.del")),
      pad(press, { left: ".", right: "00" }), el("span.grow.p-hide"), why, confirm, check));
  return { key: "cash", title, leftLabel, tenders, parts, ask, quickTitle, attempt, due, left, quick, change, changeLabel, changeBox, amount, confirm, confirmWord, check, why, brief, best, columns, note: noteBox, typed: "", tendered: null, quote: null, pending: false, wanted: false, begun: false, question: "", asked: 0, changed: "", said: null, looking: false, wake: {} };
}

async function advise(place) {
  const { showBest } = await import("./best.js");
  showBest(place, { brief: true, taking: (on) => { if (ui) ui.agreed = on; } });
}

/** Opens the sheet for a new attempt, or for one that a reload interrupted. */
export function openPay(view, kept = null) {
  if (ui) return;
  ui = build(kept ?? attempts.begin(view));
  ui.sheet = openSheet({
    name: "pay", kind: "pay", label: t("pay.title"), closeLabel: t("pay.back"), title: el("div.grow", {}, ui.title, ui.due),
    body: ui.columns,
    onclose: () => { attempts.forget(till); ui = null; },
  });
  drawBag(view);
  attempts.save(till, ui.attempt);
  if (ui.attempt.phase !== "open") {
    ui.tendered = ui.attempt.body.tenders[0]?.amount_minor ?? null;
    ui.quote = ui.attempt.quote;
    ui.due.textContent = ui.left.textContent = ui.attempt.due;
    return ui.attempt.phase === "held" ? hold() : run();
  }
  if (view.customer) advise(ui.best);
  if (kept && kept.version !== view.version) bagChanged(view, { total: { text: kept.due } });
  else tender(view.quick[0]?.minor ?? null);
}

/** The bag changed under the open sheet: show the new amount and want it confirmed anew. */
export function bagChanged(view, old) {
  if (!ui || ui.attempt.phase !== "open") return;
  if (view.basket_id !== ui.attempt.basket_id || !view.lines.length) return closeSheet(ui.sheet);
  if (view.version === ui.attempt.version) return;
  ui.attempt = attempts.begin(view);
  attempts.save(till, ui.attempt);
  const same = ui.agreed || old.total.text === view.total.text; // the cashier has just asked for another amount
  if (view.payments.length) ui.key = payments.openPayment(view)?.key ?? "cash";
  drawBag(view);
  tender(same ? view.quick[0]?.minor ?? null : null);
  if (!same) {
    ui.changed = t("pay.changed", { from: old.total.text, to: view.total.text });
    note("warn", ui.changed, ui.said ?? t("pay.changed_hint"));
  }
}

/** What became of a scan under the open sheet. `added`: it is in the bag already, and the amount is another one. */
export function payNote(text, added = false) {
  refused();
  if (ui?.attempt.phase !== "open") return;
  if (added) ui.said = text;
  note("warn", added && ui.changed ? ui.changed : t("pay.scan_title"), text);
}

/** An attempt somebody else left behind: what became of it is shown, and nothing is sent unless confirmed. */
async function hold() {
  const { attempt } = ui;
  ui.looking = true;
  note("warn", t("pay.asking"), t("pay.held_asking"));
  draw();
  try {
    const sale = await attempts.look(attempt, ui.wake);
    if (ui?.attempt !== attempt) return;
    if (sale) return sold(sale);
    ui.looking = false;
    note("warn", t("pay.held"), t(attempt.lost ? "pay.held_lost" : "pay.held_hint"));
    draw();
  } catch {
    if (ui?.attempt === attempt) dropPay();
  }
}

function leave() {
  attempts.forget(till);
  closeSheet(ui.sheet, { silent: true });
  ui = null;
}

function sold(sale) {
  const { basket_id } = ui.attempt;
  leave();
  soldBag(basket_id);
  paid(sale);
}

function send() {
  if (!ui || !["open", "held"].includes(ui.attempt.phase) || ui.looking || ui.confirm.disabled) return;
  ui.attempt.staff_id = who();
  if (ui.attempt.phase === "held") return run();
  const now = mode();
  if (now === "asked") return ask();
  if (ui.pending) {
    ui.wanted = true; // pressed before the change was known: goes on when it is
    return draw();
  }
  ui.attempt.quote = ui.quote; // so that a reload shows the same amounts
  ui.attempt.body = { basket_id: ui.attempt.basket_id, version: ui.attempt.version, total_minor: bag.view.total.minor, tenders: now === "cash" ? [{ key: ui.key, amount_minor: ui.tendered }] : [] };
  run();
}

/** Turns to a terminal: busy until the gateway has noted it. */
async function ask() {
  const mine = ui;
  mine.begun = true;
  draw();
  await payments.begin(bag.view, mine.key, mine.tendered, failed);
  mine.begun = false;
  if (ui === mine) draw();
}

async function run() {
  const { attempt } = ui;
  busy(ui.confirm, true);
  ui.confirmWord.textContent = t("pay.sending");
  ui.note.hidden = true;
  try {
    const end = await attempts.settle(till, attempt, (phase) => {
      if (phase === "asking") note("warn", t("pay.asking"), t("pay.asking_hint"));
      draw();
    }, ui.wake);
    if (ui?.attempt !== attempt) return; // signed out meanwhile: taken up after the PIN
    if (end.sale) return sold(end.sale);
    try { applyBag(await get("/api/till/basket")); } catch { /* the stream will bring it */ }
    if (ui?.attempt !== attempt) return;
    refused();
    if (!bag.view.lines.length) {
      leave();
      return toast(t("pay.not_charged", { why: problemWord(end.refusal) }));
    }
    ui.attempt = attempts.begin(bag.view);
    attempts.save(till, ui.attempt);
    drawBag(bag.view);
    tender(null);
    const fault = end.refusal.code === "outcome_unknown";
    note("bad", t("pay.not_charged", { why: fault ? t("pay.fault") : problemWord(end.refusal) }), t(fault ? "pay.fault_hint" : "pay.not_charged_hint"));
  } catch {
    if (ui?.attempt === attempt) dropPay(); // signed out in the middle
  }
}

/** Closes the sheet, stops asking and sending, and keeps the attempt. */
export function dropPay() {
  if (ui) ui.wake.stop = true;
  ui?.wake.now?.();
  if (ui) closeSheet(ui.sheet, { silent: true });
  ui = null;
}

/** The keyboard in the sheet. Returns whether the key was used. */
export function payKey(key) {
  if (!ui || document.activeElement?.id === "reference") return false;
  if (/^[0-9.]$/.test(key)) press(key);
  else if (key === "Backspace") press("del");
  else if (key === "Delete") press("clear");
  else if (key === "Enter" && !(document.activeElement instanceof HTMLButtonElement)) send();
  else return false;
  return true;
}

/** Alt+1 to Alt+5 are the ways to pay, in their order. Whether the key was one of them. */
export function tenderKey(code) {
  const each = /^Digit[1-5]$/.test(code) && payments.tenders(bag.view)[code.at(-1) - 1];
  if (!each || !ui || ui.tenders.hidden) return false;
  choose(each.key);
  return true;
}

export const redrawPay = () => { if (ui?.attempt.phase === "open") draw(); };

export function startPay(options) {
  till = options.till;
  paid = options.paid;
  who = options.who;
}
