// Goods without a receipt: scanned here, worth the lowest price of the last days, paid back as a gift card.
import { busy, el, icon } from "./dom.js";
import { Problem, get, once, part, post, put } from "./api.js";
import { approved } from "./approve.js";
import { applyBag, bag, line } from "./bag.js";
import { closeSheet, openSheet } from "./sheet.js";
import { accepted, refused } from "./sound.js";
import { problemWord, t } from "./words.js";

const REASONS = ["size", "colour", "quality", "mind", "wrong", "other"];
const words = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));

/** Opens the sheet. `sold(document)` runs when the goods have been taken back. */
export function openNoReceipt({ sold }) {
  const rows = [];
  let reason = REASONS[0];
  let worth = null; // the gateway's answer for the rows as they are
  let asked = 0;
  let heard = 0; // the last scan that was taken: the stream may tell of it twice
  const input = el("input.inp", { id: "blind-code", test: "blind-code", autocomplete: "off", spellcheck: "false", maxlength: 80, placeholder: t("blind.code"), "aria-label": t("blind.code") });
  const form = el("form.row", { onsubmit: (event) => { event.preventDefault(); if (input.value.trim()) find(input.value.trim()); } }, el("label.field.grow", { for: "blind-code" }, icon("search"), input), el("button.btn.l", { type: "submit", test: "blind-add" }, t("blind.add")));
  const why = el("div.note.bad", { role: "alert", hidden: true, test: "blind-why" });
  const list = el("div.list.card", { test: "blind-lines" });
  const sum = el("div.row.split", { test: "blind-total" });
  const word = el("span");
  const take = el("button.btn.pri.xl.block", { test: "blind-take", onclick: send }, word);
  const chips = el("div.chips", { role: "group", "aria-label": t("return.reason") }, ...REASONS.map((each) => el("button.btn", { data: { reason: each }, test: `blind-reason-${each}`, onclick: () => { reason = each; draw(); } }, t(`return.reason.${each}`))));
  const sheet = openSheet({ name: "blind", title: t("blind.title"), body: el("div.body.col.pad.returns", {}, el("p.sm.mut", {}, t("blind.hint")), form, why, list, sum, el("div.sm.mut", {}, t("return.reason")), chips, take) });
  sheet.takes = true;
  sheet.scanned = (code, scan) => {
    if (scan && scan.seq <= heard) return;
    heard = scan?.seq ?? heard;
    if (scan?.code === "added") outOfBag(scan.line_id);
    find(code);
  };

  /** The gateway sells what its scanner reads: these goods are not bought. */
  async function outOfBag(line_id) {
    const held = line(line_id);
    if (!held) return;
    const { basket_id } = bag.view;
    try { applyBag(await put(`/api/till/lines/${part(line_id)}`, { basket_id, quantity: held.quantity - 1 })); } catch (problem) { fail(problem); }
  }

  function fail(problem) {
    refused();
    why.hidden = false;
    why.replaceChildren(icon("alert", "l"), el("div.grow", {}, el("b", {}, words(problem))));
  }

  async function find(code) {
    why.hidden = true;
    try {
      const offer = await get(`/api/till/blind-returns/offer?code=${part(code)}`);
      const known = rows.find((row) => row.sku === offer.sku);
      if (known) Object.assign(known, { ...offer, count: known.count + 1 });
      else rows.push({ ...offer, count: 1 });
      accepted();
      input.value = "";
      value();
    } catch (problem) { fail(problem); }
  }

  function rowNode(row) {
    const by = (step) => { row.count += step; if (!row.count) rows.splice(rows.indexOf(row), 1); value(); };
    return el("div.row.wrap.back-line", { test: `blind-line-${row.sku}` },
      el("span.grow", {}, el("span.cut.blk", {}, row.name), el("span.sm.dim.blk", {}, `${row.variant} · `, t("blind.lowest", { days: row.days, price: row.unit.text }))),
      el("span.num.b.end", {}, worth?.lines[rows.indexOf(row)]?.text ?? "…"),
      el("span.step", {}, el("button", { test: "blind-minus", "aria-label": t("bag.less"), onclick: () => by(-1) }, icon("minus")), el("output", { "aria-label": t("bag.count") }, String(row.count)), el("button", { test: "blind-plus", "aria-label": t("bag.more"), onclick: () => by(1) }, icon("plus"))));
  }

  /** What is in the list now is worth; nothing can be sent before that is known. */
  async function value() {
    const mine = ++asked;
    worth = null;
    draw();
    if (!rows.length) return;
    try {
      const answer = await get(`/api/till/blind-returns/worth?pieces=${part(rows.map((row) => `${row.sku}*${row.count}`).join(","))}`);
      if (mine === asked) worth = answer;
    } catch (problem) { if (mine === asked) fail(problem); }
    draw();
  }

  function draw() {
    const total = worth?.total;
    const over = worth?.over;
    list.replaceChildren(...(rows.length ? rows.map(rowNode) : [el("div.empty.sm.mut", {}, t("blind.none"))]));
    sum.replaceChildren(el("span", {}, over ? el("span.bad-text", {}, t("blind.over", { most: rows[0].most.text })) : t("blind.total")), el("span.num.b.end", {}, total?.text ?? ""));
    sum.hidden = !total;
    for (const each of chips.children) each.setAttribute("aria-pressed", String(each.dataset.reason === reason));
    busy(take, false);
    take.disabled = !total || over;
    word.textContent = total ? t("blind.take", { amount: total.text }) : t("blind.scan_first");
  }

  async function send() {
    busy(take, true);
    why.hidden = true;
    const wanted = { lines: rows.map(({ sku, count }) => ({ sku, quantity: count })), total_minor: worth.total.minor, reason };
    try {
      const document = await approved("return_blind", (approval) => once(`blind ${JSON.stringify(wanted)}`, (options) => post("/api/till/blind-returns", { ...wanted, ...(approval ? { approval } : {}) }, options)), { reason: t(`return.reason.${reason}`) });
      if (document) { closeSheet(sheet); return sold(document); }
    } catch (problem) {
      fail(problem);
      if (problem.code === "basket_changed") await again();
    }
    draw();
  }

  /** A price fell meanwhile: what is worth less is shown, and sent only when it is pressed again. */
  async function again() {
    for (const row of rows) {
      try { Object.assign(row, await get(`/api/till/blind-returns/offer?code=${part(row.sku)}`)); } catch (problem) { fail(problem); }
    }
    await value();
  }

  draw();
  input.focus();
}
