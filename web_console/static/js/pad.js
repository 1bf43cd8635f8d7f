// The number pad. Long press on delete clears.
import { el, icon } from "./dom.js";
import { t } from "./words.js";

const CLEAR_MS = 600;

/** `corner`: what the left bottom key shows; press(key) hears "0".."9", the corners, "del", "clear". */
export function pad(press, { left, right, prefix = "key" }) {
  const key = (name, label, face) => el("button", { test: `${prefix}-${name}`, "aria-label": label, onclick: () => press(face ?? name) }, face ?? name);
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => key(digit));
  return el("div.pad9", {}, ...keys, corner(left, press, prefix, key), key("0"), corner(right, press, prefix, key));
}

function corner(name, press, prefix, key) {
  if (name === "del") return deleteKey(press, `${prefix}-del`);
  if (name === "clear") return el("button.word", { test: `${prefix}-clear`, onclick: () => press("clear") }, t("clear"));
  return key(name === "." ? "dot" : name, name === "." ? t("pad.dot") : undefined, name);
}

export function deleteKey(press, test, shape = "button") {
  let timer = 0;
  let cleared = false;
  const begin = () => {
    cleared = false;
    timer = setTimeout(() => { cleared = true; press("clear"); }, CLEAR_MS);
  };
  const end = () => clearTimeout(timer);
  return el(shape, {
    test, "aria-label": t("pad.delete"), onpointerdown: begin, onpointerup: end, onpointerleave: end, onpointercancel: end,
    onclick: () => { if (!cleared) press("del"); cleared = false; },
  }, icon("back", "l"));
}
