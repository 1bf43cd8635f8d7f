// Receipts of older sales: found by number, by a scan or in this till's list; looked at, and printed again.
import { busy, el, icon } from "./dom.js";
import { Problem, get, part } from "./api.js";
import { jobNode } from "./done.js";
import { paper } from "./paper.js";
import { openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { clock, date, problemWord, t } from "./words.js";

const PAGE = 50; // sales of one look
const when = (ms) => `${date(ms)} ${clock(ms)}`;

export function openReceipts() {
  const body = el("div.body.col.pad.returns");
  const sheet = openSheet({ name: "receipts", title: t("receipts.title"), body });
  sheet.scanned = find;
  sheet.heardJob = () => {};
  list();

  function fail(problem, lost = "bag.lost") {
    refused();
    body.querySelector("[role=alert]")?.remove();
    body.prepend(el("div.note.bad", { role: "alert", test: "receipts-fail" }, icon("alert", "l"), el("div.grow", {}, el("b", {}, problem instanceof Problem ? problemWord(problem) : t(lost)))));
  }

  function row(sale) {
    return el("button.row.wrap.sale", { test: `past-${sale.number}`, onclick: () => open(sale.sale_id) },
      el("span.num", {}, sale.number), el("span.sm.mut.num", {}, when(sale.at_ms)), sale.kind === "sale" ? null : el("span.pill", {}, t(`receipts.${sale.kind}`)), el("span.num.b.end", {}, sale.total.text));
  }

  async function list() {
    sheet.heardJob = () => {};
    const input = el("input.inp", { id: "past-number", test: "past-number", autocomplete: "off", spellcheck: "false", maxlength: 80, placeholder: t("return.number"), "aria-label": t("return.number") });
    const form = el("form.row", { onsubmit: (event) => { event.preventDefault(); if (input.value.trim()) find(input.value); } }, el("label.field.grow", { for: "past-number" }, icon("search"), input), el("button.btn.l", { type: "submit", test: "past-find" }, t("return.find")));
    const rows = el("div.list.card", { test: "past-sales" });
    const more = el("button.btn.block", { test: "past-more", hidden: true }, t("more"));
    body.replaceChildren(el("p.sm.mut", {}, t("return.hint")), form, el("div.sm.mut", {}, t("return.recent")), rows, more);
    input.focus();
    const ask = async (before) => {
      try {
        const sales = await get(`/api/till/sales?before_ms=${before}`);
        rows.append(...sales.map(row));
        more.hidden = sales.length < PAGE;
        more.onclick = () => ask(sales.at(-1).at_ms);
        if (!rows.children.length) rows.append(el("div.empty.sm.mut", {}, t("receipts.none")));
      } catch (problem) { fail(problem); }
    };
    await ask(0);
  }

  async function find(number) {
    try {
      const found = await get(`/api/receipts?number=${part(number.trim())}`);
      await open(found.sale_id);
    } catch (problem) { fail(problem); }
  }

  async function open(sale_id) {
    try { show(await get(`/api/sales/${part(sale_id)}`)); } catch (problem) { fail(problem); }
  }

  function show(sale) {
    const jobs = new Map(sale.jobs.map((job) => [job.job_id, job]));
    const list_ = el("div.jobs.sm.mut", { role: "status", test: "past-jobs" });
    const copies = () => [...jobs.values()].filter((job) => job.kind === "copy").length;
    const again = el("span");
    const draw = () => {
      list_.replaceChildren(...[...jobs.values()].filter((job) => job.kind !== "drawer").map(jobNode));
      again.textContent = t("receipts.copy", { n: copies() + 1 });
    };
    const hear = (job) => { jobs.set(job.job_id, job); draw(); };
    sheet.heardJob = (job) => { if (job.job_id.startsWith(`${sale.sale_id}.`)) hear(job); };
    const button = (test, name, label, which) => el("button.btn.l", { test, onclick: async (event) => {
      const pressed = event.currentTarget;
      busy(pressed, true);
      body.querySelector("[role=alert]")?.remove();
      try {
        const job = await (await import("./copies.js"))[which](sale.sale_id);
        if (job && !jobs.has(job.job_id)) hear(job);
      } catch (problem) { fail(problem, "done.copy_lost"); }
      busy(pressed, false);
    } }, icon(name), label);
    body.replaceChildren(
      el("div.row", {}, el("div.grow", {}, el("div.num.b", { test: "past-title" }, sale.number), el("div.sm.mut", {}, `${when(sale.at_ms)} · ${sale.total.text}`)), el("button.btn", { test: "past-again", onclick: list }, t("return.again"))),
      el("div.chips", {},
        button("past-copy", "printer", again, "printCopy"),
        sale.total.minor > 0 ? button("past-gift", "tag", t("done.gift"), "printGift") : null,
        button("past-language", "printer", t("done.language"), "printInLanguage")),
      list_, paper(sale.paper));
    draw();
  }
}
