// The form of a kind of coupon, with the paper and a bag beside it; publishing, withdrawing, the way to giving.
import { busy, el, icon, pill } from "./dom.js";
import { get, once, part, post } from "./api.js";
import { address, card, empty, field, fill, go, head, input, seg } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { label, lang, number, t } from "./words.js";

const { complete, inputs } = await import("./inputs.js");
const { refusal, said } = await import("./coupon_words.js");
const PAUSE_MS = 250;
const KINDS = ["amount", "percent", "exchange", "service", "gift"];
const FRESH = { template_id: "", kind: "amount", label_zh: "", label_en: "", face_minor: 0, face_bp: 0, min_spend_minor: 0, goods: {}, from_day: "", to_day: "", days: 30, wait_days: 0, window: {}, stores: [], stackable: false, sale_max: 1, transferable: false, bearer: false, funding: "shop", occasion: "", occasion_min_minor: 0 };
const ofGoods = (kind) => !["amount", "percent"].includes(kind);

/** One input as the forms are drawn from; its words are the page's own. */
function described(key, unit, { words = key, required = false, minimum = 0, maximum = 0, value = unit === "day" ? "" : 0 } = {}) {
  const named = t(`coupons.input_${words}`);
  return { key, unit, label_zh: named, label_en: named, minimum, maximum, required, value, choices: [], inputs: [] };
}

const worth = (kind) => ({
  amount: [described("face_minor", "minor", { words: "off", required: true, minimum: 1, maximum: 999_999_999 }), described("min_spend_minor", "minor")],
  percent: [described("face_bp", "basis_points", { required: true, minimum: 1, maximum: 10_000 }), described("min_spend_minor", "minor"), described("face_minor", "minor", { words: "most" })],
}[kind] ?? [described("face_minor", "minor", { words: "piece", required: true, minimum: 1, maximum: 999_999_999 })]);

const lasting = (way) => (way === "days" ? [described("days", "number", { required: true, minimum: 1, maximum: 400 }), described("wait_days", "number", { maximum: 400 })] : [described("from_day", "day"), described("to_day", "day", { required: true })]);

/** What is sent: what the kind and the way of lasting have no use for is left out. */
function cleared(values, way) {
  const given = values.occasion === "receipt";
  return { ...values, label_zh: values.label_zh.trim(), label_en: values.label_en.trim() || values.label_zh.trim(), face_bp: values.kind === "percent" ? values.face_bp : 0, face_minor: values.face_minor ?? 0, min_spend_minor: ofGoods(values.kind) ? 0 : values.min_spend_minor,
    ...(way === "days" ? { from_day: "", to_day: "" } : { days: 0, wait_days: 0 }), occasion_min_minor: given ? values.occasion_min_minor : 0 };
}

/** The paper and the rules in words, as somebody types. */
function preview(form, draft, ready, told) {
  const place = el("div", { "aria-live": "polite", test: "coupon-preview" });
  const words = el("p.pad.sm", { test: "coupon-said" });
  let pause = 0, asked = 0, paper = null;
  const say = (text) => { place.replaceChildren(el("p.pad.sm.mut", {}, text)); words.textContent = ""; told(null); };
  function again(wait = PAUSE_MS) {
    clearTimeout(pause);
    pause = setTimeout(async () => {
      const mine = ++asked;
      if (!ready()) return say(t("coupons.fill_first"));
      try {
        paper ??= (await import("./paper.js")).paper;
        const answer = await post(`/api/office/coupon-preview?lang=${lang}`, draft());
        if (mine !== asked) return;
        place.replaceChildren(el("div.sheet-paper", {}, paper(answer.paper)));
        words.textContent = said(form, draft());
        told(answer.promotion);
      } catch (problem) { if (mine === asked) say(refusal(problem)); }
    }, wait);
  }
  return { node: card(el("div.card-head.row", {}, el("h2", {}, t("coupons.paper")), el("span.pill.end", {}, t("promo.trial_live"))), place, words), again };
}

/** `from` is another kind of which a new one takes everything but the name. */
async function editor(form, terms, held, from, to) {
  const values = { ...FRESH, ...structuredClone(held?.draft ?? {}), ...(from && !held ? { ...structuredClone(from.draft), template_id: "", label_zh: "", label_en: "" } : {}) };
  let way = values.to_day ? "dates" : "days";
  let promotion = null;
  const draft = () => cleared(values, way);
  const ready = () => Boolean(values.label_zh.trim()) && complete([...worth(values.kind), ...lasting(way)], values);
  const { trial } = await import("./promotion.js");
  const tried = await trial(terms, () => promotion, () => Boolean(promotion));
  const shown = preview(form, draft, ready, (found) => { promotion = found; tried.again(0); });
  const context = { changed: () => shown.again(), decimals: form.decimals, options: { categories: form.categories.map((each) => [each.key, each.name]) } };
  const drawn = (list) => inputs(list, values, context);

  const what = el("div.two");
  const kinds = el("div.chips", { role: "group", "aria-label": t("coupons.kind") }, ...KINDS.map((kind) => el("button.btn.chip", { "aria-pressed": String(kind === values.kind), test: `kind-${kind}`, onclick: (event) => {
    for (const other of kinds.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
    values.kind = kind;
    what.replaceChildren(...drawn(worth(kind)));
    shown.again();
  } }, t(`coupons.kind_${kind}`))));
  what.replaceChildren(...drawn(worth(values.kind)));

  const days = el("div.two", {}, ...drawn(lasting(way)));
  const lasts = seg(t("coupons.lasts"), ["days", "dates"].map((each) => [each, t(`coupons.by_${each}`)]), way, (each) => { way = each; days.replaceChildren(...drawn(lasting(way))); shown.again(); }, "lasts");
  const least = el("div.two");
  const given = () => least.replaceChildren(...(values.occasion === "receipt" ? drawn([described("occasion_min_minor", "minor")]) : []));
  const occasion = seg(t("coupons.occasion"), ["", "receipt", "birthday"].map((each) => [each, t(`coupons.occasion_${each || "hand"}`)]), values.occasion, (each) => { values.occasion = each; given(); shown.again(); }, "occasion");
  given();

  const term = (key, without = []) => { const found = terms.terms.find((each) => each.key === key); return { ...found, inputs: found.inputs.filter((each) => !without.includes(each.key)) }; };
  const switched = (key) => described(key, "switch", { value: false });
  const named = (key) => {
    const control = input({ value: values[key], maxlength: "60", test: `coupon-${key}`, oninput: () => { values[key] = control.value; shown.again(); } });
    return field(t(`promo.${key}`), control);
  };
  const publish = el("button.btn.pri", { test: "publish", onclick: ask }, t(held && !held.issued ? "coupons.publish_again" : held ? "promo.publish_next" : "promo.publish"));

  function ask() {
    if (!ready()) return toast(t("promo.fill_in"));
    const sheet = openSheet({ name: "publish", title: t("promo.publish_ask", { label: values.label_zh.trim() }), body: el("div.pad.col", {}, el("p.b", {}, said(form, draft())), el("p", {}, t("coupons.publish_hint")),
      el("button.btn.pri.l.block", { test: "publish-sure", onclick: () => { closeSheet(sheet); send(); } }, t("promo.publish_yes"))) });
  }
  async function send() {
    busy(publish, true);
    const body = draft();
    try {
      const made = await once(`coupon ${JSON.stringify(body)}`, (key) => post("/api/coupons/templates", body, key));
      toast(t("promo.published", { label: label(made), n: made.version }));
      go("coupons", [made.template_id]);
      if (held) dispatchEvent(new HashChangeEvent("hashchange"));
    } catch (problem) { toast(refusal(problem)); }
    busy(publish, false);
  }
  const act = (test, symbol, words, does, style = "") => el(`button.btn${style}`, { test, onclick: does }, icon(symbol), words);
  const copy = held ? [el("a.btn", { href: address("coupons", ["new"], { from: held.template_id }), test: "copy" }, t("coupons.copy"))] : [];
  const actions = held?.issued ? [act("withdraw", "trash", t("coupons.withdraw"), () => withdraw(held), ".bad"), act("give", "gift", t("coupons.give"), async () => (await import("./coupon_give.js")).openGive(held))] : [];
  const counts = held && el("div.kpis.five", { test: "counts" });
  const count = (now) => counts.replaceChildren(...["issued", "open", "used", "ended"].map((key) => el("div.card.kpi", {}, el("div.k", {}, t(`coupons.${key}`)), el("div.v.num", {}, number(now[key])))));
  const recount = async () => { const now = (await get("/api/office/coupons").catch(() => [])).find((each) => each.template_id === held.template_id); if (now) count(now.counts); };
  if (held) count(held.counts);

  shown.again(0);
  return el("div.col.wide-gap", {},
    head({ title: held ? label(held.draft) : t("coupons.new"), sub: held ? el("span.row.tightgap", {}, held.issued ? pill("ok", t("coupons.on")) : el("span.pill", {}, t("coupons.off")), t("promo.version_n", { n: held.version })) : "", back: { href: address("coupons"), words: t("office.coupons") }, actions: [...actions, ...copy, publish] }),
    counts || "", held ? await many(held, to, recount) : "",
    el("div.main-side.wide", {}, el("div.col.wide-gap", {},
      el("section.card.pad.col", {}, el("h2", {}, t("coupons.worth")), kinds, what),
      el("section.card.pad.col", {}, el("h2", {}, t("promo.called")), el("div.two", {}, named("label_zh"), named("label_en"))),
      el("section.card.pad.col", {}, el("h2", {}, t("coupons.lasts")), lasts, days),
      el("section.card.pad.col", {}, el("h2", {}, t("coupons.occasion")), occasion, least),
      el("section.card.pad.col", {}, el("h2", {}, t("coupons.goods")), ...drawn([term("goods")])),
      el("details.card.more-terms", {}, el("summary", {}, t("promo.more_terms")), el("div.pad.col", {}, ...drawn([term("window", ["from_day", "to_day"]), described("sale_max", "number", { minimum: 1, maximum: 99, value: 1 }), term("stores"), term("funding"), switched("stackable"), switched("transferable"), switched("bearer")])))),
    el("div.col.wide-gap", {}, shown.node, tried.node)));
}

const many = async (held, to, counted) => (await import("./coupon_round.js")).rounds(held, to, counted);

function withdraw(held) {
  const go_ = el("button.btn.bad.l.block", { test: "withdraw-sure", onclick: async () => {
    busy(go_, true);
    try {
      await once(`withdraw ${held.template_id} ${held.version}`, (key) => post(`/api/coupons/templates/${part(held.template_id)}/withdraw`, {}, key));
      closeSheet(sheet);
      toast(t("coupons.was_withdrawn", { label: label(held.draft) }));
      go("coupons");
    } catch (problem) { toast(refusal(problem)); }
    busy(go_, false);
  } }, t("coupons.withdraw"));
  const sheet = openSheet({ name: "withdraw", title: t("coupons.withdraw_ask", { label: label(held.draft) }), body: el("div.pad.col", {}, el("p", {}, t("coupons.withdraw_hint")), go_) });
}

export async function one(page, id, query) {
  const from = query.get("from") ?? "";
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, async () => {
    const [form, terms, all] = await Promise.all([get(`/api/office/loyalty-form?lang=${lang}`), get(`/api/office/promotion-form?lang=${lang}`), id === "new" && !from ? [] : get("/api/office/coupons")]);
    const held = all.find((each) => each.template_id === id) ?? null;
    return held || id === "new" ? editor(form, terms, held, all.find((each) => each.template_id === from) ?? null, query.get("to") ?? "") : card(empty("qr", t("error.coupon_unknown"), "", el("a.btn", { href: address("coupons") }, t("office.coupons"))));
  }, (inside) => inside);
}
