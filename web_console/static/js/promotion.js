// A promotion's form, with a trial on a sample bag and on the sales there were; publish and withdraw.
import { busy, el, icon, pill } from "./dom.js";
import { Problem, get, once, part, post } from "./api.js";
import { address, card, field, fill, go, head, input, seg, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { first, lang, number, problemWord, t } from "./words.js";

const { complete, fresh, inputs } = await import("./inputs.js"); // a part of its own, other forms have it too
let garment = null; // the drawings come with the form
const PAUSE_MS = 250;
const MAIN = ["goods", "window"]; // of the terms; the others stand under "more"
const LEVELS = { live: "ok", planned: "info", ended: "", withdrawn: "" };
const label = (held) => (lang === "en" ? held.label_en : held.label_zh);
const state = (row) => (row.state === "live" ? pill("ok", t("promo.live")) : el(`span.pill.${LEVELS[row.state] || "plain"}`, {}, t(`promo.${row.state}`)));

/** What the draft would have given on the sales there were. */
function lookBack(draft, ready) {
  const place = el("div.kpis.three-up", { "aria-live": "polite", test: "look-back" });
  const figure = (words, value) => el("div", {}, el("div.sm.mut", {}, words), el("div.b.num.xl", {}, value));
  const look = el("button.btn", { test: "look-back-go", onclick: async () => {
    if (!ready()) return toast(t("promo.fill_in"));
    busy(look, true);
    await fill(place, () => post("/api/office/promotion-history", draft()), (told) => (told.sales ? [
      figure(t("promo.back_reduced"), t("promo.back_sales", { n: number(told.reduced), all: number(told.sales) })), figure(t("promo.spent"), told.given.text), figure(t("promo.back_near"), t("promo.back_n", { n: number(told.near) })),
    ] : el("div.sm.mut", {}, t("promo.back_none"))));
    busy(look, false);
  } }, icon("history"), t("promo.back_go"));
  return el("section.card.pad.col", {}, el("div.row", {}, el("h2", {}, t("promo.back")), el("span.end"), look), place);
}

/** The bag to try on, and what the gateway says it costs. */
export async function trial(form, draft, ready) {
  ({ garment } = await import("./garments.js"));
  const bag = form.sample.map((each) => ({ ...each, quantity: 1 }));
  const place = el("div", { "aria-live": "polite", test: "trial" });
  let pause = 0;
  let asked = 0;

  const step = (line, by) => { line.quantity = Math.min(99, line.quantity + by); if (line.quantity < 1) bag.splice(bag.indexOf(line), 1); again(0); };
  const lineNode = (line, n) => el("div.trial-line", {}, el("span.th", {}, garment(line.garment, line.swatch)),
    el("div.min0", {}, el("div.cut", {}, line.name), el("div.sm.dim.cut", {}, `${line.variant} × ${line.quantity}`)),
    el("div.money", {}, el("div.b.num", {}, line.net.text), line.cheaper ? el("div.was.num", {}, line.was.text) : null),
    el("div.step.small", {}, el("button", { "aria-label": t("bag.less"), test: `less-${n}`, onclick: () => step(bag[n], -1) }, icon("minus")), el("button", { "aria-label": t("bag.more"), test: `more-${n}`, onclick: () => step(bag[n], 1) }, icon("plus"))));
  const why = (offer) => first([`miss.${offer.code}`, "miss.other"], { needed: offer.needed, have: offer.have, winner: offer.winner });
  const offerNode = (offer) => el(`div.row.sm${offer.applied ? ".save" : ""}${offer.mine ? ".b" : ""}`, { data: { mine: String(offer.mine), applied: String(offer.applied) } }, el("span.cut.grow", {}, offer.label), el("span.num", {}, offer.applied ? offer.amount.text : ""));

  function draw(told) {
    const mine = told.offers.find((offer) => offer.mine);
    place.replaceChildren(...told.lines.map(lineNode),
      el("div.pad.col.tightcol", {}, el("div.row.sm.mut", {}, el("span.grow", {}, t("promo.gross")), el("span.num", {}, told.gross.text)),
        ...told.offers.filter((offer) => offer.applied).map(offerNode),
        el("div.row", {}, el("span.b.grow", {}, t("pay.due")), el("span.num.b.xl", { test: "trial-total" }, told.total.text)),
        mine && !mine.applied ? el("div.note.warn", { test: "trial-miss" }, icon("alert"), el("div.grow", {}, el("b", {}, t("promo.gives_nothing")), el("p", {}, why(mine)))) : null,
        told.nearest ? el("div.note.ok", { test: "trial-nearest" }, icon("tag"), el("div.grow", {}, el("b", {}, t(`promo.nearest_${told.nearest.unit}`, told.nearest)), el("p", {}, t("promo.nearest_saves", { saves: told.nearest.saves.text, label: told.nearest.label })))) : null));
  }

  const told = (words) => place.replaceChildren(el("div.pad.sm.mut", {}, words));

  function again(wait = PAUSE_MS) {
    clearTimeout(pause);
    pause = setTimeout(async () => {
      const mine = ++asked;
      if (!bag.length) return told(t("promo.bag_empty"));
      if (!ready()) return told(t("promo.fill_first"));
      try {
        const answer = await post(`/api/office/promotion-trial?lang=${lang}`, { draft: draft(), sample: bag.map(({ sku, quantity }) => ({ sku, quantity })) });
        if (mine === asked) draw(answer);
      } catch (problem) {
        if (mine === asked) told(problem instanceof Problem ? [problemWord(problem), problem.details.reason].filter(Boolean).join(" · ") : t("office.lost"));
      }
    }, wait);
  }

  const found = el("div.list");
  let typing = 0;
  const search = el("input", { type: "search", test: "trial-search", autocomplete: "off", maxlength: "64", placeholder: t("promo.add_article"), "aria-label": t("promo.add_article"), oninput: () => {
    clearTimeout(typing);
    typing = setTimeout(async () => {
      const text = search.value.trim();
      if (!text) return found.replaceChildren();
      try {
        const { tiles } = await get(`/api/catalogue?q=${part(text)}`);
        found.replaceChildren(...tiles.slice(0, 5).map((tile) => el("button.swrow.go", { test: `trial-add-${tile.style}`, onclick: () => add(tile) }, el("span.cut.grow", {}, tile.name), el("span.num.sm.mut", {}, tile.price.text))));
      } catch { found.replaceChildren(); }
    }, 150);
  } });
  async function add(tile) {
    try {
      const style = await get(`/api/styles/${part(tile.style)}`);
      const held = bag.find((line) => line.sku === style.variants[0].sku);
      if (held) held.quantity += 1;
      else bag.push({ sku: style.variants[0].sku, quantity: 1 });
    } catch (problem) { toast(problem instanceof Problem ? problemWord(problem) : t("office.lost")); }
    search.value = "";
    found.replaceChildren();
    again(0);
  }
  const node = el("aside.card.side", {}, el("div.row.card-head", {}, el("h2", {}, t("promo.trial")), el("span.pill.end", {}, t("promo.trial_live"))), place,
    el("div.card-end", {}, el("label.field", {}, icon("search"), search), found));
  return { node, again };
}

const layerWord = (layer) => t(`layer.${layer}`);

/** What a promotion may name by a press; without any, there is only the key to type. */
function choices(form, loyalty, { book }) {
  const keyed = (all) => (all.length ? all.map((each) => [each.key, label(each)]) : undefined);
  return { categories: form.categories.map((each) => [each.key, each.name]), tiers: keyed(loyalty.tiers), segments: keyed(book.tags) };
}

async function editor(form, held) {
  const options = choices(form, ...(await Promise.all([get(`/api/office/loyalty-form?lang=${lang}`), get("/api/office/tags")])));
  const page = el("div.col.wide-gap");
  const known = held?.draft;
  let kind = form.kinds.find((each) => each.key === known?.kind) ?? form.kinds[0];
  let layer = known?.layer ?? kind.layers[0];
  const labels = { label_zh: known?.label_zh ?? "", label_en: known?.label_en ?? "" };
  const terms = { ...fresh(form.terms), ...structuredClone(known?.terms ?? {}) };
  const params = new Map(form.kinds.map((each) => [each.key, { ...fresh(each.inputs), ...(each.key === known?.kind ? structuredClone(known.params) : {}) }]));
  const draft = () => ({ promotion_id: known?.promotion_id ?? "", kind: kind.key, layer, label_zh: labels.label_zh.trim() || label(kind), label_en: labels.label_en.trim() || kind.label_en, terms: { ...terms, needs_coupon: layer === 5 }, params: params.get(kind.key) });
  const ready = () => complete(kind.inputs, params.get(kind.key)) && complete(form.terms, terms);
  const tried = await trial(form, draft, ready);
  const context = { changed: () => tried.again(), decimals: form.decimals, options };

  const what = el("div.col");
  const drawKind = () => what.replaceChildren(
    kind.layers.length > 1 ? seg(t("promo.layer"), kind.layers.map((each) => [each, layerWord(each)]), layer, (value) => { layer = value; tried.again(); }, "layer") : "",
    el("div.two", {}, ...inputs(kind.inputs, params.get(kind.key), context)));
  const kinds = el("div.chips", { role: "group", "aria-label": t("promo.kind") }, ...form.kinds.map((each) => el("button.btn.chip", { "aria-pressed": String(each === kind), test: `kind-${each.key}`, onclick: (event) => {
    for (const other of kinds.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
    kind = each;
    layer = kind.layers[0];
    drawKind();
    tried.again();
  } }, label(each))));
  drawKind();

  const named = (key, words) => {
    const control = input({ value: labels[key], maxlength: "60", test: `promo-${key}`, oninput: () => { labels[key] = control.value; tried.again(); } });
    return field(words, control);
  };
  const main = form.terms.filter((each) => MAIN.includes(each.key));
  const more = form.terms.filter((each) => !MAIN.includes(each.key) && each.key !== "needs_coupon");
  const publish = el("button.btn.pri", { test: "publish", onclick: () => confirm(publish) }, t(known ? "promo.publish_next" : "promo.publish"));

  async function send(button) {
    busy(button, true);
    try {
      const body = draft();
      const answer = await once(`publish ${JSON.stringify(body)}`, (key) => post(`/api/office/promotions?lang=${lang}`, body, key));
      toast(t("promo.published", { label: answer.row.label, n: answer.row.version }));
      go("promotions", [answer.row.promotion_id]);
      if (known) dispatchEvent(new HashChangeEvent("hashchange"));
    } catch (problem) {
      toast(problem instanceof Problem ? [problemWord(problem), problem.details.reason].filter(Boolean).join(" · ") : t("office.lost"));
    }
    busy(button, false);
  }
  function confirm(button) {
    if (!ready()) return toast(t("promo.fill_in"));
    const sheet = openSheet({ name: "publish", title: t("promo.publish_ask", { label: labels.label_zh.trim() || label(kind) }), body: el("div.pad.col", {}, el("p", {}, t("promo.publish_hint")),
      el("button.btn.pri.l.block", { test: "publish-sure", onclick: (event) => { closeSheet(sheet); send(button); event.preventDefault(); } }, t("promo.publish_yes"))) });
  }
  async function withdraw() {
    try {
      await once(`withdraw ${known.promotion_id}`, (key) => post(`/api/office/promotions/${part(known.promotion_id)}/withdraw?lang=${lang}`, {}, key));
      toast(t("promo.was_withdrawn", { label: held.row.label }));
      go("promotions");
    } catch (problem) { toast(problem instanceof Problem ? problemWord(problem) : t("office.lost")); }
  }
  const askWithdraw = () => {
    const sheet = openSheet({ name: "withdraw", title: t("promo.withdraw_ask", { label: held.row.label }), body: el("div.pad.col", {}, el("p", {}, t("promo.withdraw_hint")), el("button.btn.bad.l.block", { test: "withdraw-sure", onclick: () => { closeSheet(sheet); withdraw(); } }, t("promo.withdraw"))) });
  };

  page.append(
    head({ title: held ? held.row.label : t("promo.new"), sub: held ? el("span.row.tightgap", {}, state(held.row), t("promo.version_n", { n: held.row.version })) : "", back: { href: address("promotions"), words: t("office.promotions") },
      actions: [held && !["ended", "withdrawn"].includes(held.row.state) ? el("button.btn.bad", { test: "withdraw", onclick: askWithdraw }, t("promo.withdraw")) : "", publish] }),
    el("div.main-side.wide", {}, el("div.col.wide-gap", {},
      el("section.card.pad.col", {}, el("h2", {}, t("promo.what")), kinds, what),
      el("section.card.pad.col", {}, el("h2", {}, t("promo.called")), el("div.two", {}, named("label_zh", t("promo.label_zh")), named("label_en", t("promo.label_en")))),
      el("section.card.pad.col", {}, el("h2", {}, t("promo.when")), ...inputs(main, terms, context)),
      el("details.card.more-terms", {}, el("summary", {}, t("promo.more_terms")), el("div.pad.two", {}, ...inputs(more, terms, context))),
      lookBack(draft, ready), held ? versions(held) : ""), tried.node));
  tried.again(0);
  return page;
}

const versions = (held) => card(el("div.card-head.row", {}, el("h2", {}, t("promo.versions"))), table([
  { title: t("promo.version"), cell: (each) => number(each.version) }, { title: t("promo.name"), wide: true, cell: (each) => el("span.cut.blk", {}, each.label) },
  { title: t("promo.since"), cell: (each) => each.since }, { title: t("promo.until"), cell: (each) => each.until || t("promo.stands") },
], held.versions, { label: t("promo.versions"), test: "versions" }));

export async function one(page, id) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, async () => {
    const [form, held] = await Promise.all([get(`/api/office/promotion-form?lang=${lang}`), id === "new" ? null : get(`/api/office/promotions/${part(id)}?lang=${lang}`)]);
    return editor(form, held);
  }, (inside) => inside);
}
