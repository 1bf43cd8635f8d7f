// Sheets over the page: focus goes in, stays in, and returns to the opener. Esc closes one level.
import { $, el, icon } from "./dom.js";
import { hideToast } from "./toast.js";
import { t } from "./words.js";

const stack = [];
const FOCUSABLE = "button:not([disabled]),input:not([disabled]),select,textarea,summary,a[href],[tabindex='0']";

export const topSheet = () => stack[stack.length - 1] ?? null;

/** {name, title (node or text), label, wide, drawer, onclose, header: [nodes], body: node} */
export function openSheet({ name, title, label, kind = "", header = [], body, closeLabel, onclose }) {
  hideToast(); // it would lie on the sheet's buttons; what it undoes is in the menu
  const sheet = {
    name, onclose, locked: false,
    opener: document.activeElement instanceof HTMLElement ? document.activeElement : null,
    openerTest: document.activeElement?.dataset?.test,
  };
  sheet.closer = el("button.btn.ghost.sq", { "aria-label": closeLabel ?? t("close"), test: "sheet-close", onclick: () => closeSheet(sheet) }, icon("close", "l"));
  const heading = typeof title === "string" ? el("h2.grow.cut", {}, title) : title;
  sheet.box = el(`div.sheet${kind ? `.${kind}` : ""}`, { role: "dialog", "aria-modal": "true", "aria-label": label ?? String(title), tabindex: "-1", test: `sheet-${name}` },
    el("header", {}, heading, ...header, sheet.closer), body);
  sheet.scrim = el("div.scrim", { onclick: (event) => { if (event.target === sheet.scrim && kind !== "pay") closeSheet(sheet); } }, sheet.box);
  stack.push(sheet);
  $("layers").append(sheet.scrim);
  $("app").inert = true;
  for (const below of stack.slice(0, -1)) below.scrim.inert = true;
  sheet.box.focus({ preventScroll: true });
  return sheet;
}

export function closeSheet(sheet, { silent = false } = {}) {
  const at = stack.indexOf(sheet);
  if (at < 0 || (sheet.locked && !silent)) return;
  stack.splice(at, 1);
  sheet.scrim.remove();
  const below = topSheet();
  if (below) below.scrim.inert = false;
  else $("app").inert = false;
  if (!silent) sheet.onclose?.();
  const back = sheet.opener?.isConnected ? sheet.opener : sheet.openerTest && document.querySelector(`[data-test="${CSS.escape(sheet.openerTest)}"]`);
  back?.focus?.({ preventScroll: true });
}

export function closeAll() {
  for (const sheet of [...stack].reverse()) closeSheet(sheet, { silent: true });
}

document.addEventListener("keydown", (event) => {
  const sheet = topSheet();
  if (!sheet || event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopImmediatePropagation();
    closeSheet(sheet);
  } else if (event.key === "Tab") {
    const inside = [...sheet.box.querySelectorAll(FOCUSABLE)].filter((node) => node.offsetParent !== null);
    if (!inside.length) return event.preventDefault();
    const [head, tail] = [inside[0], inside[inside.length - 1]];
    const at = document.activeElement;
    const outside = !sheet.box.contains(at) || at === sheet.box;
    if (event.shiftKey ? outside || at === head : outside || at === tail) {
      event.preventDefault();
      (event.shiftKey ? tail : head).focus();
    }
  }
});
