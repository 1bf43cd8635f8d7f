// Counting a drawer by notes and coins. The gateway adds up; this page shows what it says.
import { el, icon } from "./dom.js";
import { Problem, get } from "./api.js";
import { pad } from "./pad.js";
import { number, problemWord, t } from "./words.js";

const PIECES_MAX = 9999;
const PAUSE_MS = 80;

/** The counting of some currencies: `node` for the page, `counts()` for the gateway. `told(text)`: a problem's words, or "". */
export class Counting {
  constructor(drawers) {
    this.told = () => {};
    Object.assign(this, { drawer: drawers[0], asked: 0, timer: 0 });
    this.pieces = new Map(drawers.map((each) => [each.currency, new Map()]));
    this.sums = new Map();
    this.chosen = 0;
    this.fresh = true; // the next digit begins a new number
    this.rows = el("div.notes-list", { role: "group", "aria-label": t("count.pieces") });
    this.total = el("span.num", { test: "count-total" });
    this.tabs = el("div.seg", { role: "group", "aria-label": t("count.currency"), hidden: drawers.length < 2 }, ...drawers.map((each) => el("button", { test: `count-${each.currency}`, "aria-pressed": "false", onclick: () => this.open(each) }, each.currency)));
    this.node = el("div.counting", {},
      el("div.col.tightgap", {}, this.tabs, this.rows),
      el("div.col.count-side", {}, el("div.chg", { role: "status" }, el("span.b", {}, t("count.total")), this.total), pad((key) => this.press(key), { left: "clear", right: "del", prefix: "count-key" })));
    this.open(this.drawer);
  }

  open(drawer) {
    this.drawer = drawer;
    this.chosen = 0;
    this.fresh = true;
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab.textContent === drawer.currency));
    this.rows.replaceChildren(...drawer.denominations.map((each, i) => this.row(each, i)));
    this.draw();
    this.ask();
  }

  row(each, i) {
    const step = (by) => { this.choose(i); this.set(this.of(i) + by); };
    return el("div.note-row", { test: `note-${each.value_minor}`, onclick: () => this.choose(i) },
      el("button.face", { "aria-label": t("count.choose", { note: each.label }), onfocus: () => this.choose(i) }, each.label),
      el("span.step", {}, el("button", { "aria-label": t("count.less", { note: each.label }), test: `less-${each.value_minor}`, onclick: () => step(-1) }, icon("minus")),
        el("output.num", { test: `pieces-${each.value_minor}` }), el("button", { "aria-label": t("count.more", { note: each.label }), test: `more-${each.value_minor}`, onclick: () => step(1) }, icon("plus"))),
      el("span.num.ra.mut", { test: `sum-${each.value_minor}` }));
  }

  of(i) { return this.pieces.get(this.drawer.currency).get(this.drawer.denominations[i].value_minor) ?? 0; }

  choose(i) {
    if (this.chosen !== i) this.fresh = true;
    this.chosen = i;
    this.draw();
  }

  set(pieces) {
    const kept = Math.min(PIECES_MAX, Math.max(0, pieces));
    this.pieces.get(this.drawer.currency).set(this.drawer.denominations[this.chosen].value_minor, kept);
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  /** A key of the pad or the keyboard; whether it was used. */
  press(key) {
    const now = String(this.of(this.chosen));
    if (/^[0-9]$/.test(key)) this.set(Number(this.fresh ? key : now + key));
    else if (key === "del") this.set(Number(now.slice(0, -1)));
    else if (key === "clear") this.set(0);
    else if (key === "next" || key === "back") return this.choose((this.chosen + (key === "next" ? 1 : -1) + this.drawer.denominations.length) % this.drawer.denominations.length), true;
    else return false;
    this.fresh = false;
    return true;
  }

  draw() {
    [...this.rows.children].forEach((row, i) => {
      row.classList.toggle("on", i === this.chosen);
      row.querySelector("output").textContent = number(this.of(i));
      row.querySelector(".ra").textContent = this.of(i) ? this.sums.get(`${this.drawer.currency}${this.drawer.denominations[i].value_minor}x${this.of(i)}`) ?? "…" : "";
    });
    this.rows.children[this.chosen]?.scrollIntoView({ block: "nearest" });
  }

  async ask() {
    const mine = ++this.asked;
    const { currency } = this.drawer;
    const parts = [...this.pieces.get(currency)].filter(([, pieces]) => pieces).map(([value, pieces]) => `${value}x${pieces}`);
    if (!parts.length) { this.total.textContent = this.drawer.zero.text; return this.told(""); }
    this.total.textContent = "…";
    try {
      const answer = await get(`/api/till/cash-sum?currency=${currency}&pieces=${parts.join(",")}`);
      if (mine !== this.asked) return;
      parts.forEach((part, i) => this.sums.set(currency + part, answer.rows[i].text));
      this.total.textContent = answer.total.text;
      this.told("");
    } catch (problem) {
      if (mine !== this.asked) return;
      this.total.textContent = "—";
      this.told(problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
    }
    this.draw();
  }

  counts() {
    return [...this.pieces].map(([currency, pieces]) => ({ currency, pieces: [...pieces].filter(([, n]) => n).map(([value_minor, n]) => ({ value_minor, pieces: n })) }));
  }
}
