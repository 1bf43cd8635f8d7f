// Members in files: what a file says of people, masked, and taking all members along for a reason.
import { el, icon } from "./dom.js";
import { once, post } from "./api.js";
import { card, table } from "./section.js";
import { number, t } from "./words.js";

const STATES = ["doubtful", "new", "known"]; // what somebody has to look at comes first
const LONG_MS = 120000;
const FIELDS = ["phone", "email", "card", "birthday"];

export const stateWord = (state) => t(`import.state.${state}`);

const brings = (values) => {
  const told = Object.entries(values).map(([field, value]) => `${t(`import.field.${field}`)} ${field === "points" ? number(Number(value)) : value}`);
  return told.length ? el("span.sm.blk", {}, told.join(" · ")) : null;
};

const bringsNot = (why) => Object.entries(why).map(([field, word]) => el("span.sm.dim.blk", {}, t("import.brings_not", { what: t(`import.field.${field}`), why: t(`import.not.${word}`) })));

/** What the members of a file bring along, where it is anything. */
export const broughtNote = ({ points, principal, bonus, tiers }) => (points || tiers || /[1-9]/.test(principal + bonus)
  ? [el("div.note.info", { test: "brought" }, icon("alert"), el("div.grow", {}, el("b", {}, t("import.brought", { points: number(points), principal, bonus, tiers: number(tiers) })), el("div.sm", {}, t("import.brought_hint"))))]
  : []);

/** The rows of one file, each with what it is taken for and why. */
export const peopleTable = (people) => table([
  { title: t("import.line"), num: true, cell: (each) => number(each.line) },
  { title: t("import.person"), cell: (each) => el("span.min0", {}, el("span.cut.blk", {}, each.fields.name ?? t("import.nothing")), el("span.sm.dim.cut.blk", {}, FIELDS.map((name) => each.fields[name]).filter(Boolean).join(" · ")), brings(each.brings), ...bringsNot(each.brings_not)) },
  { title: t("import.taken_for"), cell: (each) => el("span", {}, el("b.b.blk", {}, stateWord(each.state)), each.by.length ? el("span.sm.dim.blk", {}, t("import.same", { fields: each.by.map((name) => t(`import.field.${name}`)).join(", ") })) : null) },
], people, { label: t("import.people"), test: "people" });

export const inOrder = (people) => STATES.flatMap((state) => people.filter((each) => each.state === state));

async function take(form, clear) {
  const { because } = await import("./member_pages.js");
  because(t(clear ? "import.export_clear" : "import.export_masked"), t(clear ? "import.export_clear_hint" : "import.export_masked_hint"), t("import.export"), async (reason, approval) => {
    const body = { reason, clear, ...(approval ? { approval } : {}) };
    const path = `/api/exports/members/${form}`;
    const blob = await once(`${path} ${JSON.stringify(body)}`, (options) => post(path, body, { ...options, as: "blob", wait: LONG_MS }));
    const file = URL.createObjectURL(blob);
    el("a", { href: file, download: `members.${form}` }).click();
    setTimeout(() => URL.revokeObjectURL(file));
  }, "member_export");
}

export const exportCard = () => card(el("div.pad.row.wrap", {}, el("div.grow", {}, el("h2", {}, t("import.export_members")), el("div.sm.mut", {}, t("import.export_members_hint"))),
  ...[["csv", false], ["xlsx", false], ["csv", true], ["xlsx", true]].map(([form, clear]) =>
    el("button.btn", { test: `members-${form}${clear ? "-clear" : ""}`, onclick: () => take(form, clear) }, icon("download"), t(`import.members_${form}${clear ? "_clear" : ""}`)))));
