// What a member looks like in a list, and words for what is refused.
import { el } from "./dom.js";
import { Problem } from "./api.js";
import { first, t } from "./words.js";

export const shown = (member, name) => member.fields.find((each) => each.field === name)?.text ?? "";

/** A value as people read it. */
export const worded = (each) => (each.field === "gender" ? t(`members.gender_${each.text}`) : each.text);

export const refusal = (problem) => (problem instanceof Problem ? first([`members.why_${problem.details.why}`, `error.${problem.code}`, "error.other"]) : t("office.lost"));

/** The parts of a member's row: initial, name, what they are known by. */
export function line(member) {
  const name = shown(member, "name") || t("members.nameless");
  const known = ["phone", "card", "email"].map((each) => shown(member, each)).filter(Boolean).join(" · ");
  return [el("span.ava.ini", { "aria-hidden": "true" }, [...name][0]), el("span.grow.min0", {}, el("span.b.cut.blk", {}, name), el("span.sm.mut.num.cut.blk", {}, known)),
    member.blocked ? el("span.pill.bad", {}, t("members.blocked")) : null].filter(Boolean);
}
