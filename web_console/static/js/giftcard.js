// A gift card that shall pay: its code, what is on it, and how much of the bag it takes over.
import { busy, el, icon } from "./dom.js";
import { Problem, once, post } from "./api.js";
import { applyBag, bag } from "./bag.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { problemWord, t } from "./words.js";

const CODE_MAX = 40; // characters, with the spaces and dashes of people
const words = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));

/** Opens the sheet over the payment. The code is typed, or scanned into it. */
export function openGiftCard() {
  let seen = null; // the gateway's answer for the code in the field
  const input = el("input.inp", { id: "card-code", test: "card-code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: CODE_MAX, placeholder: "XXXX-XXXX-XXXX-X", "aria-label": t("card.code"), oninput: () => { seen = null; why.textContent = ""; draw(); } });
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: "card-why" });
  const balance = el("span.num.b.end", { test: "card-balance" });
  const usable = el("span.num.b.end", { test: "card-usable" });
  const found = el("div.list.card.parts", { role: "status" }, el("div.row.split", {}, el("span", {}, t("card.balance")), balance), el("div.row.split", {}, el("span", {}, t("card.usable")), usable));
  const word = el("span");
  const go = el("button.btn.pri.xl.block", { type: "submit", test: "card-go" }, word);
  const form = el("form.body.col.pad", { onsubmit: (event) => { event.preventDefault(); if (seen) pay(); else look(); } },
    el("p.sm.mut", {}, t("card.hint")), el("label.field", { for: "card-code" }, icon("gift"), input), found, why, go);
  const sheet = openSheet({ name: "gift-card", title: t("card.title"), body: form });
  sheet.scanned = (code) => { input.value = code; seen = null; look(); };

  function draw() {
    found.hidden = !seen;
    balance.textContent = seen?.balance.text ?? "";
    usable.textContent = seen?.usable.text ?? "";
    word.textContent = seen?.usable.minor ? t("card.pay", { amount: seen.usable.text }) : t("card.look");
    busy(go, false);
    go.disabled = !input.value.trim() || seen?.usable.minor === 0;
    if (seen?.usable.minor === 0) why.textContent = t(seen.balance.minor ? "card.not_here" : "card.empty");
  }

  function failed(problem) {
    refused();
    why.textContent = words(problem);
    draw();
  }

  async function look() {
    why.textContent = "";
    busy(go, true);
    const code = input.value;
    try {
      const answer = await post("/api/till/gift-cards/balance", { code });
      if (input.value === code) { seen = answer; draw(); }
    } catch (problem) { failed(problem); }
  }

  /** The same request while the bag is the same one: a lost answer is asked for again. */
  async function pay() {
    busy(go, true);
    const body = { basket_id: bag.view.basket_id, version: bag.view.version, code: input.value, amount_minor: seen.usable.minor };
    try {
      const view = await once(`card ${JSON.stringify(body)}`, (options) => post("/api/till/gift-cards", body, options));
      closeSheet(sheet, { silent: true });
      applyBag(view);
    } catch (problem) {
      seen = null;
      failed(problem);
    }
  }

  draw();
  input.focus();
}
