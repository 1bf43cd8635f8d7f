// What sellers earn: rules by person, role and category, steps by the month's sum. A new plan holds from a month on.
import { el, icon } from "./dom.js";
import { Problem, get, put } from "./api.js";
import { card, empty, field, fill, input, select, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { monthText, refusal } from "./staff_words.js";
import { toast } from "./toast.js";
import { first, number, t } from "./words.js";

const STEPS_MAX = 10;
const CENTS = 100; // of what people read and type: percent and money alike

export async function showCommission(place) {
  const list = el("div.col");
  await fill(list, async () => {
    const [plan, categories, people] = await Promise.all([get("/api/office/commission"), get("/api/categories"), get("/api/till/sellers")]);
    return { plan, categories, people };
  }, (known) => new Plan(known, () => { place.replaceChildren(); showCommission(place); }).node);
  place.append(el("p.sm.mut", {}, t("commission.hint")), list);
}

class Plan {
  constructor({ plan, categories, people }, again) {
    Object.assign(this, { plan, again, rules: plan.rules.map((rule) => ({ ...rule })), month: plan.from_month > plan.earliest ? plan.from_month : plan.earliest });
    this.categories = [["", t("commission.all_goods")], ...categories.map(({ key, name }) => [key, name])];
    this.people = [["", t("commission.everybody")], ...["seller", "cashier", "manager"].map((role) => [`role:${role}`, t(`role.${role}`)]), ...people.map(({ staff_id, name }) => [staff_id, name])];
    this.list = el("div");
    this.wrong = el("div.bad-text", { role: "alert", test: "commission-wrong" });
    this.from = input({ type: "month", min: plan.earliest, value: this.month, test: "commission-from", onchange: () => { this.month = this.from.value || plan.earliest; } });
    this.node = [
      el("div.tools", {}, el("span.grow"), el("button.btn", { test: "rule-add", onclick: () => this.edit(null) }, icon("plus"), t("commission.add"))),
      card(this.list), el("div.row.tops", {}, field(t("commission.from"), this.from, plan.version ? t("commission.now", { month: monthText(plan.from_month) }) : ""), el("button.btn.pri", { test: "commission-save", onclick: () => this.save() }, t("staff.save"))), this.wrong];
    this.draw();
  }

  word(options, value) { return options.find(([key]) => key === value)?.[1] ?? value; }

  who(rule) { return this.word(this.people, rule.staff_id || (rule.role ? `role:${rule.role}` : "")); }

  draw() {
    const rate = (rule, step) => (rule.kind === "share" ? `${number(step.rate / CENTS)}%` : t("commission.each", { n: number(step.rate / CENTS) }));
    this.list.replaceChildren(this.rules.length ? table([
      { title: t("commission.who"), cell: (rule) => el("span.cut.blk", {}, this.who(rule)) },
      { title: t("commission.what"), cell: (rule) => this.word(this.categories, rule.category) },
      { title: t("commission.rate"), cell: (rule) => el("span.sm", {}, ...rule.steps.map((step) => el("span.blk.num", {}, step.from_minor ? t("commission.step", { from: number(step.from_minor / CENTS), rate: rate(rule, step) }) : rate(rule, step)))) },
      { title: "", cell: (rule) => el("button.btn.sq", { test: "rule-edit", "aria-label": t("staff.change"), onclick: () => this.edit(rule) }, icon("edit")) },
    ], this.rules, { label: t("staff.commission"), test: "rules" }) : empty("tag", t("commission.none"), t("commission.none_hint")));
  }

  edit(rule) {
    const now = rule ?? { kind: "share", staff_id: "", role: "", category: "", whole: false, steps: [{ from_minor: 0, rate: 0 }] };
    const who = select(this.people, now.staff_id || (now.role ? `role:${now.role}` : ""), { test: "rule-who" });
    const what = select(this.categories, now.category, { test: "rule-what" });
    const kind = select([["share", t("commission.share")], ["piece", t("commission.piece")]], now.kind, { test: "rule-kind" });
    const whole = select([["", t("commission.sliced")], ["whole", t("commission.whole")]], now.whole ? "whole" : "", { test: "rule-whole" });
    const steps = el("div.col.tightcol");
    const amount = (value, test, label) => input({ type: "number", min: "0", step: "0.01", value: String(value / CENTS), test, "aria-label": label });
    const row = (step, n) => el("div.row", {}, amount(step.from_minor, `step-from-${n}`, t("commission.step_from")), amount(step.rate, `step-rate-${n}`, t("commission.rate")));
    now.steps.forEach((step, n) => steps.append(row(step, n)));
    const more = el("button.btn", { test: "step-add", onclick: () => { if (steps.childElementCount < STEPS_MAX) steps.append(row({ from_minor: 0, rate: 0 }, steps.childElementCount)); } }, icon("plus"), t("commission.step_add"));
    const read = (node) => Math.round((Number(node.value) || 0) * CENTS);
    const keep = () => {
      const [staff_id, role] = who.value.startsWith("role:") ? ["", who.value.slice(5)] : [who.value, ""];
      const pairs = [...steps.children].map((each) => ({ from_minor: read(each.children[0]), rate: read(each.children[1]) }));
      const kept = { kind: kind.value, staff_id, role, category: what.value, whole: whole.value === "whole", steps: pairs.filter((step, n) => n === 0 || step.from_minor) };
      this.rules = rule ? this.rules.map((each) => (each === rule ? kept : each)) : [...this.rules, kept];
      this.draw();
      closeSheet(sheet);
    };
    const sheet = openSheet({ name: "rule", title: t("commission.rule"), body: el("div.body.pad.col", {}, field(t("commission.who"), who), field(t("commission.what"), what), field(t("commission.kind"), kind),
      el("div.sm.mut", {}, t("commission.steps")), steps, more, field(t("commission.way"), whole),
      el("button.btn.pri.l.block", { test: "rule-keep", onclick: keep }, t("commission.keep")),
      rule ? el("button.btn.bad.block", { test: "rule-drop", onclick: () => { this.rules = this.rules.filter((each) => each !== rule); this.draw(); closeSheet(sheet); } }, t("commission.drop")) : null) });
  }

  async save() {
    this.wrong.textContent = "";
    try {
      await put("/api/office/commission", { seen_version: this.plan.version, from_month: this.month, rules: this.rules });
      toast(t("staff.saved"));
      this.again();
    } catch (problem) {
      this.wrong.textContent = problem instanceof Problem && problem.details.why ? `${problem.details.n ? `${problem.details.n}. ` : ""}${first([`commission.why_${problem.details.why}`, `error.${problem.code}`])}` : refusal(problem);
    }
  }
}
