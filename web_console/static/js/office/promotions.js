// Promotions: what stands, what comes, what is over. The form is a script of its own.
import { el, icon, pill } from "../dom.js";
import { get } from "../api.js";
import { address, card, empty, fill, go, head, seg, stay, table } from "../section.js";
import { lang, number, t } from "../words.js";

export const SECTION = {"icon": "tag", "place": 20};

const LEVELS = { live: "ok", planned: "info", ended: "", withdrawn: "" };
const state = (row) => (row.state === "live" ? pill("ok", t("promo.live")) : el(`span.pill.${LEVELS[row.state] || "plain"}`, {}, t(`promo.${row.state}`)));
const span = (row) => (row.from_day || row.to_day ? t("promo.span", { from: row.from_day || t("promo.at_once"), to: row.to_day || t("promo.open_end") }) : t("promo.always"));

async function list(page, query) {
  let wanted = query.get("state") ?? "standing";
  const place = el("div");
  const shown = (rows) => rows.filter((row) => (wanted === "standing" ? ["live", "planned"] : ["ended", "withdrawn"]).includes(row.state));
  let all = [];
  const draw = () => {
    const rows = shown(all);
    if (!rows.length) return empty("tag", t(wanted === "standing" ? "promo.none" : "promo.none_over"), wanted === "standing" ? t("promo.none_hint") : "", wanted === "standing" ? el("a.btn.pri", { href: address("promotions", ["new"]), test: "first-promotion" }, icon("plus"), t("promo.new")) : null);
    return table([
      { title: t("promo.name"), cell: (row) => el("a", { href: address("promotions", [row.promotion_id]), test: `promotion-${row.promotion_id}` }, el("span.min0", {}, el("span.cut.blk", {}, row.label), el("span.sm.mut.blk", {}, span(row)))) },
      { title: t("promo.state"), cell: state },
      { title: t("promo.used"), num: true, wide: true, cell: (row) => number(row.used) },
      { title: t("promo.spent"), num: true, wide: true, cell: (row) => row.spent.text },
      { title: t("promo.version"), num: true, wide: true, cell: (row) => number(row.version) },
    ], rows, { label: t("office.promotions"), test: "promotions", open: (row) => go("promotions", [row.promotion_id]) });
  };
  page.append(head({ title: t("office.promotions"), sub: t("promo.sub"), actions: [el("a.btn.pri", { href: address("promotions", ["new"]), test: "new-promotion" }, icon("plus"), t("promo.new"))] }),
    el("div.tools", {}, seg(t("promo.state"), [["standing", t("promo.standing")], ["over", t("promo.over")]], wanted, (value) => { wanted = value; stay("promotions", [], { state: value }); place.replaceChildren(draw()); }, "state")), card(place));
  await fill(place, () => get(`/api/office/promotions?lang=${lang}`), (rows) => { all = rows; return draw(); });
}

export async function show(page, { path, query }) {
  if (!path[0]) return list(page, query);
  const { one } = await import("../promotion.js");
  return one(page, path[0]);
}
