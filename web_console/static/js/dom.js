// Building elements: text only ever as text, so a hostile name stays a name.
const SVG = "http://www.w3.org/2000/svg";

/** el("button.btn.pri", {onclick, data: {test: "pay"}, "aria-label": "..."}, child, "text") */
export function el(shape, props = {}, ...children) {
  const [tag, ...names] = shape.split(".");
  const node = document.createElement(tag || "div");
  if (names.length) node.className = names.join(" ");
  if (tag === "button") node.type = "button";
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "test") node.dataset.test = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `i ${size}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export const $ = (id) => document.getElementById(id);

export const dot = (ring) => el(ring ? "span.dot.ring" : "span.dot");

export const pill = (level, text) => el(`span.pill.${level}`, {}, dot(level !== "ok"), text);

/** Marks a button as working: locked, keeps its width, says so to a screen reader. */
export function busy(button, on) {
  button.toggleAttribute("aria-busy", on);
  if (on) button.setAttribute("aria-busy", "true");
  button.disabled = on;
}

export function say(text, urgent = false) {
  const region = $(urgent ? "say-now" : "say");
  if (region) region.textContent = text;
}
