// The sheet in which somebody approves: who, why, their PIN. The sixth digit sends.
import { el, say } from "./dom.js";
import { Problem } from "./api.js";
import { pad } from "./pad.js";
import { LENGTH, drawDots, personCard } from "./pin.js";
import { closeSheet, openSheet } from "./sheet.js";
import { first, problemWord, span, t } from "./words.js";

const SCANNER_MS = 35; // faster than that no person types: it is a scanner, and no PIN
const REASON_MAX = 200;
const REASONS = {
  discount: ["damaged", "goodwill", "matched", "regular"],
  price_override: ["tag", "damaged", "matched"],
  return: ["quality", "size", "mind"],
  return_blind: ["quality", "size", "mind"],
  void_sale: ["mistake", "left"],
  cash_out: ["change", "expense", "safe"],
  variance: ["miscounted", "change"],
};
const ANY_REASON = ["customer", "mistake", "agreed"];

/** Answers what `send(approval)` answers, or null when the sheet is closed without an approval. */
export const ask = (what) => new Promise((done, fail) => new Approving(what, done, fail));

class Approving {
  constructor({ right, approvers, send, reason }, done, fail) {
    Object.assign(this, { right, approvers, send, done, fail, pin: "", reason, asked: Boolean(reason), working: false, lockedUntil: 0, hint: null, typedAt: 0 });
    this.chosen = approvers.length === 1 ? approvers[0] : null;
    this.cards = approvers.map((person) => personCard(person, () => this.choose(person)));
    this.open();
    this.draw();
  }

  open() {
    const title = first([`right.${this.right}`, "right.other"]);
    this.who = el("div.b", { test: "approve-who" });
    this.note = el("div", { role: "status", test: "approve-hint" });
    this.dots = el("div.dots", { role: "img" });
    this.keys = pad((key) => this.press(key), { left: "clear", right: "del", prefix: "approve-key" });
    const people = el("div.people", { role: "radiogroup", "aria-label": t("approve.who") }, ...this.cards);
    const nobody = el("div.empty", { test: "approve-nobody" }, el("b.b", {}, t("approve.nobody")), el("p.sm.mut", {}, t("approve.nobody_do")));
    const body = el("div.body.approve", {},
      el("section.col.who-side", {}, el("div.sm.mut", {}, t("approve.who")), this.approvers.length ? people : nobody, ...(this.asked ? [] : this.why())),
      el("section.col.pad-side", {}, el("div.mid", {}, this.who, this.note), this.dots, this.keys));
    this.sheet = openSheet({ name: "approve", title: t("approve.title", { what: title }), kind: "approval", body, onclose: () => this.end(() => this.done(null)) });
    this.sheet.box.addEventListener("keydown", (event) => this.key(event));
  }

  why() {
    this.chips = (REASONS[this.right] ?? ANY_REASON).map((name) => el("button.btn", { "aria-pressed": "false", data: { name }, test: `approve-reason-${name}`, onclick: () => this.because(name) }, t(`reason.${name}`)));
    this.text = el("input.inp", { maxlength: String(REASON_MAX), autocomplete: "off", placeholder: t("approve.reason_text"), "aria-label": t("approve.reason_text"), test: "approve-reason", oninput: () => this.because(this.text.value.trim(), true) });
    return [el("div.sm.mut", {}, t("approve.reason")), el("div.chips", { role: "group", "aria-label": t("approve.reason") }, ...this.chips), this.text];
  }

  because(reason, typed = false) {
    this.reason = reason;
    if (!typed) this.text.value = "";
    for (const chip of this.chips) chip.setAttribute("aria-pressed", String(!typed && chip.dataset.name === reason));
    this.hint = null;
    this.draw();
    if (!typed) this.go();
  }

  choose(person) {
    this.chosen = person;
    this.pin = "";
    this.hint = null;
    this.draw();
  }

  key(event) {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Backspace") return this.press("del");
    if (!/^\d$/.test(event.key)) return;
    const scanner = event.timeStamp - this.typedAt < SCANNER_MS;
    this.typedAt = event.timeStamp;
    this.press(scanner ? "clear" : event.key);
  }

  press(key) {
    if (this.working || this.locked() || !this.approvers.length) return;
    if (key === "del") this.pin = this.pin.slice(0, -1);
    else if (key === "clear") this.pin = "";
    else if (this.pin.length < LENGTH) this.pin += key;
    this.draw();
    this.go();
  }

  locked() { return performance.now() < this.lockedUntil; }

  async go() {
    if (this.working || this.locked() || this.pin.length < LENGTH) return;
    if (!this.chosen || !this.reason) {
      this.hint = t(this.chosen ? "approve.reason_first" : "pin.choose");
      say(this.hint, true);
      return this.draw();
    }
    this.work(true);
    try {
      const answer = await this.send({ approver_id: this.chosen.staff_id, pin: this.pin, reason: this.reason });
      this.work(false);
      this.end(() => { closeSheet(this.sheet, { silent: true }); this.done(answer); });
    } catch (problem) {
      this.work(false);
      this.refused(problem);
    }
  }

  /** What is about the PIN or the line stays here; every other refusal is the caller's. */
  refused(problem) {
    this.pin = "";
    if (!(problem instanceof Problem)) this.hint = t("approve.lost");
    else if (problem.code === "pin_locked" && problem.details.by_manager) this.hint = t("pin.locked_manager");
    else if (problem.code === "pin_locked") this.lock(Number(problem.details.wait_s) || 1);
    else if (problem.code === "pin_refused") this.hint = problem.details.tries_left === undefined ? t("pin.refused") : t("pin.left", { n: problem.details.tries_left });
    else if (problem.code === "approver_refused") this.hint = problemWord(problem);
    else return this.end(() => { closeSheet(this.sheet, { silent: true }); this.fail(problem); });
    say(this.locked() ? t("pin.locked", { wait: span(this.lockedUntil - performance.now()) }) : this.hint, true);
    this.draw();
  }

  lock(wait_s) {
    this.lockedUntil = performance.now() + wait_s * 1000;
    clearInterval(this.ticking);
    this.ticking = setInterval(() => {
      if (!this.locked()) { clearInterval(this.ticking); this.hint = null; }
      this.draw();
    }, 500);
  }

  work(on) {
    this.working = on;
    this.sheet.locked = on;
    this.draw();
  }

  end(how) {
    clearInterval(this.ticking);
    if (this.over) return;
    this.over = true;
    how();
  }

  draw() {
    const wait = Math.max(0, this.lockedUntil - performance.now());
    for (const card of this.cards) card.setAttribute("aria-checked", String(card.dataset.id === this.chosen?.staff_id));
    this.who.textContent = this.chosen ? t("pin.ask", { name: this.chosen.name }) : t("pin.choose");
    this.note.textContent = wait ? t("pin.locked", { wait: span(wait + 999) }) : this.working ? t("approve.working") : this.hint ?? t("pin.hint");
    this.note.className = `sm ${wait || this.hint ? "bad-text b" : "mut"}`;
    drawDots(this.dots, this.pin.length);
    for (const key of this.keys.querySelectorAll("button")) key.disabled = Boolean(wait) || this.working || !this.approvers.length;
  }
}
