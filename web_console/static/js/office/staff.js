// Staff: who works here, their hours, what each role may do alone, what sellers earn.
import { el } from "../dom.js";
import { showCommission } from "../commission.js";
import { go, head, seg } from "../section.js";
import { showMonth } from "../month.js";
import { showRights } from "../rights.js";
import { showRoster } from "../roster.js";
import { t } from "../words.js";

export const SECTION = {"icon": "person", "place": 60};

const PARTS = { people: showRoster, hours: showMonth, rights: showRights, commission: showCommission };

export async function show(page, { path, query }) {
  const now = path[0] in PARTS ? path[0] : "people";
  const place = el("div.col");
  page.append(head({ title: t("office.staff") }), el("div.tools", {}, seg(t("office.staff"), Object.keys(PARTS).map((name) => [name, t(`staff.${name}`)]), now, (name) => go("staff", [name]), "staff")), place);
  await PARTS[now](place, query);
}
