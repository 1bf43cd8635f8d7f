// One question before something that cannot be taken back: what happens, and a button that says it.
import { el } from "./dom.js";
import { closeSheet, openSheet } from "./sheet.js";
import { t } from "./words.js";

/** Whether the person agreed. Esc, the scrim and the closer say no. */
export function confirmation({ name, title, text, yes, bad = false }) {
  return new Promise((done) => {
    const sheet = openSheet({
      name: `confirm-${name}`, title, onclose: () => done(false),
      body: el("div.body.col.pad", {}, el("p", {}, text),
        el(`button.btn.l.block${bad ? ".bad" : ".pri"}`, { test: `confirm-${name}`, onclick: () => { closeSheet(sheet, { silent: true }); done(true); } }, yes),
        el("button.btn.ghost.block", { onclick: () => closeSheet(sheet) }, t("cancel"))),
    });
  });
}
