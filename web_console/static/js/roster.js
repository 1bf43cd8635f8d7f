// The list of staff: add, change, let go, give out a PIN.
import { el, icon } from "./dom.js";
import { get, once, part, post, put } from "./api.js";
import { card, empty, field, fill, input, select } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refusal } from "./staff_words.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const ROLES = ["cashier", "seller", "manager", "technician"];
const NAME_MAX = 40;

const state = (person) => (person.locked ? el("span.pill.bad", {}, t("staff.locked")) : person.active ? el("span.pill.ok", {}, t("staff.active")) : el("span.pill", {}, t("staff.gone")));

export async function showRoster(place) {
  const list = el("div");
  const row = (person) => el("div.swrow", {}, el("span.ava.ini", { "aria-hidden": "true" }, [...person.name][0] ?? "?"),
    el("span.grow.min0", {}, el("span.b.cut.blk", {}, person.name), el("span.sm.mut.blk", {}, t(`role.${person.role}`))), state(person),
    el("button.btn.sq", { test: `edit-${person.staff_id}`, "aria-label": t("staff.edit", { name: person.name }), onclick: () => edit(person, again) }, icon("edit")));
  const again = () => fill(list, () => get("/api/roster"), (people) => (people.length ? el("div.list", { test: "roster" }, ...people.map(row)) : empty("person", t("pin.nobody"))));
  place.append(el("div.tools", {}, el("span.grow"), el("button.btn.pri", { test: "add-person", onclick: () => edit(null, again) }, icon("plus"), t("staff.add"))), card(list));
  await again();
}

/** The form of one person; `null` for somebody new, whose PIN is shown afterwards. */
function edit(person, again) {
  const name = input({ value: person?.name ?? "", maxlength: String(NAME_MAX), test: "staff-name" });
  const role = select(ROLES.map((key) => [key, t(`role.${key}`)]), person?.role ?? "cashier", { test: "staff-role" });
  const rank = input({ type: "number", min: "0", max: "9999", value: String(person?.rank ?? 0), test: "staff-rank" });
  const wrong = el("div.bad-text", { role: "alert", test: "staff-wrong" });
  const save = el("button.btn.pri.l.block", { test: "staff-save", onclick: () => run(() => (person ? change(person.active) : add())) }, t(person ? "staff.save" : "staff.add"));
  const sheet = openSheet({ name: "person", title: person ? t("staff.edit", { name: person.name }) : t("staff.add"), body: el("div.body.pad.col", {},
    field(t("staff.name"), name), field(t("staff.role"), role, t("staff.role_hint")), person ? field(t("staff.rank"), rank, t("staff.rank_hint")) : null, wrong, save, ...(person ? others() : [])) });

  function others() {
    const act = (test, words, does) => el("button.btn.block", { test, onclick: () => run(does) }, words);
    return [
      act("staff-pin", t("staff.new_pin"), newPin),
      person.locked ? act("staff-unlock", t("staff.unlock"), unlock) : null,
      person.active ? el("button.btn.bad.block", { test: "staff-leave", onclick: () => confirm() }, t("staff.leave")) : act("staff-back", t("staff.back"), () => change(true)),
    ];
  }

  /** Letting somebody go signs them off everywhere, so it is asked for twice. */
  function confirm() {
    const ask = openSheet({ name: "leave", title: t("staff.leave_title", { name: person.name }), body: el("div.body.pad.col", {}, el("p.mut", {}, t("staff.leave_text")),
      el("button.btn.bad.l.block", { test: "leave-sure", onclick: () => { closeSheet(ask); run(() => change(false)); } }, t("staff.leave"))) });
  }

  async function run(does) {
    wrong.textContent = "";
    save.disabled = true;
    try { await does(); } catch (problem) { wrong.textContent = refusal(problem); }
    save.disabled = false;
  }

  async function add() {
    const body = { name: name.value, role: role.value };
    const added = await once(`add person ${JSON.stringify(body)}`, (key) => post("/api/roster", body, key));
    closeSheet(sheet);
    again();
    showPin(added);
  }

  async function change(active) {
    await put(`/api/roster/${part(person.staff_id)}`, { name: name.value, role: role.value, active, rank: Number(rank.value) || 0 });
    closeSheet(sheet);
    toast(t("staff.saved"));
    again();
  }

  async function newPin() {
    const reset = await once(`pin ${person.staff_id}`, (key) => post(`/api/roster/${part(person.staff_id)}/pin`, {}, key));
    closeSheet(sheet);
    again();
    showPin(reset);
  }

  async function unlock() {
    await post(`/api/staff/${part(person.staff_id)}/unlock`, {});
    closeSheet(sheet);
    toast(t("staff.unlocked"));
    again();
  }
}

/** The one time a PIN is seen. A repeat whose first answer was lost has none to show. */
function showPin({ person, pin }) {
  const sheet = openSheet({ name: "new-pin", title: t("staff.pin_of", { name: person.name }), body: el("div.body.pad.col.mid", {},
    pin ? el("div.huge.b.num", { test: "new-pin" }, pin) : el("b.b", { test: "new-pin-lost" }, t("staff.pin_lost")), el("p.mut", {}, t(pin ? "staff.pin_once" : "staff.pin_again")),
    el("button.btn.pri.l.block", { test: "pin-noted", onclick: () => closeSheet(sheet) }, t("staff.pin_noted"))) });
}
