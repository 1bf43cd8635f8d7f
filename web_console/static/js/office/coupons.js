// Coupons: every kind, what it is worth and how many of it are out. The form and giving are scripts of their own.
import { el, icon } from "../dom.js";
import { get } from "../api.js";
import { address, card, empty, fill, head, seg, stay, table } from "../section.js";
import { label, lang, number, t } from "../words.js";

export const SECTION = {"icon": "qr", "place": 57};

async function list(page, query) {
  let wanted = query.get("state") ?? "issued";
  const to = query.get("to") ?? ""; // whom a round is meant for: a kind is chosen first
  const open = (row) => address("coupons", [row.template_id], { to });
  const place = el("div");
  let words, form, all = [];
  const draw = () => {
    const rows = all.filter((row) => row.issued === (wanted === "issued"));
    if (!rows.length) return empty("qr", t(wanted === "issued" ? "coupons.none" : "coupons.none_over"), wanted === "issued" ? t("coupons.none_hint") : "");
    const count = (name, wide) => ({ title: t(`coupons.${name}`), num: true, wide, cell: (row) => number(row.counts[name]) });
    return table([
      { title: t("coupons.kind"), cell: (row) => el("a", { href: open(row), test: `coupon-${row.template_id}` }, el("span.min0", {}, el("span.b.cut.blk", {}, label(row.draft)), el("span.sm.mut.blk", {}, words.said(form, row.draft)))) },
      count("issued", true), count("open"), count("used"), count("ended", true),
    ], rows, { label: t("office.coupons"), test: "coupons", open: (row) => { location.hash = open(row); } });
  };
  page.append(head({ title: t("office.coupons"), sub: t(to ? "coupons.choose" : "coupons.sub"), actions: [el("button.btn", { test: "coupon-by-code", onclick: byCode }, icon("scanner"), t("coupons.by_code")), el("a.btn.pri", { href: address("coupons", ["new"]), test: "new-coupon" }, icon("plus"), t("coupons.new"))] }),
    el("div.tools", {}, seg(t("promo.state"), [["issued", t("coupons.on")], ["over", t("coupons.off")]], wanted, (value) => { wanted = value; stay("coupons", [], { state: value }); place.replaceChildren(draw()); }, "state")), card(place));
  await fill(place, async () => { words = await import("../coupon_words.js"); return Promise.all([get("/api/office/coupons"), get(`/api/office/loyalty-form?lang=${lang}`)]); }, (answers) => { [all, form] = answers; return draw(); });
}

const byCode = async () => (await import("../coupon_give.js")).openByCode();

export async function show(page, { path, query }) {
  if (!path[0]) return list(page, query);
  const { one } = await import("../coupon_form.js");
  return one(page, path[0], query);
}
