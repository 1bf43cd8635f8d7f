// A discount or another price: of one line, or of the whole bag.
import { el } from "./dom.js";
import { Problem, part, put } from "./api.js";
import { approved } from "./approve.js";
import { applyBag, bag, line as lineOf } from "./bag.js";
import { pad } from "./pad.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { label, problemWord, t } from "./words.js";

const REASONS = ["damaged", "regular", "campaign", "match", "other"];
const TYPED_MAX = 9;

const placesOf = (currency) => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;

/** Typed figures as whole units of the last place: no fractions are ever computed. */
function units(text, places) {
  const [whole, fraction = ""] = text.split(".");
  return Number((whole || "0") + fraction.padEnd(places, "0"));
}

export function openPrice(line_id) {
  const view = bag.view;
  const line = line_id ? lineOf(line_id) : null;
  if (!view?.lines.length || (line_id && !line)) return;
  const state = { kind: "percent", typed: "", reason: REASONS[0] };
  const places = () => (state.kind === "percent" ? 2 : placesOf(view.total.currency));
  const shown = el("span.num.grow.ra", { test: "price-typed" });
  const unit = el("span.mut");
  const why = el("div.sm.bad-text.why-not", { role: "alert" });
  const chips = el("div.chips", { role: "group", "aria-label": t("price.reason") });
  const apply = el("button.btn.pri.xl.block", { test: "price-apply", onclick: send }, t("price.apply"));
  const kinds = el("div.seg", { role: "group", "aria-label": t("price.kind") });
  const changed = (line ? line.adjustments : view.adjustments).length || line?.list_price;

  function draw() {
    for (const each of kinds.children) each.setAttribute("aria-pressed", String(each.dataset.kind === state.kind));
    for (const each of chips.children) each.setAttribute("aria-pressed", String(each.dataset.reason === state.reason));
    chips.hidden = state.kind === "price";
    unit.textContent = t(`price.${state.kind}`);
    shown.textContent = state.typed ? (state.kind === "percent" ? `${state.typed} %` : state.typed) : "—";
    apply.disabled = !state.typed;
  }

  function press(key) {
    why.textContent = "";
    let text = state.typed;
    if (key === "clear") text = "";
    else if (key === "del") text = text.slice(0, -1);
    else if (key === ".") text = places() && !text.includes(".") ? `${text || "0"}.` : text;
    else text = (text === "0" ? "" : text) + key;
    if (text.length > TYPED_MAX || (text.split(".")[1] ?? "").length > places()) return;
    if (state.kind === "percent" && units(text, 2) > 10_000) return;
    state.typed = text;
    draw();
  }

  async function put_(path, body, right) {
    apply.disabled = true;
    try {
      const after = await approved(right, (approval) => put(path, { basket_id: view.basket_id, ...body, ...(approval ? { approval } : {}) }), { reason: body.reason });
      if (after) { applyBag(after); return closeSheet(sheet); }
    } catch (problem) {
      refused();
      why.textContent = problem instanceof Problem ? problemWord(problem) : t("bag.lost");
    }
    draw();
  }

  const discount = (percent_bp, amount_minor) => put_("/api/till/discount", { line_id, percent_bp, amount_minor, reason: t(`price.reason.${state.reason}`) }, "discount");

  function send() {
    const value = units(state.typed, places());
    if (state.kind === "price") return put_(`/api/till/lines/${part(line_id)}/price`, { price_minor: value }, "price_override");
    return discount(state.kind === "percent" ? value : 0, state.kind === "amount" ? value : 0);
  }

  function takeBack() {
    if (line?.list_price) return put_(`/api/till/lines/${part(line_id)}/price`, { price_minor: line.list_price.minor }, "price_override");
    return discount(0, 0);
  }

  for (const kind of line ? ["percent", "amount", "price"] : ["percent", "amount"])
    kinds.append(el("button", { data: { kind }, test: `price-${kind}`, onclick: () => { state.kind = kind; state.typed = ""; draw(); } }, t(`price.${kind}`)));
  for (const reason of REASONS)
    chips.append(el("button.btn", { data: { reason }, test: `reason-${reason}`, onclick: () => { state.reason = reason; draw(); } }, t(`price.reason.${reason}`)));
  const sheet = openSheet({
    name: "price", title: line ? t("price.title", { name: line.name }) : t("price.title_bag"),
    body: el("div.body.col.pad.price", {},
      el("div.row", {}, el("span.mut", {}, t(line ? "price.now" : "price.now_bag")), el("span.num.b.end", {}, line ? line.net.text : view.total.text)),
      ...(line?.adjustments ?? []).map((each) => el("div.row.sm.mut", {}, el("span", {}, label(each)), el("span.num.end", {}, each.amount.text))),
      kinds, el("div.amt", {}, unit, shown), pad(press, { left: ".", right: "del", prefix: "price-key" }), chips, why, apply,
      changed ? el("button.btn.ghost.block", { test: "price-back", onclick: takeBack }, t("price.back")) : ""),
  });
  sheet.box.addEventListener("keydown", (event) => {
    if (/^[0-9.]$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") press("del");
    else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement) && !apply.disabled) send();
    else return;
    event.preventDefault();
  });
  draw();
}
