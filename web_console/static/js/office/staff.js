// Staff: who works here, their hours, what each role may do alone, what sellers earn.
import { el } from "../dom.js";
import { go, head, seg } from "../section.js";
import { t } from "../words.js";

export const SECTION = {"icon": "person", "place": 60};

// Each is loaded when it is opened.
const PARTS = {
  people: async () => (await import("../roster.js")).showRoster,
  hours: async () => (await import("../month.js")).showMonth,
  rights: async () => (await import("../rights.js")).showRights,
  commission: async () => (await import("../commission.js")).showCommission,
};

export async function show(page, { path, query }) {
  const now = path[0] in PARTS ? path[0] : "people";
  const place = el("div.col");
  page.append(head({ title: t("office.staff") }), el("div.tools", {}, seg(t("office.staff"), Object.keys(PARTS).map((name) => [name, t(`staff.${name}`)]), now, (name) => go("staff", [name]), "staff")), place);
  await (await PARTS[now]())(place, query);
}
