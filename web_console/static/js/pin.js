// Signing on: who, then the PIN.
import { $, el, say } from "./dom.js";
import { Problem, get, post } from "./api.js";
import { pad } from "./pad.js";
import { remember, remembered } from "./settings.js";
import { problemWord, setLanguage, lang, span, t } from "./words.js";

export const LENGTH = 6; // digits of every PIN; the last one sends it

let people = [];
let chosen = null;
let pin = "";
let lockedUntil = 0;
let ticking = 0;
let hint = null;
let working = false;
let options = {};

const locked = () => performance.now() < lockedUntil;

function draw() {
  for (const node of $("people").children) node.setAttribute("aria-checked", String(node.dataset.id === chosen?.staff_id));
  $("pin-who").textContent = chosen ? t("pin.ask", { name: chosen.name }) : t("pin.choose");
  const wait = Math.ceil((lockedUntil - performance.now()) / 1000);
  $("pin-hint").textContent = locked() ? t("pin.locked", { wait: span(wait * 1000) }) : hint ?? t("pin.hint");
  $("pin-hint").className = `sm ${locked() || hint ? "bad-text b" : "mut"}`;
  drawDots($("pin-dots"), pin.length);
  for (const key of $("pin-pad").querySelectorAll("button")) key.disabled = locked() || working;
}

/** How many digits are typed, never which. */
export function drawDots(node, typed) {
  node.setAttribute("aria-label", t("pin.typed", { n: typed }));
  node.replaceChildren(...Array.from({ length: LENGTH }, (_, i) => el(i < typed ? "i.f" : "i")));
}

function lock(wait_s) {
  lockedUntil = performance.now() + wait_s * 1000;
  clearInterval(ticking);
  ticking = setInterval(() => {
    if (!locked()) { clearInterval(ticking); hint = null; }
    draw();
  }, 500);
}

export function press(key) {
  if (locked() || working) return;
  if (key === "del") pin = pin.slice(0, -1);
  else if (key === "clear") pin = "";
  else if (/^\d$/.test(key) && pin.length < LENGTH) pin += key;
  draw();
  if (pin.length === LENGTH) go();
}

export function pinKey(key) {
  if (/^\d$/.test(key)) press(key);
  else if (key === "Backspace") press("del");
  else if (key === "Escape") press("clear");
  else return false;
  return true;
}

async function go() {
  if (working || locked() || !chosen || pin.length < LENGTH) return;
  working = true;
  draw();
  try {
    const session = await post("/api/session", { staff_id: chosen.staff_id, pin, till: options.till }, { quiet: true });
    remember("staff", chosen.staff_id);
    hint = null;
    options.done(session);
  } catch (problem) {
    if (!(problem instanceof Problem)) hint = t("pin.lost");
    else if (problem.code === "pin_locked" && problem.details.by_manager) hint = t("pin.locked_manager");
    else if (problem.code === "pin_locked") lock(Number(problem.details.wait_s) || 1);
    else if (problem.code === "pin_refused")
      hint = problem.details.tries_left === undefined ? t("pin.refused") : t("pin.left", { n: problem.details.tries_left });
    else hint = problemWord(problem);
    say(locked() ? t("pin.locked", { wait: span(lockedUntil - performance.now()) }) : hint, true);
  }
  pin = "";
  working = false;
  draw();
}

function choose(person) {
  chosen = person;
  pin = "";
  hint = null;
  draw();
}

export function personCard(person, chosenNow) {
  return el("button.person", { role: "radio", data: { id: person.staff_id }, test: `person-${person.staff_id}`, onclick: chosenNow },
    el("span.ava.ini", { "aria-hidden": "true" }, [...person.name][0] ?? "?"),
    el("span.grow", {}, el("span.b.cut.blk", {}, person.name), el("span.sm.mut.blk", {}, t(`role.${person.role}`))));
}

/** Shows who may sign on here. `roles` filters; `done(session)` runs after the PIN was right. */
export async function showPin({ till, roles, done }) {
  options = { till, done };
  pin = "";
  if (!$("pin-pad").firstChild) {
    $("pin-pad").append(pad(press, { left: "clear", right: "del", prefix: "pin-key" }));
    $("pin-lang").addEventListener("click", () => setLanguage(lang === "zh" ? "en" : "zh"));
  }
  draw();
  try {
    people = (await get("/api/staff", { quiet: true })).filter((person) => roles.includes(person.role));
    const last = remembered("staff");
    chosen = people.find((person) => person.staff_id === chosen?.staff_id) ?? people.find((person) => person.staff_id === last) ?? people[0] ?? null;
    $("people").replaceChildren(...people.map((person) => personCard(person, () => choose(person))));
    if (!people.length) hint = t("pin.nobody");
    else if (hint === t("pin.lost")) hint = null;
  } catch {
    hint = t("pin.lost");
    setTimeout(() => { if (!$("pin").hidden && !people.length) showPin({ till, roles, done }); }, 2000);
  }
  draw();
}
