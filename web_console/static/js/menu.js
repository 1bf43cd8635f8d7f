// The menu: recent changes, language, theme, sounds, keys, sign off.
import { el, icon } from "./dom.js";
import { recent, undo } from "./bag.js";
import { choice } from "./choice.js";
import { remember, remembered, setTheme } from "./settings.js";
import { closeSheet, openSheet } from "./sheet.js";
import { accepted } from "./sound.js";
import { lang, setLanguage, t } from "./words.js";

const KEYS = [["F1", "seller"], ["F2", "search"], ["F3", "member"], ["F4", "park"], ["F6", "parked"], ["F7", "returns"], ["F8", "discount"], ["F9 / Enter", "pay"], ["↑ ↓", "line"], ["+ −", "quantity"], ["Delete", "remove"], ["Ctrl+Z", "undo"], ["0–9 .", "pad"], ["Alt+1–5", "tender"], ["Esc", "back"], ["?", "help"]];

const ROWS = [["returns", "menu.returns", "F7"], ["receipts", "receipts.title"], ["discount", "menu.discount", "F8"], ["shift", "menu.shift"], ["clock", "clock.title"]];

function soundRow() {
  const on = remembered("sound", "on") === "on";
  const toggle = el("button.sw", { role: "switch", "aria-checked": String(on), "aria-label": t("menu.sound"), test: "sound", onclick: () => {
    const next = toggle.getAttribute("aria-checked") !== "true";
    toggle.setAttribute("aria-checked", String(next));
    remember("sound", next ? "on" : "off");
    if (next) accepted();
  } });
  return el("div.swrow", {}, el("span.grow", {}, t("menu.sound")), toggle);
}

export function openKeys() {
  openSheet({ name: "keys", title: t("menu.keys"), body: el("div.body.list", {}, ...KEYS.map(([key, name]) => el("div.swrow", {}, el("span.grow", {}, t(`key.${name}`)), el("kbd.pill", {}, key)))) });
}

/** `does`: what each of ROWS opens. */
export function openMenu({ twins, does, signOff }) {
  let sheet = null;
  const pages = [...(twins ? ["counter"] : []), "office", "technician"];
  const undone = recent().slice().reverse().map((entry) => el("div.swrow", {}, el("span.grow.cut", {}, entry.words),
    el("button.btn", { onclick: () => { closeSheet(sheet); undo(entry); } }, icon("undo"), t("undo"))));
  sheet = openSheet({
    name: "menu", title: t("menu.title"),
    body: el("div.body.list", {},
      ...(undone.length ? [el("div.swrow.sm.mut", {}, t("menu.recent")), ...undone] : []),
      choice(t("menu.language"), "language", [["zh", "中文"], ["en", "English"]], lang, setLanguage),
      choice(t("menu.theme"), "theme", [["", t("theme.system")], ["light", t("theme.light")], ["dark", t("theme.dark")]], remembered("theme"), setTheme),
      soundRow(),
      el("button.swrow.go", { test: "menu-keys", onclick: () => { closeSheet(sheet); openKeys(); } }, el("span.grow", {}, t("menu.keys")), el("kbd.pill", {}, "?")),
      ...ROWS.map(([name, words, key]) => el("button.swrow.go", { test: `menu-${name}`, onclick: () => { closeSheet(sheet); does[name](); } }, el("span.grow", {}, t(words)), key && el("kbd.pill", {}, key))),
      ...pages.map((page) => el("a.swrow.go", { href: `/${page}`, test: `menu-${page}` }, el("span.grow", {}, t(`menu.${page}`)))),
      el("div.pad", {}, el("button.btn.l.block", { test: "sign-off", onclick: () => { closeSheet(sheet); signOff(); } }, icon("exit"), t("menu.sign_off")))),
  });
}
