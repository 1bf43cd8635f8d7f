// What members get by rules: tiers, tags, points. Each is loaded when it is opened.
import { el } from "../dom.js";
import { go, seg } from "../section.js";
import { t } from "../words.js";

export const SECTION = {"icon": "gift", "place": 56};

const PARTS = {
  tiers: async () => (await import("../tiers.js")).showTiers,
  tags: async () => (await import("../tags.js")).showTags,
  points: async () => (await import("../points_book.js")).showPoints,
};

export async function show(page, { path, query }) {
  const now = path[0] in PARTS ? path[0] : "tiers";
  const place = el("div.col.wide-gap");
  const tabs = seg(t("office.loyalty"), Object.keys(PARTS).map((name) => [name, t(`loyalty.${name}`)]), now, (name) => go("loyalty", [name]), "loyalty");
  page.append(...(path[1] ? [] : [el("div.tools", {}, tabs)]), place);
  await (await PARTS[now]())(place, path.slice(1), query);
}
