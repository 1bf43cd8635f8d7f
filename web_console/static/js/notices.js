// Notices: at most two, worst first; each says what is so, what it means for money, what to do.
import { $, dot, el, icon } from "./dom.js";
import { Problem, part, post } from "./api.js";
import { gatewayNow, lost, retryInS, retryNow } from "./live.js";
import { toast } from "./toast.js";
import { resumeParked } from "./waiting.js";
import { deviceWord, first, has, number, problemWord, span, t } from "./words.js";

const BACK_MS = 4000; // "HQ is back" fades after this
const SHOWN_MAX = 2;
const DEAF_MS = 600; // after an answer: the next notice moves up under the same finger
const RANK = { bad: 0, warn: 1, ok: 2, info: 3 };

let aside = null; // what waits with an open question
let health = null;
let back = null;
let drawnAs = "";
let deafUntil = 0;
const answered = new Set(); // unknown jobs the cashier has just settled

/** Whether the ledger cannot be written: nothing is sold that would not be kept. */
export const cannotStore = () => health?.storage === "bad";
export const printers = () => health?.printers ?? []; // of the till's receipts, in the order they are tried
export const device = (kind) => health?.devices.find((each) => each.kind === kind);
export const troubled = (level) => level === "bad" || level === "warn";

async function answer(list, came_out, words) {
  if (performance.now() < deafUntil) return;
  deafUntil = performance.now() + DEAF_MS;
  for (const job of list) answered.add(job.job_id);
  draw();
  const left = [...list];
  try {
    for (; left.length; left.shift()) await post(`/api/jobs/${part(left[0].job_id)}/answer`, { came_out });
    toast(t(words));
  } catch (problem) {
    for (const job of left) answered.delete(job.job_id);
    toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
    draw();
  }
}

/** Whether what stands in for this paper is a marked copy; gifts and labels are just printed again. */
const isCopied = (job) => !["gift", "label"].includes(job.kind);

function unknownNotice(job) {
  return {
    code: "job_unknown", level: "bad", icon: "printer", key: job.job_id,
    title: first([`unknown.kind.${job.kind}`, job.kind === "drawer" ? "unknown.drawer" : job.sale_number ? "unknown.title" : "unknown.bare"], { number: job.sale_number }), text: first([`unknown.kind.${job.kind}_text`, "unknown.text"], {}),
    button: [t("unknown.yes"), () => answer([job], true, "unknown.settled"), `job-yes-${job.job_id}`],
    other: job.kind === "drawer" ? null : isCopied(job) ? [t("unknown.no"), () => answer([job], false, "unknown.copy"), `job-copy-${job.job_id}`] : [t("unknown.again"), () => answer([job], false, "unknown.again_done"), `job-copy-${job.job_id}`],
  };
}

/** Something was parked or resumed: whether somebody must say how a payment ended. */
export function heardAside(news) {
  aside = news;
  draw();
}

/** Bags that wait with a payment whose end nobody knows: the first thing to be seen, at every till. */
const asideNotice = ({ questions, oldest }) => ({
  code: "payment_aside", level: "bad", icon: "alert", key: oldest.parked_id,
  title: t("aside.title", { n: questions }), text: t("aside.text", { ticket: oldest.ticket, amount: oldest.amount.text.replace("-", ""), by: oldest.by }),
  button: [t("aside.go"), () => resumeParked(oldest.parked_id), "aside-go"],
});

/** Receipts nobody waits for any more: printed only if somebody still wants them. */
function lateNotice(list) {
  return {
    code: "job_late", level: "warn", icon: "printer", key: list.map((job) => job.job_id).join(),
    title: t("late.title", { n: list.length }), text: t("late.text"),
    button: [t("late.print"), () => answer(list, false, "unknown.copy"), "late-print"],
    other: [t("late.drop"), () => answer(list, true, "late.dropped"), "late-drop"],
  };
}

function deviceNotice(each) {
  const values = { n: health.jobs_waiting, code: each.code };
  const waits = each.kind !== "scanner" && health.jobs_waiting > 0;
  const other = each.kind === "printer" && troubled(each.level) && each.level === "bad" ? printers().find((one) => one.prints) : null;
  const name = deviceWord(each.kind, each.code);
  return {
    code: each.code, level: each.level, icon: each.kind,
    title: waits ? t("note.waiting", { title: name, n: health.jobs_waiting }) : name,
    text: other ? t("note.elsewhere", { printer: other.label }) : first([`do.${each.kind}.${each.code}`, `do.${each.kind}`], values),
    button: [t("note.details"), () => openHealth()],
  };
}

function hqNotice(hq) {
  const since = span(gatewayNow() - hq.since_ms);
  return {
    code: hq.code, level: hq.level, icon: "hq-off",
    title: t("note.hq", { title: first([`health.hq.${hq.code}`, "health.hq.away"]), since }),
    text: has(`do.hq.${hq.code}`) ? t(`do.hq.${hq.code}`, { n: number(hq.waiting) }) : t("do.hq", { n: number(hq.waiting) }),
    button: [t("note.details"), () => openHealth()],
  };
}

function wanted() {
  if (lost()) {
    const n = retryInS();
    return [{
      code: "unreachable", level: "bad", icon: "wifi-off", title: t("note.unreachable"),
      text: n ? t("note.unreachable_wait", { n }) : t("note.unreachable_now"), button: [t("note.retry"), retryNow],
    }];
  }
  if (!health) return [];
  const list = aside?.oldest ? [asideNotice(aside)] : [];
  const unknown = health.jobs_unknown.filter((job) => !answered.has(job.job_id));
  const late = unknown.filter((job) => job.reason === "late");
  list.push(...unknown.filter((job) => job.reason !== "late").map(unknownNotice));
  if (late.length) list.push(lateNotice(late));
  const printer = device("printer");
  for (const each of health.devices) {
    const sameCause = each.kind === "drawer" && printer && each.code === printer.code; // a drawer that hangs on the printer
    if (troubled(each.level) && !sameCause) list.push(deviceNotice(each));
  }
  if (troubled(health.hq.level)) list.push(hqNotice(health.hq));
  if (troubled(health.storage)) list.push({ code: "storage", level: health.storage, icon: "disk", title: t(`storage.${health.storage}`), text: t(`storage.${health.storage}.do`) });
  if (health.journal === "broken") list.push({ code: "journal_broken", level: "bad", icon: "book", title: t("note.journal_broken"), text: t("note.journal_broken_do") });
  if (back) list.push(back);
  return list.sort((a, b) => RANK[a.level] - RANK[b.level]).slice(0, SHOWN_MAX);
}

const button = (spec, fallback) => spec && el("button.btn", { test: spec[2] ?? fallback, onclick: spec[1] }, spec[0]);

export function draw() {
  const list = wanted();
  const signature = JSON.stringify(list);
  if (signature === drawnAs) return;
  const sameOnes = JSON.stringify(list.map((each) => each.code + (each.key ?? ""))) === JSON.stringify([...$("notices").children].map((node) => node.dataset.key));
  if (sameOnes && drawnAs)
    list.forEach((each, i) => {
      const node = $("notices").children[i];
      node.querySelector("b").textContent = each.title;
      node.querySelector("p").textContent = each.text;
    });
  else
    $("notices").replaceChildren(...list.map((each) => el(`div.note.${each.level}`, { test: `notice-${each.code}`, data: { key: each.code + (each.key ?? "") } },
      icon(each.icon, "l"), el("div.grow", {}, el("b", {}, each.title), el("p", {}, each.text)),
      button(each.button, `notice-${each.code}-do`), button(each.other))));
  drawnAs = signature;
}

function stat(id, name, level, words) {
  const node = $(id);
  const ok = level === "ok";
  node.className = `stat ${ok || level === "off" ? "" : level}`;
  node.setAttribute("aria-label", words);
  node.replaceChildren(icon(name), el("span.t", {}, words), dot(!ok));
}

function drawStats() {
  for (const kind of ["scanner", "printer"]) {
    const each = device(kind);
    stat(`stat-${kind}`, kind, each?.level ?? "off", each ? deviceWord(kind, each.code) : t(`health.${kind}.none`));
  }
  const { hq } = health;
  stat("stat-hq", troubled(hq.level) ? "hq-off" : "hq", hq.level, first([`health.hq.${hq.code}`, "health.hq.away"]));
}

export function showHealth(next) {
  const before = health?.hq;
  if (before && troubled(before.level) && next.hq.level === "ok") {
    back = { code: "hq_back", level: "ok", icon: "hq", title: t("note.hq_back"), text: next.hq.waiting ? t("note.hq_back_rest", { n: number(next.hq.waiting) }) : t("note.hq_back_done", { n: number(before.waiting) }) };
    setTimeout(() => { back = null; draw(); }, BACK_MS);
  }
  health = next;
  for (const id of answered) if (!next.jobs_unknown.some((job) => job.job_id === id)) answered.delete(id);
  drawStats();
  draw();
}

/** What each device and headquarters are doing. Loaded when first needed. */
export async function openHealth() {
  if (health) (await import("./health.js")).openHealth(health);
}
