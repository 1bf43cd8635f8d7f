// The scan strip: ready, the last article, an unknown code, a scanner that is away.
import { $, el, icon } from "./dom.js";
import { Problem } from "./api.js";
import { addCode, bag, setCustomer } from "./bag.js";
import { flash } from "./basket.js";
import { resumeParked } from "./waiting.js";
import { find } from "./catalogue.js";
import { accepted, refused } from "./sound.js";
import { clock, first, problemWord, t } from "./words.js";

let last = { seq: 0, at_ms: 0 };
let scanner = null;
let shown = null;

function draw() {
  const strip = $("scan");
  const bad = scanner && scanner.level !== "ok" && scanner.level !== "off";
  strip.className = `scan${shown?.warn || bad ? " warn" : ""}`;
  const words = shown?.warn
    ? [el("span.cut", {}, shown.title, " ", el("b.b", {}, shown.data)), el("button.btn.end", { test: "find-by-hand", onclick: () => find(shown.data) }, t("scan.find"))]
    : [el("span.cut", {}, bad ? t("scan.away") : t("scan.ready"), ...(shown ? [" · ", t("scan.last"), " ", el("b.b", {}, shown.title)] : [])), shown && el("span.dim.end.num", {}, clock(shown.at_ms))];
  strip.replaceChildren(el("span.beam", {}, icon("scanner", "s")), ...words.filter(Boolean));
}

export function showScanner(device) {
  scanner = device;
  draw();
}

export function forgetScan() {
  shown = null;
  draw();
}

const coupon = async (code) => (await import("./coupon.js")).showCoupon(code);

const refusal = (code) => first([`scan.${code}`, `error.${code}`, "scan.code_unknown"]);

function tell(at_ms, data, code, title, line_id) {
  const added = code === "added";
  shown = { warn: !added, data, at_ms, title: added ? title : refusal(code) };
  draw();
  $("say").textContent = added ? t("scan.said", { name: title }) : `${shown.title} ${data}`;
  if (added) { accepted(); flash(line_id); } else refused();
}

/** A scan the gateway took in. Each is shown once, whatever the stream repeats; whether it was new. */
export function heardScan(scan, inSheet) {
  if (scan.seq <= last.seq && scan.at_ms <= last.at_ms) return false;
  last = scan;
  if (scan.code === "coupon_scanned") { coupon(scan.data); return true; }
  const done = ["resumed", "member"].includes(scan.code);
  const title = scan.code === "resumed" ? t("scan.resumed", { ticket: scan.name })
    : scan.code === "member" ? t("scan.member", { name: scan.name })
      : [scan.name, scan.variant].filter(Boolean).join(" ");
  if (inSheet) {
    refused();
    inSheet(scan.code === "added" ? t("pay.scanned", { name: title }) : t("pay.scan_refused"), scan.code === "added");
    shown = { warn: scan.code !== "added", data: scan.data, at_ms: scan.at_ms, title: scan.code === "added" ? title : refusal(scan.code) };
    draw();
    return true;
  }
  if (done || !scan.parked_id) tell(scan.at_ms, scan.data, done ? "added" : scan.code, title, scan.line_id);
  return true;
}

/** A code from the keyboard: typed into the search field, or from a scanner that types. */
export async function typedCode(code, otherwise) {
  try {
    const line = await addCode(code);
    tell(Date.now(), code, "added", line ? [line.name, line.variant].filter(Boolean).join(" ") : code, bag.view.last_line_id);
    return true;
  } catch (problem) {
    if (problem.code === "ticket_scanned") { resumeParked(problem.details.parked_id); return true; }
    if (problem.code === "member_scanned") { setCustomer(problem.details.member_id); return true; }
    if (problem.code === "coupon_scanned") { coupon(code); return true; }
    if (otherwise?.()) return false;
    if (problem instanceof Problem) tell(Date.now(), code, problem.code, problemWord(problem), 0);
    else tell(Date.now(), code, "lost", "", 0);
    return false;
  }
}

export { draw as drawScan };
