// Goods that come back: the receipt, its lines, the pieces, the reason; then they stand in the bag.
import { $, el, icon } from "./dom.js";
import { Problem, get, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { applyBag, bag } from "./bag.js";
import { tenderOf } from "./payments.js";
import { confirmation } from "./confirmation.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { clock, label, problemWord, t } from "./words.js";

const REASONS = ["size", "colour", "quality", "mind", "wrong", "other"];

const words = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));

/** Opens the sheet at a receipt, or at the list of this till's last sales. */
export function openReturns({ number = "", sold = () => {} } = {}) {
  const body = el("div.body.col.pad.returns");
  const sheet = openSheet({ name: "returns", title: t("return.title"), body });
  sheet.scanned = find;
  if (number) find(number);
  else list();

  function fail(problem) {
    refused();
    body.querySelector("[role=alert]")?.remove();
    body.prepend(el("div.note.bad", { role: "alert" }, icon("alert", "l"), el("div.grow", {}, el("b", {}, words(problem)))));
  }

  async function list() {
    const input = el("input.inp", { id: "receipt", test: "receipt-number", autocomplete: "off", spellcheck: "false", maxlength: 80, placeholder: t("return.number"), "aria-label": t("return.number") });
    const form = el("form.row", { onsubmit: (event) => { event.preventDefault(); if (input.value.trim()) find(input.value); } }, el("label.field.grow", { for: "receipt" }, icon("search"), input), el("button.btn.l", { type: "submit", test: "receipt-find" }, t("return.find")), el("button.btn.l", { type: "button", test: "no-receipt", onclick: noReceipt }, t("blind.open")));
    const rows = el("div.list.card", { test: "recent-sales" });
    body.replaceChildren(el("p.sm.mut", {}, t("return.hint")), form, el("div.sm.mut", {}, t("return.recent")), rows);
    input.focus();
    try {
      const sales = await get("/api/till/sales");
      const shown = sales.filter((sale) => sale.kind === "sale" || sale.kind === "exchange");
      rows.replaceChildren(...(shown.length ? shown.map((sale) => el("button.row.sale", { test: `sale-${sale.number}`, onclick: () => open(() => get(`/api/sales/${part(sale.sale_id)}/returnable`)) },
        el("span.num", {}, sale.number), el("span.sm.mut.num", {}, clock(sale.at_ms)), el("span.sm.mut", {}, t("pieces", { n: sale.pieces })), el("span.num.b.end", {}, sale.total.text)))
        : [el("div.empty.sm.mut", {}, t("return.none"))]));
    } catch (problem) { fail(problem); }
  }

  async function noReceipt() {
    const { openNoReceipt } = await import("./noreceipt.js");
    closeSheet(sheet);
    openNoReceipt({ sold });
  }

  function find(text) {
    return open(() => get(`/api/receipts?number=${part(text.trim())}`));
  }

  async function open(ask) {
    try { show(await ask()); } catch (problem) { if (!body.children.length) await list(); fail(problem); }
  }

  function show(sale) {
    const chosen = new Map();
    let reason = REASONS[0];
    let told = null; // what the gateway says of the pieces as they are chosen
    let asked = 0;
    const why = el("div.note.warn", { hidden: true, role: "status", test: "return-anew" });
    const put = el("button.btn.pri.xl.block", { test: "return-take", onclick: take });
    const chips = el("div.chips", { role: "group", "aria-label": t("return.reason") }, ...REASONS.map((each) => el("button.btn", { data: { reason: each }, test: `reason-${each}`, onclick: () => { reason = each; draw(); } }, t(`return.reason.${each}`))));
    const lines = sale.lines.map((line) => {
      const count = el("output", { "aria-label": t("bag.count") });
      const worth = el("span.num.b.end", { test: `worth-${line.line_number}` });
      const by = (step) => { chosen.set(line.line_number, Math.min(line.left, Math.max(0, (chosen.get(line.line_number) ?? 0) + step))); value(); };
      const node = el("div.row.wrap.back-line", { test: `return-line-${line.line_number}` },
        el("span.grow", {}, el("span.cut.blk", {}, line.name), el("span.sm.dim.blk", {}, `${line.variant} · `, t(line.left < line.quantity ? "return.left" : "return.sold", { n: line.quantity, left: line.left })), ...line.adjustments.map((each) => el("span.sm.dim.blk", {}, `${label(each)} ${each.amount.text}`)), line.last_day && el(`span.sm.blk${line.late ? ".warn-text" : ".dim"}`, { test: `until-${line.line_number}` }, t(line.late ? "return.late" : "return.until", { day: line.last_day }))),
        worth,
        line.left ? el("span.step", {}, el("button", { test: "return-minus", "aria-label": t("bag.less"), onclick: () => by(-1) }, icon("minus")), count, el("button", { test: "return-plus", "aria-label": t("bag.more"), onclick: () => by(1) }, icon("plus"))) : el("span.pill", {}, t("return.gone")));
      return { line, count, worth, node };
    });

    /** A sale whose promotion wants it so is reckoned anew from what is kept: the gateway says how, in words. */
    async function value() {
      const mine = ++asked;
      told = null;
      const pieces = [...chosen].filter(([, n]) => n).map(([number, n]) => `${number}*${n}`).join(",");
      draw();
      if (!sale.anew || !pieces) return;
      try {
        const answer = await get(`/api/sales/${part(sale.sale_id)}/worth?pieces=${part(pieces)}`);
        if (mine === asked) told = answer;
      } catch (problem) { if (mine === asked) fail(problem); }
      draw();
    }

    function drawTold() {
      why.hidden = !told?.anew;
      if (why.hidden) return;
      const less = told.less.minor;
      const offers = told.offers.map(label).join(t("return.and"));
      why.replaceChildren(icon("alert", "l"), el("div.grow", {}, el("b", {}, t("return.anew", { back: told.back.text })),
        el("p", {}, t("return.anew_why", { offers, kept: told.kept.text }), less ? ` ${t(less > 0 ? "return.anew_less" : "return.anew_more", { amount: told.less.text.replace("-", "") })}` : "")));
    }

    function draw() {
      drawTold();
      for (const { line, count, worth } of lines) {
        const n = chosen.get(line.line_number) ?? 0;
        count.textContent = String(n);
        worth.textContent = n && !sale.anew ? line.worth[n - 1]?.text ?? "" : "";
      }
      for (const each of chips.children) each.setAttribute("aria-pressed", String(each.dataset.reason === reason));
      const pieces = [...chosen.values()].reduce((sum, n) => sum + n, 0);
      put.disabled = !pieces || (sale.anew && !told);
      put.textContent = pieces ? t("return.take", { n: pieces }) : t("return.choose");
    }

    async function take() {
      put.disabled = true;
      const wanted = { basket_id: bag.view.basket_id, sale_id: sale.sale_id, lines: [...chosen].filter(([, n]) => n).map(([line_number, quantity]) => ({ line_number, quantity })), reason };
      try {
        const view = await approved("return", (approval) => once(`return ${JSON.stringify(wanted)}`, (options) => post("/api/till/returns", { ...wanted, ...(approval ? { approval } : {}) }, options)), { reason: t(`return.reason.${reason}`) });
        if (view) { applyBag(view); return closeSheet(sheet); }
      } catch (problem) { fail(problem); }
      draw();
    }

    async function undoWhole() {
      const sure = await confirmation({ name: "void", bad: true, title: t("return.void_title", { number: sale.number }), text: t("return.void_text", { amount: sale.total.text }), yes: t("return.void_yes") });
      if (!sure) return;
      const asked = { reason: t(`return.reason.${reason}`) };
      const how = sale.tenders.some((each) => tenderOf(each.key).outcome === "asked") ? "undo" : "void"; // a terminal pays back first, in the bag
      try {
        const answer = await approved("void_sale", (approval) => once(`${how} ${sale.sale_id}`, (options) => post(`/api/sales/${part(sale.sale_id)}/${how}`, { ...asked, ...(approval ? { approval } : {}) }, options)), { reason: asked.reason });
        if (!answer) return;
        closeSheet(sheet);
        if (how === "void") return sold(answer);
        applyBag(answer);
        $("pay").click(); // to the terminal that has to pay back
      } catch (problem) { fail(problem); }
    }

    body.replaceChildren(
      el("div.row", {}, el("div.grow", {}, el("div.num.b", {}, sale.number), el("div.sm.mut", {}, `${sale.operator} · ${clock(sale.at_ms)} · ${sale.total.text}`)), el("button.btn", { test: "return-again", onclick: list }, t("return.again"))),
      el("div.list.card", {}, ...lines.map(({ node }) => node)), el("div.sm.mut", {}, t("return.reason")), chips, why,
      sale.coupons_used ? el("div.note.warn", { test: "return-coupons" }, icon("alert", "l"), el("div.grow", {}, t("return.coupons_used", { amount: sale.coupons_used.text }))) : "", put,
      sale.same_day ? el("button.btn.ghost.bad.block", { test: "return-void", onclick: undoWhole }, t("return.void")) : "");
    draw();
  }
}
