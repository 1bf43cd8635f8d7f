// Tiers of members: the ladder in words, how somebody goes down; the form of one is a script of its own.
import { busy, el, icon } from "./dom.js";
import { Problem, get, put } from "./api.js";
import { address, card, empty, field, fill, go, head, input, seg, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { first, label, lang, number, t } from "./words.js";

let words = null; // come when a page is opened

const why = (problem) => (problem instanceof Problem ? first([`tiers.why_${problem.details.why}`, `error.${problem.code}`, "error.other"], problem.details) : t("office.lost"));

/** What a tier gives, as short words. */
function benefits(tier, form) {
  const held = tier.benefits ?? {};
  const coupon = form.coupons.find((each) => each.key === held.gift);
  return [held.discount_bp ? t("tiers.off", { share: words.percent(held.discount_bp) }) : "", held.gift ? t("tiers.gift", { name: coupon ? label(coupon) : held.gift }) : "", lang === "en" ? held.service_en : held.service_zh].filter(Boolean).join(" · ");
}

export async function showTiers(page, path, query) {
  const place = el("div.col.wide-gap");
  page.append(place);
  const asked = async () => { words ??= await import("./rule_words.js"); return Promise.all([get("/api/office/tiers"), get(`/api/office/loyalty-form?lang=${lang}`), path[0] && get("/api/office/points/rules")]); };
  if (!path[0]) return fill(place, asked, ([held, form]) => list(held, form, () => showTiers(page, path, query)));
  const { editor } = await import("./tier_form.js");
  await fill(place, asked, ([held, form, points]) => {
    const inside = el("div.col.wide-gap");
    editor(inside, { held, form, book: points.book, key: path[0], preset: query.get("preset") ?? "", publish, why });
    return inside;
  });
}

function list(held, form) {
  const { program } = held;
  const fresh = held.presets.filter((each) => !program.tiers.some((tier) => tier.key === each.key));
  const rows = [...program.tiers].reverse();
  return [
    head({ title: t("loyalty.tiers"), sub: t("tiers.sub"), actions: [el("a.btn.pri", { href: address("loyalty", ["tiers", "new"]), test: "new-tier" }, icon("plus"), t("tiers.new"))] }),
    card(rows.length ? table([
      { title: t("tiers.name"), cell: (tier) => el("a", { href: address("loyalty", ["tiers", tier.key]), test: `tier-${tier.key}` }, el("span.min0", {}, el("span.b.blk", {}, label(tier)), el("span.sm.mut.blk", {}, words.said(form, tier.rule)))) },
      { title: t("tiers.gives"), wide: true, cell: (tier) => benefits(tier, form) || "–" },
      { title: t("tiers.members"), num: true, cell: (tier) => number(held.members[tier.key] ?? 0) },
    ], rows, { label: t("loyalty.tiers"), test: "tiers", open: (tier) => go("loyalty", ["tiers", tier.key]) }) : empty("card", t("tiers.none"), t("tiers.none_hint"))),
    fresh.length ? card(el("div.card-head", {}, el("h2", {}, t("tiers.presets"))), el("div.list", {}, ...fresh.map((preset) => el("a.swrow.go", { href: address("loyalty", ["tiers", "new"], { preset: preset.key }), test: `preset-${preset.key}` },
      el("span.grow.min0", {}, el("span.b.blk", {}, label(preset)), el("span.sm.mut.blk", {}, [words.said(form, preset.rule), benefits(preset, form)].filter(Boolean).join(" · "))), icon("plus"))))) : null,
    program.tiers.length ? card(el("div.card-head.row", {}, el("h2", {}, t("tiers.down")), el("span.end"), el("button.btn", { test: "down-edit", onclick: () => down(program) }, icon("edit"), t("tiers.change"))),
      el("p.pad", { test: "down" }, t(`tiers.down_${program.downgrade}`, { months: program.period_months }), " ", t("tiers.warns", { n: program.warn_days }), " ", t(program.same_sale ? "tiers.same_sale" : "tiers.next_sale"))) : null,
  ];
}

const publish = (program, change) => put("/api/office/tiers", { seen_version: program.version, tiers: program.tiers, downgrade: program.downgrade, period_months: program.period_months, warn_days: program.warn_days, same_sale: program.same_sale, ...change });

const reopen = () => dispatchEvent(new HashChangeEvent("hashchange"));

/** How somebody falls, and when they are told before. */
function down(program) {
  const wanted = { downgrade: program.downgrade, same_sale: program.same_sale };
  const months = input({ inputmode: "numeric", value: String(program.period_months), test: "down-months" });
  const warn = input({ inputmode: "numeric", value: String(program.warn_days), test: "down-warn" });
  const wrong = el("div.bad-text", { role: "alert" });
  const save = el("button.btn.pri.l.block", { test: "down-save", onclick: async () => {
    if (![months, warn].every(({ value }) => /^\d{1,3}$/.test(value.trim()))) { wrong.textContent = t("form.wrong"); return; }
    busy(save, true);
    try {
      await publish(program, { ...wanted, period_months: Number(months.value), warn_days: Number(warn.value) });
      closeSheet(sheet, { silent: true });
      toast(t("tiers.saved"));
      reopen();
    } catch (problem) { wrong.textContent = why(problem); }
    busy(save, false);
  } }, t("members.save"));
  const sheet = openSheet({ name: "down", title: t("tiers.down"), body: el("div.body.pad.col", {},
    seg(t("tiers.down"), [["one_down", t("tiers.one_down")], ["to_earned", t("tiers.to_earned")]], program.downgrade, (value) => { wanted.downgrade = value; }, "down"),
    el("span.sm.mut", {}, t("tiers.counts")), seg(t("tiers.counts"), [["later", t("tiers.counts_later")], ["same", t("tiers.counts_same")]], program.same_sale ? "same" : "later", (value) => { wanted.same_sale = value === "same"; }, "counts"),
    el("div.two", {}, field(t("tiers.months"), months), field(t("tiers.warn_days"), warn)), wrong, save) });
}

