// One of a few is asked: why a paper is printed late and in which language, what tells how a payment ended.
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

export const askReason = (reasons) => pick("reason", t("copy.title"), t("copy.text"), reasons.map((key) => [key, t(`copy.reason.${key}`)]));
export const askLanguage = () => pick("paper-language", t("copy.language"), null, LANGUAGES.map((key) => [key, t(`copy.${key}`)]));
export const evidence = () => pick("evidence", t("evidence.title"), t("evidence.text"), ["slip", "list", "account"].map((key) => [key, t(`evidence.${key}`)]));
