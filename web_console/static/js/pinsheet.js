// A sheet in which somebody of a few types a PIN: who, what it is for, six digits. The sixth one sends.
import { el, say } from "./dom.js";
import { Problem } from "./api.js";
import { pad } from "./pad.js";
import { LENGTH, drawDots, personCard } from "./pin.js";
import { closeSheet, openSheet } from "./sheet.js";
import { problemWord, span, t } from "./words.js";

const SCANNER_MS = 35; // faster than that no person types: it is a scanner, and no PIN

/**
 * `side`: what stands below the people. `missing()` says what must be chosen first, or "". `send(staff_id, pin)`
 * does it, then `done(answer)`. A refusal that is not about the PIN stays in the sheet with the words of
 * `refusal(problem)`, or closes it when there are none. `left()` is called when the sheet is closed without.
 */
export class PinSheet {
  constructor({ name, title, people, ask, side = [], missing = () => "", send, done, refusal = problemWord, left = () => {} }) {
    Object.assign(this, { people, missing, send, done, refusal, left, pin: "", working: false, lockedUntil: 0, hint: null, typedAt: 0 });
    this.chosen = people.length === 1 ? people[0] : null;
    this.cards = people.map((person) => personCard(person, () => this.choose(person)));
    this.who = el("div.b", { test: `${name}-who` });
    this.note = el("div", { role: "status", test: `${name}-hint` });
    this.dots = el("div.dots", { role: "img" });
    this.keys = pad((key) => this.press(key), { left: "clear", right: "del", prefix: `${name}-key` });
    const nobody = el("div.empty", { test: `${name}-nobody` }, el("b.b", {}, t("pin.nobody")));
    this.sheet = openSheet({ name, title, kind: "byPin", onclose: () => this.end(() => this.left()), body: el("div.body.by-pin", {},
      el("section.col.who-side", {}, el("div.sm.mut", {}, ask), people.length ? el("div.people", { role: "radiogroup", "aria-label": ask }, ...this.cards) : nobody, ...side),
      el("section.col.pad-side", {}, el("div.mid", {}, this.who, this.note), this.dots, this.keys)) });
    this.sheet.box.addEventListener("keydown", (event) => this.key(event));
    this.draw();
  }

  choose(person) {
    this.chosen = person;
    this.pin = "";
    this.say(null);
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
    if (this.working || this.locked() || !this.people.length) return;
    if (key === "del") this.pin = this.pin.slice(0, -1);
    else if (key === "clear") this.pin = "";
    else if (this.pin.length < LENGTH) this.pin += key;
    this.draw();
    this.go();
  }

  locked() { return performance.now() < this.lockedUntil; }

  /** Sends when everything is there. */
  async go() {
    if (this.working || this.locked() || this.pin.length < LENGTH) return;
    const missing = this.chosen ? this.missing() : t("pin.choose");
    if (missing) return this.say(missing, true);
    this.work(true);
    try {
      const answer = await this.send(this.chosen.staff_id, this.pin);
      this.work(false);
      this.end(() => this.done(answer));
    } catch (problem) {
      this.work(false);
      this.refused(problem);
    }
  }

  refused(problem) {
    this.pin = "";
    if (!(problem instanceof Problem)) return this.say(t("pin.unheard"), true);
    if (problem.code === "pin_locked" && !problem.details.by_manager) return this.lock(Number(problem.details.wait_s) || 1);
    if (problem.code === "pin_locked") return this.say(t("pin.locked_manager"), true);
    if (problem.code === "pin_refused") return this.say(problem.details.tries_left === undefined ? t("pin.refused") : t("pin.left", { n: problem.details.tries_left }), true);
    const words = this.refusal(problem);
    if (words) this.say(words, true);
    else this.end(() => {});
  }

  say(hint, aloud = false) {
    this.hint = hint;
    if (aloud) say(hint, true);
    this.draw();
  }

  lock(wait_s) {
    this.lockedUntil = performance.now() + wait_s * 1000;
    clearInterval(this.ticking);
    this.ticking = setInterval(() => {
      if (!this.locked()) { clearInterval(this.ticking); this.hint = null; }
      this.draw();
    }, 500);
    this.say(t("pin.locked", { wait: span(wait_s * 1000) }), true);
  }

  work(on) {
    this.working = on;
    this.sheet.locked = on;
    this.draw();
  }

  /** Once: closes the sheet, then says how it ended. */
  end(how) {
    if (this.over) return;
    this.over = true;
    clearInterval(this.ticking);
    closeSheet(this.sheet, { silent: true });
    how();
  }

  draw() {
    const wait = Math.max(0, this.lockedUntil - performance.now());
    for (const card of this.cards) card.setAttribute("aria-checked", String(card.dataset.id === this.chosen?.staff_id));
    this.who.textContent = this.chosen ? t("pin.ask", { name: this.chosen.name }) : t("pin.choose");
    this.note.textContent = wait ? t("pin.locked", { wait: span(wait + 999) }) : this.working ? t("pin.checking") : this.hint ?? t("pin.hint");
    this.note.className = `sm ${wait || (this.hint && !this.working) ? "bad-text b" : "mut"}`;
    drawDots(this.dots, this.pin.length);
    for (const key of this.keys.querySelectorAll("button")) key.disabled = Boolean(wait) || this.working || !this.people.length;
  }
}
