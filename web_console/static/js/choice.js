// A row of a menu that chooses one of a few values at once.
import { el } from "./dom.js";

export function choice(label, name, options, now, change) {
  const row = el("div.swrow", {}, el("span.grow", {}, label));
  const seg = el("div.seg", { role: "group", "aria-label": label });
  for (const [value, words] of options)
    seg.append(el("button", { "aria-pressed": String(value === now), test: `${name}-${value || "system"}`, onclick: (event) => {
      for (const each of seg.children) each.setAttribute("aria-pressed", String(each === event.currentTarget));
      change(value);
    } }, words));
  row.append(seg);
  return row;
}
