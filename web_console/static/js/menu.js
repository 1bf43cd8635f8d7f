// The menu: recent changes, language, theme, sounds, keys, sign off.
import { el, icon } from "./dom.js";
import { recent, undo } from "./bag.js";
import { choice } from "./choice.js";
import { remember, remembered, setTheme } from "./settings.js";
import { closeSheet, openSheet } from "./sheet.js";
import { accepted } from "./sound.js";
import { lang, setLanguage, t } from "./words.js";

const KEYS = [["F1", "seller"], ["F2", "search"], ["F3", "member"], ["F4", "park"], ["F6", "parked"], ["F7", "returns"], ["F8", "discount"], ["F9 / Enter", "pay"], ["↑ ↓", "line"], ["+ −", "quantity"], ["Delete", "remove"], ["Ctrl+Z", "undo"], ["0–9 .", "pad"], ["Alt+1–5", "tender"], ["Esc", "back"], ["?", "help"]];

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

export function openMenu({ links, rows = [], signOff }) {
  let sheet = null;
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
      ...rows.map(([words, test, open, key]) => el("button.swrow.go", { test, onclick: () => { closeSheet(sheet); open(); } }, el("span.grow", {}, words), key && el("kbd.pill", {}, key))),
      ...links.map(([href, words, test]) => el("a.swrow.go", { href, test }, el("span.grow", {}, words))),
      el("div.pad", {}, el("button.btn.l.block", { test: "sign-off", onclick: () => { closeSheet(sheet); signOff(); } }, icon("exit"), t("menu.sign_off")))),
  });
}
