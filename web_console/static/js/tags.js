// Tags of members: each with its rule and who wears it; stages and groups; the form of one.
import { busy, el, icon } from "./dom.js";
import { Problem, get, newKey, put } from "./api.js";
import { line } from "./member_words.js";
import { address, card, empty, field, fill, go, head, input, pages, seg, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { first, label, lang, number, t } from "./words.js";

const KEY = 8; // characters
const STAGES = ["new", "active", "at_risk", "dormant", "lost"];
const GROUPS = ["core", "growth", "win_back", "general", "other"];
let words = null; // come when a page is opened
let forms = null;
let trials = null;

const why = (problem) => (problem instanceof Problem ? first([`tags.why_${problem.details.why}`, `tiers.why_${problem.details.why}`, `error.${problem.code}`, "error.other"], problem.details) : t("office.lost"));
const ruleOf = (form, tag) => words.said(form, tag.rule) || t("tags.hand_only");

export async function showTags(page, path, query) {
  const place = el("div.col.wide-gap");
  page.append(place);
  const asked = async () => { words ??= await import("./rule_words.js"); return Promise.all([get("/api/office/tags"), get(`/api/office/loyalty-form?lang=${lang}`)]); };
  if (!path[0]) return fill(place, asked, ([held, form]) => list(held, form));
  if (path[0] === "members") return fill(place, asked, ([held, form]) => wearers(held, form, query));
  forms ??= await import("./rule_form.js");
  trials ??= await import("./rule_trial.js");
  await fill(place, asked, ([held, form]) => {
    const inside = el("div.col.wide-gap");
    editor(inside, held, form, path[0], query.get("preset") ?? "");
    return inside;
  });
}

const people = (chosen) => address("loyalty", ["tags", "members"], chosen);

function list(held, form) {
  const fresh = held.presets.filter((each) => !held.book.tags.some((tag) => tag.key === each.key));
  const counted = (kind, keys, counts) => card(el("div.card-head", {}, el("h2", {}, t(`tags.${kind}s`))), el("div.list", { test: `${kind}s` }, ...keys.map((key) => el("a.swrow.go", { href: people({ [kind]: key }), test: `${kind}-${key}` },
    el("span.grow.min0", {}, el("span.b.blk", {}, t(`${kind}.${key}`)), el("span.sm.mut.blk", {}, t(`${kind}.${key}_is`, limits(form, held.book.limits)))), el("span.num.b", {}, number(counts[key] ?? 0))))));
  return [
    head({ title: t("loyalty.tags"), sub: held.looked_day ? t(held.looked ? "tags.looked" : "tags.looking", { day: held.looked_day }) : t("tags.never"), actions: [el("a.btn.pri", { href: address("loyalty", ["tags", "new"]), test: "new-tag" }, icon("plus"), t("tags.new"))] }),
    card(held.book.tags.length ? table([
      { title: t("tags.name"), cell: (tag) => el("a", { href: address("loyalty", ["tags", tag.key]), test: `tag-${tag.key}` }, el("span.min0", {}, el("span.b.blk", {}, label(tag)), el("span.sm.mut.blk", {}, ruleOf(form, tag)))) },
      { title: t("tags.kind"), wide: true, cell: (tag) => el("span.pill", {}, t(tag.rule ? "tags.self" : "tags.hand")) },
      { title: t("tiers.members"), num: true, cell: (tag) => el("a", { href: people({ tag: tag.key }), test: `wear-${tag.key}` }, number(held.members[tag.key] ?? 0)) },
    ], held.book.tags, { label: t("loyalty.tags"), test: "tags" }) : empty("tag", t("tags.none"), t("tags.none_hint"))),
    fresh.length ? card(el("div.card-head", {}, el("h2", {}, t("tiers.presets"))), el("div.list", {}, ...fresh.map((preset) => el("a.swrow.go", { href: address("loyalty", ["tags", "new"], { preset: preset.key }), test: `preset-${preset.key}` },
      el("span.grow.min0", {}, el("span.b.blk", {}, label(preset)), el("span.sm.mut.blk", {}, ruleOf(form, preset))), icon("plus"))))) : null,
    el("div.row.wrap", {}, el("h2.grow", {}, t("tags.lives")), el("button.btn", { test: "limits-edit", onclick: () => editLimits(held, form) }, icon("edit"), t("tiers.change"))),
    el("div.two", {}, counted("stage", STAGES, held.stages), counted("group", GROUPS, held.groups)),
  ];
}

const limits = (form, held) => ({ new_days: held.new_days, active_days: held.active_days, dormant: held.dormant_months, lost: held.lost_months, recent: held.recent_days, orders: held.frequent_orders, high: words.money(form, held.high_minor) });

/** Where a stage ends and another begins, and what is recent, frequent and high. */
async function editLimits({ book }, form) {
  forms ??= await import("./rule_form.js");
  const limits_ = structuredClone(book.limits);
  const asked = [...["new_days", "active_days", "dormant_months", "lost_months", "recent_days", "frequent_orders"].map((key) => forms.one(key, "number", { minimum: 1, maximum: key.endsWith("months") ? 120 : 9_999, required: true, word: `limit_${key}` })),
    forms.one("high_minor", "minor", { minimum: 1, maximum: 1e12, required: true, word: "limit_high_minor" })];
  const wrong = el("div.bad-text", { role: "alert" });
  const save = el("button.btn.pri.l.block", { test: "limits-save", onclick: async () => {
    if (!forms.ready(asked, limits_)) { wrong.textContent = t("promo.fill_in"); return; }
    busy(save, true);
    try {
      await put("/api/office/tags", { seen_version: book.version, tags: book.tags, limits: limits_ });
      closeSheet(sheet, { silent: true });
      toast(t("tags.limits_saved"));
      dispatchEvent(new HashChangeEvent("hashchange"));
    } catch (problem) { wrong.textContent = why(problem); }
    busy(save, false);
  } }, t("members.save"));
  const sheet = openSheet({ name: "limits", title: t("tags.limits"), body: el("div.body.pad.col", {}, el("div.two", {}, ...forms.draw(asked, limits_, { changed: () => {}, decimals: form.decimals })), wrong, save) });
}

/** Who wears a tag or is in a stage, masked, each with why. */
function wearers(held, form, query) {
  const chosen = Object.fromEntries(["tag", "stage", "group"].map((key) => [key, query.get(key) ?? ""]).filter(([, value]) => value));
  const tag = held.book.tags.find((each) => each.key === chosen.tag);
  const title = tag ? label(tag) : chosen.stage ? t(`stage.${chosen.stage}`) : chosen.group ? t(`group.${chosen.group}`) : chosen.tag;
  const ground = (row) => (row.worn ? words.because(form, row.worn) : t("tags.life", { orders: row.life.orders, spend: row.life.spend.text, days: row.life.days_away }));
  const shown = pages({
    ask: (after) => get(`/api/office/tagged?${new URLSearchParams({ ...chosen, after })}`),
    draw: (rows) => el("div.list", { test: "wearers" }, ...rows.map((row) => {
      const [picture, who, ...more] = line(row.member);
      who.append(el("span.sm.mut.blk", { test: "ground" }, ground(row)));
      return el("a.swrow.go", { href: address("members", [row.member.member_id]), test: "wearer" }, picture, who, ...more);
    })),
    none: () => empty("person", t("tags.nobody"), held.looked ? "" : t("tags.nobody_yet")),
  });
  shown.again();
  return [head({ title, sub: tag ? ruleOf(form, tag) : "", back: { href: address("loyalty", ["tags"]), words: t("loyalty.tags") }, actions: [el("a.btn", { href: address("coupons", [], { to: Object.entries(chosen)[0]?.join(".") }), test: "give-them" }, icon("gift"), t("coupons.give_them"))] }), card(shown.place)];
}

const publish = (book, tags) => put("/api/office/tags", { seen_version: book.version, tags, limits: book.limits });

function editor(page, held, form, key, preset) {
  const { book } = held;
  const known = book.tags.find((tag) => tag.key === key);
  const from = known ?? held.presets.find((each) => each.key === preset) ?? null;
  const named = { label_zh: from?.label_zh ?? "", label_en: from?.label_en ?? "" };
  let self = from ? Boolean(from.rule) : true;
  const { node: trial, again } = trials.ruleTrial({ path: "/api/office/tag-trial", would: "tags.would", asks: () => (!self ? t("tags.hand_hint") : rules.ready() ? rules.rule() : null), said: (rule) => words.said(form, rule), why, test: "tag" });
  const rules = forms.ruleForm(from?.rule, forms.TAG, { form, changed: again });
  const asks = el("div", { hidden: !self }, rules.node);
  const text = (name) => { const control = input({ value: named[name], maxlength: "60", test: `tag-${name}`, oninput: () => { named[name] = control.value; } }); return field(t(`tags.${name}`), control); };
  const send = async (tags) => {
    try {
      await publish(book, tags);
      toast(t("tags.saved"));
      go("loyalty", ["tags"]);
    } catch (problem) { toast(why(problem)); }
  };
  const save = el("button.btn.pri", { test: "tag-save", onclick: async () => {
    const zh = named.label_zh.trim();
    if (!zh || (self && !rules.ready())) return toast(t("promo.fill_in"));
    const tag = { key: known?.key ?? unused(book, from?.key), label_zh: zh, label_en: named.label_en.trim() || zh, rule: self ? rules.rule() : null };
    busy(save, true);
    await send(known ? book.tags.map((each) => (each === known ? tag : each)) : [...book.tags, tag]);
    busy(save, false);
  } }, t("tiers.publish"));
  const remove = () => {
    const sheet = openSheet({ name: "remove", title: t("tiers.remove_ask", { name: label(known) }), body: el("div.body.pad.col", {}, el("p", {}, t("tags.remove_hint")), el("button.btn.bad.l.block", { test: "remove-sure", onclick: () => { closeSheet(sheet, { silent: true }); send(book.tags.filter((each) => each !== known)); } }, t("tags.remove"))) });
  };
  page.append(head({ title: known ? label(known) : t("tags.new"), sub: known ? el("a.crumb", { href: people({ tag: known.key }) }, t("tags.worn", { n: number(held.members[known.key] ?? 0) })) : "", back: { href: address("loyalty", ["tags"]), words: t("loyalty.tags") },
    actions: [known ? el("button.btn.bad", { test: "tag-remove", onclick: remove }, t("tags.remove")) : "", save] }),
  el("div.main-side.wide", {}, el("div.col.wide-gap", {},
    el("section.card.pad.col", {}, el("h2", {}, t("tiers.called")), el("div.two", {}, text("label_zh"), text("label_en"))),
    el("section.card.pad.col", {}, el("h2", {}, t("tags.rule")), seg(t("tags.kind"), [["self", t("tags.self")], ["hand", t("tags.hand")]], self ? "self" : "hand", (value) => { self = value === "self"; asks.hidden = !self; again(); }, "kind"), asks)),
  el("aside.card.side", {}, el("div.card-head.row", {}, el("h2", {}, t("tags.today")), el("span.pill.end", {}, t("promo.trial_live"))), trial)));
  again();
}

/** A key that no tag has or had: who wore one that is gone does not wear this. */
function unused(book, wanted) {
  const taken = new Set(book.tags.map((tag) => tag.key));
  if (wanted && !taken.has(wanted)) return wanted;
  return `tag_${newKey().slice(0, KEY)}`;
}
