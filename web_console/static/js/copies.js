// Papers of a sale printed again, and what is asked by a few choices: why, in which language, what tells how a payment ended.
import { Problem, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { el } from "./dom.js";
import { closeSheet, openSheet } from "./sheet.js";
import { t } from "./words.js";

const LANGUAGES = ["zh", "en", "both"];

/** One of a few, or "" when the sheet was closed. */
function pick(name, title, text, options) {
  return new Promise((done) => {
    let sheet = null;
    const take = (value) => { done(value); closeSheet(sheet); };
    sheet = openSheet({
      name, title, onclose: () => done(""),
      body: el("div.body", {}, el("div.pad.col", {}, text && el("p.mut", {}, text),
        el("div.chips", {}, ...options.map(([value, words]) => el("button.btn.l", { test: `${name}-${value}`, onclick: () => take(value) }, words))))),
    });
  });
}

const askReason = (reasons) => pick("reason", t("copy.title"), t("copy.text"), reasons.map((key) => [key, t(`copy.reason.${key}`)]));
const askLanguage = () => pick("paper-language", t("copy.language"), null, LANGUAGES.map((key) => [key, t(`copy.${key}`)]));
export const evidence = () => pick("evidence", t("evidence.title"), t("evidence.text"), ["slip", "list", "account"].map((key) => [key, t(`evidence.${key}`)]));

/** A wish that got no answer is sent again with its key. */
const send = (sale_id, what, body) => once(`${what} ${sale_id} ${JSON.stringify(body)}`, (key) => post(`/api/sales/${part(sale_id)}/${what}`, body, key));

/** The next copy's job; null when somebody thought better of it. */
export async function printCopy(sale_id, wish = {}) {
  try {
    return await send(sale_id, "copies", wish);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== "reason_needed") throw problem;
    const reason = await askReason(problem.details.reasons);
    if (!reason) return null;
    return approved("reprint_late", (approval) => send(sale_id, "copies", { ...wish, reason, ...(approval && { approval }) }), { reason: t(`copy.reason.${reason}`) });
  }
}

export async function printInLanguage(sale_id) {
  const language = await askLanguage();
  return language ? printCopy(sale_id, { language }) : null;
}

export const printGift = (sale_id) => send(sale_id, "gift-receipts", {});
