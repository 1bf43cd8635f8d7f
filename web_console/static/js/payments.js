// Payments on terminals and telephones, and what is paid back: asked for, and ended by what the cashier saw.
import { el, icon } from "./dom.js";
import { Problem, once, part, post, put } from "./api.js";
import { approved } from "./approve.js";
import { applyBag, bag } from "./bag.js";
import { toast } from "./toast.js";
import { label, problemWord, t } from "./words.js";

const OPEN = ["sent", "waiting", "unknown"];
const REFERENCE_MAX = 64;

let buttons = [];

/** The ways to pay that the gateway knows, in the order of the buttons. */
export const setTenders = (list) => { buttons = list; };
/** The ways to pay this bag: a stored balance is one where its member has something on it. */
export const tenders = (view) => buttons.filter((each) => each.key !== "stored_value" || view.customer?.usable.minor);
export const tenderOf = (key) => buttons.find((each) => each.key === key) ?? { key, label_zh: key, label_en: key, icon: "cash", outcome: "at_once" };

/** The payment whose end nobody has said yet. */
export const openPayment = (view) => view.payments.find((each) => OPEN.includes(each.state));

/** What the cashier has to do: say how a payment ended, pay back, finish, ask a terminal, or take cash. */
export function step(view, key) {
  if (openPayment(view)) return "question";
  if (view.back.length) return "back";
  if (view.left.minor === 0) return "even";
  return tenderOf(key).outcome === "asked" ? "asked" : "cash";
}

export const allBack = (view) => view.back.every((each) => each.done || tenderOf(each.key).outcome !== "asked");

let telling = false;

/** Sends one change of the bag's payments, one at a time; `failed` hears the words of a refusal, or `lost`. */
async function tell(send, failed, lost = "bag.lost") {
  if (telling) return;
  telling = true;
  const { version } = bag.view;
  try {
    const view = await send();
    if (view) applyBag(view);
  } catch (problem) {
    if (problem instanceof Problem) failed(problemWord(problem));
    else if (bag.view.version === version) failed(t(lost)); // else the stream has brought what became of it
  } finally {
    telling = false;
  }
}

/** Asks a terminal for an amount; below zero, to pay it back. Asked again after a lost answer, it is the same one. */
export function begin(view, key, amount_minor, failed) {
  const body = { basket_id: view.basket_id, version: view.version, tender: key, amount_minor };
  return tell(() => once(`payment ${JSON.stringify(body)}`, (options) => post("/api/till/payments", body, options)), failed, "pay.ask_lost");
}

const sent = (payment, body) => post(`/api/till/payments/${part(payment.payment_id)}/answer`, body);
const answer = (payment, body, failed) => tell(() => sent(payment, body), failed, "pay.answer_lost");

/** One that nobody saw end: what tells the cashier, and somebody with the right to say so. */
async function vouched(payment, body, failed) {
  const { evidence } = await import("./copies.js");
  const reason = await evidence();
  if (reason) tell(() => approved("tender_confirm", (approval) => sent(payment, { ...body, reason, ...(approval ? { approval } : {}) }), { reason: t(`evidence.${reason}`) }), failed, "pay.answer_lost");
}

const row = (button, amount, ...rest) => el("div.row.split", { test: `split-${button.key}` }, icon(button.icon), el("span", {}, label(button)), el("span.num.end", {}, amount), ...rest);

const undo = (payment, failed) => el("button.btn.ghost.sq", { test: "payment-reverse", "aria-label": t("pay.reverse", { label: label(tenderOf(payment.key)) }), onclick: () => reverse(payment, failed) }, icon("undo"));

/** The payment that has paid back a part of what is owed. */
const madeFor = (view, part) => view.payments.find((each) => part.done && each.state === "paid" && each.key === part.key && each.amount.minor === -part.amount.minor);

/** The payments made, each with the way to take it back; also one that paid back what is no longer owed. */
export function madeRows(view, failed) {
  const known = view.back.map((part) => madeFor(view, part));
  return view.payments.filter((each) => each.state === "paid" && !known.includes(each)).map((each) => row(tenderOf(each.key), [each.foreign?.text, each.amount.text].filter(Boolean).join(" = "), undo(each, failed)));
}

async function reverse(payment, failed) {
  const button = tenderOf(payment.key);
  if (["stored", "planned", "exchanged"].includes(button.outcome)) return answer(payment, { state: "reversed", reason: t("pay.reverse_reason") }, failed); // nothing has moved yet
  const { confirmation } = await import("./confirmation.js");
  const sure = await confirmation({ name: "reverse", title: t("pay.reverse_title", { label: label(button), amount: payment.amount.text }), text: t("pay.reverse_text"), yes: t("pay.reversed") });
  if (sure) answer(payment, { state: "reversed", reason: t("pay.reverse_reason") }, failed);
}

/** What is paid back, tender by tender; a terminal's part is asked for here. */
export function backRows(view, failed) {
  return view.back.map((each) => {
    const button = tenderOf(each.key);
    if (button.outcome !== "asked") return row(button, `${each.taken ? `${t("pay.taken", { notes: each.taken.text })} · ` : ""}${(each.foreign ?? each.amount).text}`, icon("check", "s"));
    if (each.done) return row(button, each.amount.text, el("span.pill.ok", {}, t("pay.back_done")), undo(madeFor(view, each), failed));
    return el("div.col.tight", {}, row(button, each.amount.text), el("div.row.wrap", {},
      el("button.btn.grow", { test: `back-ask-${each.key}`, onclick: () => begin(view, each.key, -each.amount.minor, failed) }, t("pay.back_ask", { reference: each.reference })),
      !view.undoing && el("button.btn.ghost", { test: "back-cash", onclick: () => cashInstead(view, each, failed) }, t("pay.back_cash"))));
  }).concat(view.undoing && !view.payments.some((each) => each.state === "paid") ? el("button.btn.ghost.block", { test: "undo-leave", onclick: () => tell(() => post("/api/till/undo/leave", { basket_id: view.basket_id }), failed) }, t("pay.undo_leave")) : []);
}

const cashInstead = (view, each, failed) => tell(() => approved("refund_tender", (approval) => put("/api/till/returns/tender", { basket_id: view.basket_id, tender_number: each.tender_number, key: "cash", ...(approval ? { approval } : {}) })), failed);

/** The bag waits with the payment whose end nobody knows, and the next customer is served. */
async function putAside(payment, failed) {
  if (payment.state !== "unknown") await answer(payment, { state: "unknown" }, failed);
  const { basket_id, version } = bag.view;
  if (openPayment(bag.view)?.state !== "unknown") return;
  const body = { basket_id, version, reason: "payment_open" };
  await tell(async () => {
    const { parked, basket } = await once(`park ${JSON.stringify(body)}`, (key) => post("/api/till/park", body, key));
    toast(t("aside.done", { ticket: parked.ticket }));
    return basket;
  }, failed);
}

/** How did it end? The three answers, and the number on the terminal's slip. */
export function question(view, failed) {
  const payment = openPayment(view);
  const button = tenderOf(payment.key);
  const back = payment.amount.minor < 0;
  const end = (body, trusted) => (trusted && payment.state === "unknown" ? vouched : answer)(payment, body, failed);
  const amount = payment.amount.text.replace("-", "");
  const reference = el("input.inp", { test: "reference", id: "reference", inputmode: "numeric", autocomplete: "off", maxlength: REFERENCE_MAX, pattern: "[A-Za-z0-9_.:/ -]*", onkeydown: (event) => { if (event.key === "Enter") paid(); } });
  const why = el("div.sm.bad-text", { role: "alert", hidden: true });
  const paid = () => {
    if (button.reference && !reference.value.trim()) {
      why.hidden = false;
      why.textContent = t("pay.reference_missing");
      return reference.focus();
    }
    end({ state: "paid", reference: reference.value.trim() }, true);
  };
  return el("div.col.ask", { test: "payment-question" },
    el("div.note.info", {}, icon(button.icon, "l"), el("div.grow", {}, el("b", {}, t(back ? "pay.ask_back" : "pay.ask", { label: label(button), amount })), el("p", {}, t(payment.state === "unknown" ? "pay.ask_unknown" : "pay.ask_hint")))),
    button.reference && el("div.col.tight", {}, el("label.sm.mut", { for: "reference" }, t("pay.reference")), reference), why,
    el("button.btn.pri.l.block", { test: "payment-paid", onclick: paid }, icon("check"), t(back ? "pay.ended_back" : "pay.ended_paid")),
    el("button.btn.l.block", { test: "payment-declined", onclick: () => end({ state: "declined" }, back) }, t("pay.ended_not")),
    el("button.btn.ghost.block", { test: "payment-unknown", onclick: () => putAside(payment, failed) }, t("pay.ended_unknown")));
}
