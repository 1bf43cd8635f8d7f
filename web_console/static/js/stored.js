// A member's stored balance that shall pay: how much of the bag, and what proves who stands there.
import { busy, el, icon } from "./dom.js";
import { Problem, once, post } from "./api.js";
import { applyBag, bag } from "./bag.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { problemWord, t } from "./words.js";

const PIN_MAX = 6;

/** Opens the sheet over the payment. The bag has a member with something on the account. */
export function openStored() {
  const { balance, usable } = bag.view.customer;
  const present = el("input", { type: "checkbox", id: "stored-present", test: "stored-present" });
  const pin = el("input.inp.num", { id: "stored-pin", test: "stored-pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: PIN_MAX, "aria-label": t("stored.pin"), placeholder: t("stored.pin") });
  const proof = el("div.col", { hidden: true, test: "stored-proof" }, el("p.sm.mut", {}, t("stored.proof")), el("label.field", { for: "stored-pin" }, icon("person"), pin), el("label.swrow", { for: "stored-present" }, el("span.grow", {}, t("stored.present")), present));
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: "stored-why" });
  const go = el("button.btn.pri.xl.block", { type: "submit", test: "stored-go" }, t("stored.go", { amount: usable.text }));
  const sheet = openSheet({ name: "stored", title: t("stored.title"), body: el("form.body.col.pad", { onsubmit: (event) => { event.preventDefault(); pay(); } },
    el("div.list.card", {}, el("div.swrow", {}, el("span.grow", {}, t("stored.has")), el("span.num.b", {}, balance.text)), el("div.swrow", {}, el("span.grow", {}, t("stored.usable")), el("span.num.b", { test: "stored-usable" }, usable.text))),
    proof, why, go) });

  /** The same request while the bag is the same one: a lost answer is asked for again. */
  async function pay() {
    busy(go, true);
    why.textContent = "";
    const { basket_id, version } = bag.view;
    const body = { basket_id, version, amount_minor: usable.minor, pin: pin.value, present: present.checked };
    try {
      const view = await once(`stored ${basket_id} ${version} ${usable.minor}`, (options) => post("/api/till/stored-value", body, options));
      closeSheet(sheet, { silent: true });
      applyBag(view);
    } catch (problem) {
      busy(go, false);
      refused();
      if (problem.code === "proof_needed" && proof.hidden) { proof.hidden = false; pin.focus(); return; }
      if (problem.code === "pin_refused") { pin.value = ""; pin.focus(); }
      why.textContent = problem.code === "pin_refused" ? t("stored.pin_wrong") : problem instanceof Problem ? problemWord(problem) : t("bag.lost");
    }
  }

  go.focus();
}
