// Articles: what the shop sells, by style.
import { el, icon } from "../dom.js";
import { get, part } from "../api.js";
import { garment } from "../garments.js";
import { card, empty, head, pages, stay, table } from "../section.js";
import { number, t } from "../words.js";

export const SECTION = {"icon": "bag", "place": 30};

const PAUSE_MS = 150;

function list(styles) {
  return table([
    { title: t("articles.style"), cell: (style) => el("span.row", {}, el("span.th.p-hide", {}, garment(style.garment, style.swatch)), el("span.min0", {}, el("span.cut.blk", {}, style.name), el("span.sm.dim.num", {}, style.style))) },
    { title: t("articles.variants"), cell: (style) => el("span.sm.mut", {}, [style.colours > 1 ? t("tile.colours", { n: number(style.colours) }) : null, style.sizes].filter(Boolean).join(" · ")) },
    { title: t("articles.price"), num: true, cell: (style) => style.price.text },
  ], styles, { label: t("office.articles"), test: "articles" });
}

export async function show(page, { query }) {
  let text = query.get("q") ?? "";
  let pause = 0;
  const found = pages({
    ask: async (after) => { const answer = await get(`/api/catalogue?q=${part(text)}&after=${part(after)}`); return { rows: answer.tiles, next: answer.next }; },
    draw: list,
    none: () => (text ? empty("search", t("search.none", { text }), t("search.hint")) : empty("bag", t("articles.none"), t("articles.none_hint"))),
  });
  const search = el("input", { type: "search", test: "search", value: text, maxlength: "64", autocomplete: "off", spellcheck: "false", placeholder: t("search.placeholder"), "aria-label": t("search.label"), oninput: () => {
    clearTimeout(pause);
    pause = setTimeout(() => { text = search.value.trim(); stay("articles", [], { q: text }); found.again(); }, PAUSE_MS);
  } });
  page.append(head({ title: t("office.articles"), sub: t("articles.sub") }),
    el("div.tools", {}, el("label.field", {}, icon("search"), search)), card(found.place));
  await found.again();
}
