// What each role may do alone, up to what size, and what always needs a second pair of eyes.
import { el, icon } from "./dom.js";
import { get, part, put } from "./api.js";
import { card, field, fill, input, select } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refusal } from "./staff_words.js";
import { toast } from "./toast.js";
import { number, t } from "./words.js";

const ROLES = ["cashier", "manager"];
const SCALE = { bp: 100, minor: 100, pieces: 1 }; // of what people read and type

function limitText(right, role) {
  const limit = right.limits[role];
  if (limit === undefined || limit === 0) return t("rights.never");
  if (limit === null || !right.unit) return t("rights.any");
  return t(`rights.up_to_${right.unit}`, { n: number(limit / SCALE[right.unit]) });
}

export async function showRights(place) {
  const list = el("div");
  const row = (right) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.b.cut.blk", {}, t(`rights.${right.key}`)), el("span.sm.mut.blk", {}, ROLES.map((role) => `${t(`role.${role}`)} ${limitText(right, role)}`).join(" · "))),
    right.four_eyes ? el("span.pill.warn", {}, t("rights.two")) : null,
    el("button.btn.sq", { test: `right-${right.key}`, "aria-label": t("staff.edit", { name: t(`rights.${right.key}`) }), onclick: () => edit(right, again) }, icon("edit")));
  const again = () => fill(list, () => get("/api/rights"), (rights) => el("div.list", { test: "rights" }, ...rights.map(row)));
  place.append(el("p.sm.mut", {}, t("rights.hint")), card(list));
  await again();
}

function edit(right, again) {
  const scale = SCALE[right.unit];
  const rows = ROLES.map((role) => {
    const held = right.limits[role];
    const ways = [["any", t("rights.any")], ...(right.unit ? [["limit", t(`rights.limit_${right.unit}`)]] : []), ...(role === "manager" ? [] : [["never", t("rights.never")]])];
    const size = input({ type: "number", min: "0", step: scale > 1 ? "0.01" : "1", value: held ? String(held / scale) : "0", "aria-label": t(`role.${role}`), test: `limit-${role}` });
    const way = select(ways, !(role in right.limits) ? "never" : held === null || !right.unit ? "any" : "limit", { test: `way-${role}`, onchange: () => { size.hidden = way.value !== "limit"; } });
    size.hidden = way.value !== "limit";
    return { role, way, size, node: el("div.col.tightcol", {}, field(t(`role.${role}`), way), size) };
  });
  const eyes = el("button.sw", { role: "switch", "aria-checked": String(right.four_eyes), "aria-label": t("rights.two_hint"), test: "eyes", onclick: () => eyes.setAttribute("aria-checked", String(eyes.getAttribute("aria-checked") !== "true")) });
  const wrong = el("div.bad-text", { role: "alert" });
  const sheet = openSheet({ name: "right", title: t(`rights.${right.key}`), body: el("div.body.pad.col", {}, ...rows.map((row) => row.node),
    el("div.swrow.flat", {}, el("span.grow", {}, t("rights.two_hint")), eyes), wrong,
    el("button.btn.pri.l.block", { test: "right-save", onclick: save }, t("staff.save"))) });

  async function save() {
    const limits = {};
    for (const { role, way, size } of rows) if (way.value !== "never") limits[role] = way.value === "any" ? null : Math.round((Number(size.value) || 0) * scale);
    try {
      await put(`/api/rights/${part(right.key)}`, { four_eyes: eyes.getAttribute("aria-checked") === "true", limits });
      closeSheet(sheet);
      toast(t("staff.saved"));
      again();
    } catch (problem) {
      wrong.textContent = refusal(problem);
    }
  }
}
