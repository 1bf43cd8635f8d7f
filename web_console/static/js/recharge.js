// A recharge at the till: a plan or any amount, how it is paid, and what stands on the account after it.
import { busy, el, icon } from "./dom.js";
import { Lost, Problem, get, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { applyBag } from "./bag.js";
import { parsed, written } from "./decimals.js";
import { tenders } from "./payments.js";
import { closeSheet, openSheet, topSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { toast } from "./toast.js";
import { first, label, problemWord, t } from "./words.js";

const WAYS = ["at_once", "asked"]; // of paying: with money that comes now
const TYPED_MAX = 9;
const REFERENCE_MAX = 64;
const pressed = (on) => ({ "aria-pressed": String(on) });
const placesOf = (currency) => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;

function words(problem, places) {
  if (!(problem instanceof Problem)) return t("bag.lost");
  const { why, most_minor } = problem.details ?? {};
  return problem.code === "stored_value_refused" ? first([`recharge.why.${why}`, "error.stored_value_refused"], { most: written(most_minor ?? 0, places) }) : problemWord(problem);
}

/** The sheet for a member; `done()` follows a recharge. `view` is the bag's. */
export async function openRecharge(member_id, view, done) {
  const ways = tenders(view).filter((each) => WAYS.includes(each.outcome));
  const { plans, problem: lost } = await offered();
  if (topSheet()?.name === "recharge") return; // a second tap came while the plans were asked for
  const state = { plan: plans[0] ?? null, way: ways[0] };
  const choice = el("div.chips.even", { role: "group", "aria-label": t("recharge.plans") });
  const how = el("div.seg", { role: "group", "aria-label": t("pay.ways") });
  const amount = el("input.inp.num", { id: "recharge-amount", test: "recharge-amount", inputmode: "decimal", autocomplete: "off", maxlength: TYPED_MAX, oninput: draw });
  const other = el("div.col.tight", {}, el("label.sm.mut", { for: "recharge-amount" }, t("recharge.amount")), amount);
  const reference = el("input.inp", { id: "recharge-reference", test: "recharge-reference", autocomplete: "off", maxlength: REFERENCE_MAX, oninput: draw });
  const number = el("div.col.tight", {}, el("label.sm.mut", { for: "recharge-reference" }, t("pay.reference")), reference);
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: "recharge-why" });
  const brief = el("p.sm.mut", { test: "recharge-brief", role: "status" });
  const go = el("button.btn.pri.xl.block", { type: "submit", test: "recharge-go", disabled: true });
  const sheet = openSheet({ name: "recharge", title: t("recharge.title"), body: el("form.body.col.pad", { onsubmit: (event) => { event.preventDefault(); send(); } },
    choice, other, el("div.seg-row", {}, how), number, brief, why, go) });

  const places = placesOf(view.total.currency);
  const minor = () => state.plan?.pays.minor ?? parsed(amount.value, places) ?? 0;

  function draw() {
    choice.replaceChildren(...plans.map((plan) => el("button.btn.l", { type: "button", test: `recharge-plan-${plan.pays.minor}`, ...pressed(plan === state.plan), onclick: () => { state.plan = plan; draw(); } }, el("span.tight", {}, plan.pays.text, plan.bonus.minor ? el("span.sm.blk", {}, t("recharge.gives", { bonus: plan.bonus.text })) : null))),
      plans.length ? el("button.btn.l", { type: "button", test: "recharge-other", ...pressed(!state.plan), onclick: () => { state.plan = null; draw(); amount.focus(); } }, t("recharge.other")) : "");
    how.replaceChildren(...ways.map((way) => el("button.btn", { type: "button", test: `recharge-by-${way.key}`, ...pressed(way === state.way), onclick: () => { state.way = way; draw(); } }, icon(way.icon), label(way))));
    other.hidden = Boolean(state.plan);
    number.hidden = state.way.outcome !== "asked";
    brief.textContent = state.plan?.bonus.minor ? t(state.plan.bonus_days ? "recharge.ends" : "recharge.brief", { label: label(state.plan), days: state.plan.bonus_days }) : "";
    go.textContent = t("recharge.go", { amount: state.plan?.pays.text ?? amount.value });
    busy(go, false);
    go.disabled = minor() <= 0 || (!number.hidden && !reference.value.trim());
  }

  /** The same request after a lost answer: nobody pays twice. */
  async function send() {
    if (go.disabled) return;
    busy(go, true);
    why.textContent = "";
    const body = { plan_id: state.plan?.plan_id ?? "", plan_version: state.plan?.version ?? 0, paid_minor: minor(), tender: state.way.key, reference: number.hidden ? "" : reference.value.trim() };
    try {
      const move = await approved("recharge", (approval) => once(`recharge ${member_id} ${JSON.stringify(body)}`, (options) => post(`/api/members/${part(member_id)}/stored-value/recharges`, approval ? { ...body, approval } : body, options)));
      if (!move) return draw();
      closeSheet(sheet, { silent: true });
      toast(told(move, "recharge.done"));
      applyBag(await get("/api/till/basket"));
      done();
    } catch (problem) {
      draw();
      refused();
      why.textContent = words(problem, places);
    }
  }

  draw();
  if (lost) why.textContent = words(lost, places);
}

/** The plans, or none and why: any amount can be taken all the same. */
async function offered() {
  try {
    return { plans: await get("/api/stored-value/plans") };
  } catch (problem) {
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
    return { plans: [], problem };
  }
}

const told = (move, key) => t(key, { amount: move.principal.text, balance: move.balance.text });

/** The change of a sale goes onto the account of whoever bought; `button` asked for it, `kept` hears the words. */
export async function keepChange(button, { sale_id, total }, kept) {
  busy(button, true);
  try {
    const move = await approved("recharge", (approval) => once(`change ${sale_id}`, (options) => post(`/api/sales/${part(sale_id)}/kept-change`, approval ? { approval } : {}, options)), { reason: t("recharge.keep") });
    if (!move) return busy(button, false);
    button.hidden = true;
    kept(told(move, "recharge.kept"));
  } catch (problem) {
    refused();
    toast(words(problem, placesOf(total.currency)));
  }
  busy(button, false);
}
