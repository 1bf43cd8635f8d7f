// One toast at a time, six seconds, one action at most.
import { $, el, icon, say } from "./dom.js";

const SHOWN_MS = 6000;
let timer = 0;

export function toast(text, { action, label, test = "undo" } = {}) {
  hideToast();
  const button = action && el("button.btn", { test, onclick: () => { hideToast(); action(); } }, icon("undo"), label);
  const node = el("div.toast", { test: "toast" }, el("span.cut", {}, text), button);
  if (!button) node.classList.add("plain");
  $("toasts").replaceChildren(node);
  say(text);
  timer = setTimeout(hideToast, SHOWN_MS);
}

export function hideToast() {
  clearTimeout(timer);
  $("toasts").replaceChildren();
}
