// The sheet in which somebody approves: who, why, their PIN.
import { el, icon } from "./dom.js";
import { closeSheet, openSheet } from "./sheet.js";
import { first, problemWord, t } from "./words.js";

const { PinSheet } = await import("./pinsheet.js"); // a part of its own: the till's page would have it

const REASON_MAX = 200;
const REASONS = {
  discount: ["damaged", "goodwill", "matched", "regular"],
  price_override: ["tag", "damaged", "matched"],
  return: ["quality", "size", "mind"],
  return_blind: ["quality", "size", "mind"],
  void_sale: ["mistake", "left"],
  cash_out: ["change", "expense", "safe"],
  variance: ["miscounted", "change"],
  attendance_correct: ["forgot", "mistake", "errand"],
};
const ANY_REASON = ["customer", "mistake", "agreed"];

/** Nobody else may approve it: who could, and what to do about it. */
function nobody(title, roles, done) {
  const sheet = openSheet({ name: "approve", title, onclose: () => done(null), body: el("div.body", {}, el("div.empty", { test: "approve-nobody", role: "alert" }, el("span.halo", {}, icon("person", "l")),
    el("b.b", {}, t("approve.nobody")), el("p.mut", {}, t("approve.could", { roles: roles.map((role) => t(`role.${role}`)).join(t("list.and")) })), el("p.mut", {}, t("approve.nobody_do")),
    el("button.btn.pri.l", { test: "approve-close", onclick: () => closeSheet(sheet) }, t("close")))) });
}

/** Answers what `send(approval)` answers, or null when the sheet is closed without an approval. */
export function ask({ right, roles, approvers, send, reason }) {
  const title = t("approve.title", { what: first([`right.${right}`, "right.other"]) });
  if (!approvers.length) return new Promise((done) => nobody(title, roles, done));
  return new Promise((done, fail) => {
    let why = reason;
    const chips = (REASONS[right] ?? ANY_REASON).map((name) => el("button.btn", { "aria-pressed": "false", data: { name }, test: `approve-reason-${name}`, onclick: () => because(name) }, t(`reason.${name}`)));
    const text = el("input.inp", { maxlength: String(REASON_MAX), autocomplete: "off", placeholder: t("approve.reason_text"), "aria-label": t("approve.reason_text"), test: "approve-reason", oninput: () => because(text.value.trim(), true) });
    const sheet = new PinSheet({
      name: "approve", title, people: approvers, ask: t("approve.who"),
      side: reason ? [el("div.sm.mut", {}, t("approve.reason")), el("div.b", { test: "approve-given" }, reason)] : [el("div.sm.mut", {}, t("approve.reason")), el("div.chips", { role: "group", "aria-label": t("approve.reason") }, ...chips), text],
      missing: () => (why ? "" : t("approve.reason_first")),
      send: (approver_id, pin) => send({ approver_id, pin, reason: why }),
      done, left: () => done(null),
      refusal(problem) {
        if (problem.code === "approver_refused") return problemWord(problem);
        fail(problem); // it is not about who approves: the caller knows what to say
        return "";
      },
    });

    function because(name, typed = false) {
      why = name;
      if (!typed) text.value = "";
      for (const chip of chips) chip.setAttribute("aria-pressed", String(!typed && chip.dataset.name === name));
      sheet.say(null);
      if (!typed) sheet.go();
    }
  });
}
