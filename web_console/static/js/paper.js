// A receipt on the screen, from the same lines that went to the printer.
import { el } from "./dom.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function qr(line) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${line.modules} ${line.modules}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("paper.qr"));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", line.svg);
  svg.append(path);
  return el("div.c", {}, svg);
}

function lineNode(line) {
  const style = `${line.bold ? ".b" : ""}${line.size > 1 ? ".big" : ""}${line.center ? ".c" : ""}`;
  switch (line.op) {
    case "row": return el(`div.r${style}`, {}, el("span", {}, line.text), el("span", {}, line.right));
    case "rule": return el("hr");
    case "qr": return line.svg ? qr(line) : el("div.c", {}, line.text);
    case "barcode": return el("div.c.code", {}, line.text);
    case "feed": return el("div.feed");
    default: return el(`div.pre${style}`, {}, line.text);
  }
}

export const paper = (lines) => el("div.paper", { test: "receipt", role: "img", "aria-label": t("paper.label") }, ...lines.map(lineNode));
