// The form in which a member's data are entered.
import { el } from "./dom.js";
import { Problem, once, part, post, put } from "./api.js";
import { address, field, input, select } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refusal, shown } from "./member_words.js";
import { toast } from "./toast.js";
import { has, t } from "./words.js";

const FIELDS = ["phone", "name", "gender", "birthday", "card", "email", "wechat", "id_card", "notes"];
const LONGEST = { name: 40, notes: 500 };
const PHONE_MIN = 7; // digits; fewer are the end of a number
const lines = ({ value = "", ...props }) => el("textarea.inp", { rows: "2", ...props }, value);
const KEYBOARD = { phone: "tel", card: "numeric", email: "email" };

/**
 * The form of one member, `null` for somebody new. What is masked is not known here: an empty field stays as it is,
 * and is taken away with its own tick. `typed`: what somebody new was looked for by.
 */
export function editMember(member, done, typed = "") {
  const held = new Map((member?.fields ?? []).map((each) => [each.field, each]));
  const controls = new Map(FIELDS.map((name) => [name, name === "gender" ? select([["", t("members.gender_unsaid")], ["f", t("members.gender_f")], ["m", t("members.gender_m")]], shown(member ?? { fields: [] }, name), { test: "member-gender" })
    : (name === "notes" ? lines : input)({ maxlength: String(LONGEST[name] ?? 200), inputmode: KEYBOARD[name], placeholder: held.get(name)?.masked ? held.get(name).text : "", value: held.get(name)?.masked ? "" : held.get(name)?.text ?? "", test: `member-${name}` })]));
  const gone = new Map([...held.values()].filter((each) => each.masked).map((each) => [each.field, el("input", { type: "checkbox", test: `member-drop-${each.field}` })]));
  const rows = new Map(FIELDS.map((name) => [name, field(t(`members.field.${name}`), controls.get(name), has(`members.hint_${name}`) ? t(`members.hint_${name}`) : "")]));
  if (typed.includes("@")) controls.get("email").value = typed;
  else if (typed.length >= PHONE_MIN) controls.get(/^27\d{11}$/.test(typed) ? "card" : "phone").value = typed;
  const wrong = el("div.bad-text", { role: "alert", test: "member-wrong" });
  const same = el("div");
  const save = el("button.btn.pri.l.block", { type: "submit", test: "member-save" }, t(member ? "members.save" : "members.add"));
  let another = false;

  /** Only what was touched: a masked field that was left empty is not sent. */
  function fields() {
    const said = {};
    for (const [name, control] of controls) {
      const text = control.value.trim();
      if (gone.get(name)?.checked) said[name] = "";
      else if (held.get(name)?.masked ? text : text !== (held.get(name)?.text ?? "")) said[name] = text;
    }
    return said;
  }

  async function send(event) {
    event?.preventDefault();
    for (const row of rows.values()) row.wrong("");
    wrong.textContent = "";
    same.replaceChildren();
    save.disabled = true;
    const body = { fields: fields(), another, ...(member ? { revision: member.revision } : {}) };
    try {
      const after = await once(`member ${member?.member_id ?? ""} ${JSON.stringify(body)}`, (key) => (member ? put(`/api/members/${part(member.member_id)}`, body, key) : post("/api/members", body, key)));
      closeSheet(sheet, { silent: true });
      toast(t("members.saved"));
      done(after);
    } catch (problem) {
      const row = problem instanceof Problem && rows.get(problem.details.field);
      if (row) row.wrong(refusal(problem));
      else wrong.textContent = refusal(problem);
      if (problem instanceof Problem && problem.code === "member_known") known(problem.details.candidates);
    }
    save.disabled = false;
  }

  /** Somebody has this number: it is them, it is to be compared, or the number is another person's now. */
  function known(candidates) {
    same.replaceChildren(el("div.col", { test: "member-known" }, ...candidates.map((id) => el("a.btn.block", { href: member ? address("members", ["review"], { one: member.member_id, other: id }) : address("members", [id]), onclick: () => closeSheet(sheet, { silent: true }) }, t(member ? "members.compare_them" : "members.open_them"))),
      el("button.btn.block", { test: "member-another", onclick: () => { another = true; send(); } }, t("members.another"))));
  }

  const taken = [...gone].map(([name, tick]) => el("label.swrow", {}, tick, el("span.grow", {}, t("members.drop", { field: t(`members.field.${name}`), text: held.get(name).text }))));
  const sheet = openSheet({ name: "member", kind: "counter-sheet", title: t(member ? "members.edit" : "members.add"), body: el("form.body.stacked", { onsubmit: send },
    el("div", {}, el("div.form", {}, gone.size ? el("p.sm.mut.full", {}, t("members.masked_hint")) : null, ...rows.values()), taken.length ? el("details.more-terms", {}, el("summary", { test: "member-drops" }, t("members.drops")), el("div.list", {}, ...taken)) : null), el("div.foot.col", {}, wrong, same, save)) });
}
