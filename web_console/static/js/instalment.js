// Paying by instalments: a choice of plans for what is left, each with its months.
import { busy, el } from "./dom.js";
import { Problem, get, once, post } from "./api.js";
import { applyBag, bag } from "./bag.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { problemWord, t } from "./words.js";

const words = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));

/** Opens the sheet over the payment. */
export async function openInstalments() {
  const kinds = el("div.seg", { role: "group", "aria-label": t("plan.months") });
  const rows = el("div", { role: "status", test: "plan-rows" });
  const fee = el("p.sm.mut", { test: "plan-fee" });
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: "plan-why" });
  const go = el("button.btn.pri.xl.block", { test: "plan-go", disabled: true, onclick: agree }, t("plan.go"));
  const sheet = openSheet({ name: "instalment", title: t("plan.title"), body: el("div.body.col.pad", {}, kinds, rows, fee, why, go) });
  let chosen = null;
  let terms = null;

  function draw() {
    for (const each of kinds.children) each.setAttribute("aria-pressed", String(Number(each.dataset.months) === chosen?.months));
    rows.replaceChildren(...(chosen?.rows ?? []).map((row) => el("div.row.brief", {}, el("span.num", {}, row.day), el("span.num.b.end", {}, row.amount.text))));
    fee.textContent = chosen && terms.provider ? t("plan.fee", { provider: terms.provider, amount: chosen.fee.text }) : "";
    busy(go, false);
    go.disabled = !chosen;
  }

  async function agree() {
    busy(go, true);
    const body = { basket_id: bag.view.basket_id, version: bag.view.version, months: chosen.months };
    try {
      const view = await once(`plan ${JSON.stringify(body)}`, (options) => post("/api/till/instalments", body, options));
      closeSheet(sheet, { silent: true });
      applyBag(view);
    } catch (problem) {
      refused();
      why.textContent = words(problem);
      draw();
    }
  }

  try {
    terms = await get("/api/till/instalments");
    kinds.replaceChildren(...terms.plans.map((plan) => el("button.btn", { test: `plan-${plan.months}`, data: { months: plan.months }, onclick: () => { chosen = plan; draw(); } }, t("plan.n", { n: plan.months }))));
    chosen = terms.plans[0] ?? null;
    kinds.hidden = rows.hidden = !chosen;
    if (!chosen) why.textContent = t("plan.none", { amount: terms.least.text });
  } catch (problem) { why.textContent = words(problem); }
  draw();
}
