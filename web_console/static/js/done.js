// The sale is paid: change, what the printer and the drawer do, the receipt, the next sale.
import { $, busy, el, icon, say } from "./dom.js";
import { Problem } from "./api.js";
import { printers } from "./notices.js";
import { paper } from "./paper.js";
import { tenderOf } from "./payments.js";
import { toast } from "./toast.js";
import { first, label, number, problemWord, t } from "./words.js";

let due = null; // the note that asks for a drop
let sale = null;
let jobs = new Map();
let next = () => {};

export const showing = () => sale;

const EARLY_MAX = 20;
const STEPS = ["queued", "sending"]; // every other state is later than these
const early = new Map(); // jobs heard of before the answer to the payment came

const BAD = new Set(["unknown", "failed"]);
const OVER = new Set(["sent", "confirmed"]);

export function jobNode(job) {
  const why = job.reason && !OVER.has(job.state) ? first([`reason.${job.reason}`, `health.printer.${job.reason}`, `health.${job.reason}`, "health.other"], { code: job.reason }) : "";
  const level = BAD.has(job.state) || why ? "warn" : OVER.has(job.state) ? "ok" : "";
  return el(`span.jobline${level === "warn" ? ".warn-text" : ""}`, { test: `job-${job.kind}`, data: { state: job.state } },
    icon(job.kind === "drawer" ? "drawer" : "printer"),
    el("span", {}, t(`job.${job.kind}.${job.state}`), elsewhere(job), why ? ` · ${why}` : ""));
}

/** Where a paper comes out, when that is not the till's own printer. */
function elsewhere(job) {
  const there = printers().slice(1).find((each) => each.name === job.printer);
  return there ? ` · ${t("job.elsewhere", { printer: there.label })}` : "";
}

export function drawJobs() {
  if (!sale) return;
  const dead = printers().length > 0 && !printers().some((each) => each.prints);
  $("done-jobs").replaceChildren(...[...jobs.values()].map(jobNode),
    ...(dead ? [el("span.jobline", { test: "done-on-screen" }, icon("printer"), el("span", {}, t("done.on_screen")))] : []));
}

const step = (job) => (STEPS.includes(job.state) ? STEPS.indexOf(job.state) : STEPS.length);

/** What is known of a job that an answer tells of: the pages may have heard more before the answer came. */
const newest = (job) => (early.has(job.job_id) && step(early.get(job.job_id)) > step(job) ? early.get(job.job_id) : job);

export function heardJob(job) {
  if (sale && (job.sale_number === sale.number || jobs.has(job.job_id))) {
    jobs.set(job.job_id, job);
    return drawJobs();
  }
  early.delete(job.job_id);
  early.set(job.job_id, job);
  if (early.size > EARLY_MAX) early.delete(early.keys().next().value);
}

/** Asks for a paper of this sale; a wish that got no answer is asked for again with its key. */
async function print(button, words, which) {
  const { sale_id } = sale;
  busy($(button), true);
  try {
    const job = await (await import("./copies.js"))[which](sale_id);
    if (job) {
      if (sale?.sale_id === sale_id) jobs.set(job.job_id, newest(job));
      drawJobs();
      toast(t(words));
    }
  } catch (problem) {
    toast(problem instanceof Problem ? problemWord(problem) : t("done.copy_lost"));
  }
  busy($(button), false);
}

/** An amount whose direction the words beside it say. */
const unsigned = (amount) => amount.text.replace("-", "");

/** The drawer is full enough for a drop into the safe. */
async function offerDrop(view) {
  const { dropNote } = await import("./shift.js");
  if (sale === view) $("reprint").parentElement.before(due = dropNote());
}

export function showDone(view) {
  sale = view;
  due?.remove();
  if (view.drop_due) offerDrop(view);
  jobs = new Map(view.jobs.map((job) => [job.job_id, newest(job)]));
  early.clear();
  const back = view.total.minor < 0;
  $("gift").hidden = back;
  const said = t(back ? "done.refunded" : "done.paid", { total: unsigned(view.total) });
  $("done-total").textContent = said;
  $("done-how").textContent = view.tenders.map((tender) => t(!back && (tender.change.minor || tender.foreign) ? "done.tender" : "done.tender_exact", { name: label(tenderOf(tender.key)), amount: unsigned((back && tender.foreign) || tender.amount), tendered: (tender.foreign ?? tender.tendered).text })).concat(view.change.minor < 0 ? t("done.take_in", { amount: unsigned(view.change) }) : []).join(" + ");
  const cash = back && view.tenders.find((tender) => tenderOf(tender.key).gives_change);
  const exact = !cash && view.change.minor === 0;
  $("done-change").textContent = cash ? unsigned(cash.foreign ?? cash.amount) : exact ? t(back ? "done.back_done" : "done.exact") : view.change.text;
  $("done-change").classList.toggle("word", exact);
  $("done-change").classList.toggle("long", $("done-change").textContent.length > 9);
  $("done-label").textContent = t(cash ? "done.give_back" : back ? "done.back_label" : exact ? "done.exact_label" : "done.give");
  $("keep-change").hidden = !view.keeps_change;
  $("done-buyer").textContent = view.buyer ? bought(view.buyer) : "";
  $("done-tier").textContent = view.risen ? t("done.risen", { tier: label(view.risen) }) : "";
  $("done-number").textContent = t("done.number", { number: view.number });
  $("done-paper").replaceChildren(paper(view.paper));
  drawJobs();
  if (view.kept_change) showKept(t("recharge.kept_before"));
  else say(exact || back ? said : t("done.said", { total: view.total.text, change: view.change.text }));
}

/** Who bought, and what it gave them: to be said to the customer. */
const bought = ({ name, earned, points }) => [name, earned && t("done.earned", { n: `${earned > 0 ? "+" : ""}${number(earned)}` }), points !== null && t("done.points", { n: number(points) })].filter(Boolean).join(" · ");

/** The change is not to be handed out: no amount stands there any more. */
function showKept(words) {
  $("done-label").textContent = words;
  $("done-change").textContent = t("done.exact_label");
  $("done-change").classList.add("word");
  say(words);
}

export function leaveDone() {
  due?.remove();
  sale = null;
  jobs = new Map();
}

export function startDone(options) {
  next = options.next;
  $("next-sale").addEventListener("click", () => next());
  $("reprint").addEventListener("click", () => print("reprint", "done.copy_queued", "printCopy"));
  $("gift").addEventListener("click", () => print("gift", "done.gift_queued", "printGift"));
  $("keep-change").addEventListener("click", async () => (await import("./recharge.js")).keepChange($("keep-change"), sale, showKept));
  $("copy-language").addEventListener("click", () => print("copy-language", "done.copy_queued", "printInLanguage"));
}
