// The bag on the screen: lines, the selected one with its stepper, totals, the pay bar.
import { $, el, icon } from "./dom.js";
import { bag, onBag, select, setQuantity, step } from "./bag.js";
import { garment } from "./garments.js";
import { openPayment } from "./payments.js";
import { label, lang, number, t } from "./words.js";

const FLASH_MS = 600;
const LONG = 11; // characters; a longer amount is set smaller on a phone
const drawn = new Map(); // line_id -> {node, signature}
let pay = () => {};
let blocked = () => "";
let seller = () => {};
let flashing = 0;
let flashed = 0; // the line that was just scanned
let advised = false;

/** The sheet for a discount or another price: of a line, or of the whole bag (0). Loaded when first needed. */
export async function changePrice(line_id) {
  const { openPrice } = await import("./price.js");
  openPrice(line_id);
}

function stepper(line) {
  if (line.returned_from) return el("div.act", {}, el("span.grow"), removal(line));
  return el("div.act", {},
    el("span.step", {},
      el("button", { test: "line-minus", "aria-label": t("bag.less"), onclick: () => step(line.line_id, -1) }, icon("minus")),
      el("output", { test: "line-quantity", "aria-label": t("bag.count") }, String(line.quantity)),
      el("button", { test: "line-plus", "aria-label": t("bag.more"), onclick: () => step(line.line_id, 1) }, icon("plus"))),
    el("button.btn", { test: "line-price", onclick: () => changePrice(line.line_id) }, icon("tag"), t("bag.change_price")),
    el("span.grow"),
    el("button.btn.ghost.sq", { test: "line-seller", "aria-label": t("seller.line", { name: line.name }), onclick: () => seller(line) }, icon("person")),
    removal(line));
}

const removal = (line) => el("button.btn.ghost.sq.bad", { test: "line-remove", "aria-label": t("bag.remove", { name: line.name }), onclick: () => setQuantity(line.line_id, 0) }, icon("trash"));

/** Each reason why a line costs less, with what it saves; goods that come back say from where. */
function reasons(line) {
  const back = line.returned_from ? [el("span.why.num", {}, icon("undo", "s"), t("bag.returned", { number: line.returned_from }))] : [];
  const listed = line.list_price ? [el("span.why", {}, t("bag.price_was", { price: line.list_price.text }))] : [];
  return [...back, ...listed, ...line.adjustments.map((each) => el("span.why", { test: "line-why" }, t("bag.saves", { label: label(each), amount: each.amount.text.replace("-", "") })))];
}

/** Why this line may not, or should not, be sold; nothing while there is enough. */
function shortWords(line) {
  const short = bag.view?.short?.find(({ sku }) => sku === line.sku);
  return short ? t(short.refused ? "bag.refused" : short.pieces > 0 ? "bag.short" : "bag.none_left", { n: short.pieces }) : "";
}

function lineNode(line, on) {
  const short = shortWords(line);
  const many = line.quantity !== 1 ? el("b.b.count", {}, ` × ${line.quantity}`) : null;
  const cheaper = line.net.minor !== line.extended.minor && !line.returned_from;
  const each = cheaper ? el("span.was.num", {}, line.extended.text) : line.quantity > 1 ? el("span.was.plain.num", {}, t("bag.each", { price: line.unit_price.text })) : null;
  return el(`li.line${on ? ".on" : ""}`, { test: `line-${line.line_id}`, data: { sku: line.sku } },
    el("button.lm", { "aria-expanded": String(on), onclick: () => select(line.line_id) },
      garment(line.garment, line.swatch, "th"),
      el("span.tx", {}, el("span.cut.blk", {}, line.name), el("span.sm.dim.cut.blk", {}, line.variant, many, line.seller ? ` · ${line.seller}` : null)),
      el("span.money", {}, el("span.pr.num", { test: "line-net" }, line.net.text), each),
      ...reasons(line),
      short ? el("span.why.warn", { test: "short" }, icon("alert", "s"), short) : null),
    on ? stepper(line) : null);
}

function drawLines(view) {
  const list = $("lines");
  const focus = document.activeElement?.closest?.(".line") ? document.activeElement : null;
  const focusLine = focus?.closest(".line").dataset.test;
  const focusTest = focus?.dataset.test;
  const keep = new Set();
  let previous = null;
  for (const line of view.lines) {
    const on = line.line_id === bag.selected;
    const signature = JSON.stringify([line, on, shortWords(line)]);
    let entry = drawn.get(line.line_id);
    if (entry?.signature !== signature) {
      const node = lineNode(line, on);
      node.classList.toggle("just", line.line_id === flashed);
      entry?.node.replaceWith(node);
      entry = { node, signature };
      drawn.set(line.line_id, entry);
    }
    if (previous ? previous.nextElementSibling !== entry.node : list.firstElementChild !== entry.node)
      previous ? previous.after(entry.node) : list.prepend(entry.node);
    previous = entry.node;
    keep.add(line.line_id);
  }
  for (const [line_id, entry] of drawn)
    if (!keep.has(line_id)) {
      entry.node.remove();
      drawn.delete(line_id);
    }
  if (focus && !focus.isConnected) {
    const row = list.querySelector(`[data-test="${focusLine}"]`);
    (row?.querySelector(focusTest ? `[data-test="${focusTest}"]` : ".lm") ?? list.querySelector(".on .lm"))?.focus({ preventScroll: true });
  }
}

/** The offer that is nearly reached: what is missing, and what it saves. */
function drawHint(hint) {
  const box = $("hint");
  box.hidden = !hint;
  if (!hint) return box.replaceChildren();
  const goods = hint.line_id ? bag.view.lines.find(({ line_id }) => line_id === hint.line_id) : null;
  const missing = hint.missing ? t("hint.missing", { amount: hint.missing.text }) : t("hint.pieces", { n: hint.missing_pieces });
  box.replaceChildren(...[
    el("b", {}, t("hint.saves", { missing, amount: hint.saves.text })),
    goods && el("button.btn", { test: "hint-take", onclick: () => step(goods.line_id, 1) }, icon("plus"), t("hint.take")), el("p.cut", {}, label(hint))].filter(Boolean));
}

/** What somebody has: points, and money on the account. */
const has = ({ points, balance }) => [points && t("member.has_points", { n: number(points) }), balance.minor && t("member.balance", { amount: balance.text })].filter(Boolean).join(" · ");

/** Who buys; on the button that finds them while nobody is known. */
function drawMember(who) {
  $("member-face").replaceChildren(who?.name ? [...who.name][0] : icon(who ? "person" : "qr"));
  $("member-name").textContent = who ? who.name || who.phone || t("member.erased") : t("member.button");
  $("member-tier").textContent = who?.[`tier_${lang}`] ?? "";
  $("bag-recharge").hidden = !who || who.frozen;
  $("member-birthday").hidden = !who?.birthday_month;
  $("member-more").textContent = !who ? t("member.hint") : has(who) || (who.name && who.phone);
}

/** What would cost this member least, in the bag itself. */
async function advise() {
  if (advised) return;
  advised = true;
  try {
    (await import("./best.js")).showBest($("best"), { name: "bag-best", brief: true, offer: true });
  } catch (problem) {
    advised = false; // a script that did not come is asked for with the next change
    if (!(problem instanceof TypeError)) throw problem;
  }
}

export function drawPay() {
  const view = bag.view;
  const reason = blocked();
  $("pay").disabled = $("park").disabled = !view?.lines.length || Boolean(reason);
  $("pay-why").hidden = !reason;
  $("pay-why").textContent = reason;
}

export function flash(line_id) {
  clearTimeout(flashing);
  const mark = (id) => {
    flashed = id;
    for (const [each, { node }] of drawn) node.classList.toggle("just", each === id);
  };
  mark(line_id);
  flashing = setTimeout(() => mark(0), FLASH_MS);
}

export function moveSelection(by) {
  const lines = bag.view?.lines ?? [];
  const at = lines.findIndex((line) => line.line_id === bag.selected);
  const next = lines[Math.min(lines.length - 1, Math.max(0, at + by))];
  if (!next) return;
  select(next.line_id);
  drawn.get(next.line_id)?.node.scrollIntoView({ block: "nearest" });
}

export function startBasket(options) {
  pay = options.pay;
  blocked = options.blocked;
  seller = options.seller;
  $("seller").addEventListener("click", () => seller(null));
  $("member").addEventListener("click", options.member);
  $("bag-recharge").addEventListener("click", options.recharge);
  $("park").addEventListener("click", options.park);
  $("pay").addEventListener("click", () => pay());
  onBag((view, old) => {
    drawLines(view);
    $("bag-empty").hidden = view.lines.length > 0;
    drawMember(view.customer);
    $("seller-name").textContent = view.seller || t("seller.none");
    const pieces = view.pieces_back ? t("bag.both", { n: view.pieces, back: view.pieces_back }) : t("pieces", { n: view.pieces });
    $("bag-pieces").textContent = pieces;
    $("bag-pieces").hidden = Boolean(view.customer); // the room is theirs, and the sum says it too
    $("bag-tab").textContent = t("bag.tab", { n: view.pieces });
    $("sum-pieces").textContent = t("bag.sum", { pieces });
    $("sum-gross").textContent = view.gross.text;
    $("sum-saved").textContent = view.saved.text;
    $("sum-saved-row").hidden = view.saved.minor === 0;
    drawHint(view.hint);
    if (view.customer) advise();
    const back = view.back.length > 0;
    const begun = !back && view.payments.some((each) => each.state === "paid");
    $("pay-word").textContent = t(openPayment(view) ? "pay.check" : back ? "pay.back_go" : begun ? "pay.left" : "pay.go");
    $("pay-total").textContent = back ? view.total.text.replace("-", "") : begun ? view.left.text : view.total.text;
    $("pay").classList.toggle("long", $("pay-total").textContent.length > LONG);
    drawPay();
    if (old && old !== view && view.last_line_id) drawn.get(view.last_line_id)?.node.scrollIntoView({ block: "nearest" });
  });
}
