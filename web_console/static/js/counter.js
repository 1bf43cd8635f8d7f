// The counter of software twins: scan, watch the paper and the drawer, switch faults on.
import { $, busy, dot, el, icon } from "./dom.js";
import { Problem, get, part, post } from "./api.js";
import { toast } from "./toast.js";
import { deviceWord, first, has, lang, problemWord, setLanguage, t, tillName } from "./words.js";

const POLL_MS = 500;
const PAPERS_MAX = 5; // the newest ones are drawn
const SVG = "http://www.w3.org/2000/svg";
const parts = new Map(); // twin name -> its drawn parts
let names = "";

async function tell(path, body, button) {
  if (button) busy(button, true);
  try { await post(path, body); } catch (problem) { toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost")); }
  if (button) busy(button, false);
  poll();
}

const scan = (twin, code) => tell("/api/counter/scan", { twin, code });

/** Bars that look like the code; the scanner twin gets the text itself. */
function bars(code) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 96 28");
  svg.setAttribute("class", "bars p-hide");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  const widths = [1, 2.2, 1.6];
  let mixed = 7;
  const bar = (i) => {
    mixed = (mixed * 31 + code.charCodeAt(i % code.length) + i) % 9973;
    return `M${i * 3} 0h${widths[mixed % 3]}v28h-${widths[mixed % 3]}z`;
  };
  path.setAttribute("d", Array.from({ length: 32 }, (_, i) => bar(i)).join(""));
  svg.append(path);
  return svg;
}

const title = (name, words, twin, several) => el("div.row.card-head", {}, icon(name), el("h2", {}, words, several ? el("span.sm.mut", {}, ` ${twin.name}`) : null), el("span.end"));

function faults(twin, whose) {
  const keys = Object.keys(twin.faults);
  if (!keys.length) return null;
  return el("section.card", {}, el("div.row.card-head", {}, icon("alert"), el("h2.cut", {}, t(`counter.faults.${twin.kind}`), whose ? el("span.sm.mut", {}, ` · ${whose}`) : null)),
    el("div.list", {}, ...keys.map((fault) => {
      const label = first([`fault.${twin.kind}.${fault}`, `fault.${fault}`]);
      const words = label.startsWith("fault.") ? fault : label;
      const hint = has(`fault.${twin.kind}.${fault}.hint`) ? t(`fault.${twin.kind}.${fault}.hint`) : "";
      return el("div.swrow", {}, el("div.grow", {}, el("div", {}, words), hint ? el("div.sm.mut", {}, hint) : null),
        el("button.sw", { role: "switch", "aria-checked": "false", "aria-label": words, data: { fault }, test: `fault-${twin.name}-${fault}`,
          onclick: (event) => {
            const on = event.currentTarget.getAttribute("aria-checked") !== "true";
            event.currentTarget.setAttribute("aria-checked", String(on));
            tell("/api/counter/faults", { twin: twin.name, fault, on });
          } }));
    })));
}

/** One card for all scanners: the articles are the same, only who scans them is chosen. */
function scanner(twins, articles, tillOf) {
  let chosen = twins[0];
  const seg = twins.length > 1 ? el("div.seg", { role: "group", "aria-label": t("counter.which") }, ...twins.map((twin) => el("button", {
    "aria-pressed": String(twin === chosen), test: `twin-choose-${twin.name}`,
    onclick: (event) => {
      chosen = twin;
      card.dataset.twin = twin.name;
      for (const each of seg.children) each.setAttribute("aria-pressed", String(each === event.currentTarget));
      poll();
    },
  }, tillOf(twin.name)))) : null;

  const input = el("input.inp.grow.num", { test: "twin-scan-input", "aria-label": t("counter.code"), placeholder: t("counter.code"), autocomplete: "off", maxlength: "5000" });
  const send = () => { if (input.value.trim()) scan(chosen.name, input.value.trim()); };
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") { send(); input.select(); } });
  const card = el("section.card", { data: { twin: chosen.name } }, title("scanner", t("kind.scanner")),
    seg && el("div.pad.nopad-y.seg-row", {}, seg),
    el("div.list.articles", {}, ...articles.map((article) => el("button.article", { test: `article-${article.code}`, onclick: () => scan(chosen.name, article.code) },
      el("span.grow", {}, el("span.cut.blk", {}, article.name), el("span.sm.dim.num", {}, article.code)), bars(article.code)))),
    el("div.row.card-foot", {}, input, el("button.btn.ink", { test: "twin-scan", onclick: send }, t("counter.scan"))));
  return card;
}

function printer(twin, several) {
  return el("section.card.clip", {}, title("printer", t("kind.printer"), twin, several),
    el("div.bench", {}, el("div.papers", { test: "paper", role: "group", "aria-label": t("counter.papers"), tabindex: "0" }),
      el("div.machine", {}, el("span", {}, "80 mm"), el("span.row.tightgap.online"))),
    el("div.row.card-foot", {}, el("span.sm.mut.grow"), el("button.btn", { test: "tear", onclick: (event) => tell("/api/counter/tear", { twin: twin.name }, event.currentTarget) }, t("counter.tear"))));
}

function drawerPicture() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 300 132");
  svg.setAttribute("class", "box-pic");
  svg.setAttribute("aria-hidden", "true");
  const shape = (name, d) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  };
  shape("ink", "M38 8h224a8 8 0 0 1 8 8v36a8 8 0 0 1-8 8H38a8 8 0 0 1-8-8V16a8 8 0 0 1 8-8z");
  shape("tray", "M46 60h208l20 54H26z");
  shape("edge", "M94 60 84 114M142 60l-4 54M190 60l6 54M232 60l18 54");
  shape("ink front", "M23 110h254a5 5 0 0 1 5 5v8a5 5 0 0 1-5 5H23a5 5 0 0 1-5-5v-8a5 5 0 0 1 5-5z");
  shape("ink shut", "M23 60h254a5 5 0 0 1 5 5v8a5 5 0 0 1-5 5H23a5 5 0 0 1-5-5v-8a5 5 0 0 1 5-5z");
  shape("lock", "M144 34a6 6 0 1 0 12 0 6 6 0 1 0-12 0z");
  return svg;
}

function drawer(twin, several) {
  return el("section.card", {}, title("drawer", t("kind.drawer"), twin, several), el("div.pad.nopad-y", {}, drawerPicture()),
    el("div.row.card-foot", {}, el("span.sm.mut.grow"), el("button.btn", { test: "drawer-push", onclick: (event) => tell("/api/counter/drawer", { twin: twin.name }, event.currentTarget) }, t("counter.push"))));
}

function build(view) {
  const columns = { scanner: $("col-scanner"), printer: $("col-printer"), drawer: $("col-rest"), uplink: $("col-rest") };
  for (const column of Object.values(columns)) column.replaceChildren();
  parts.clear();
  const order = { scanner: 0, drawer: 1, printer: 2, uplink: 3 };
  const scanners = view.twins.filter((twin) => twin.kind === "scanner");
  const tillOf = (name) => {
    const device = view.health.devices.find((each) => each.name === name);
    return device?.till && known ? tillName(device.till) : name;
  };
  const known = scanners.every((twin) => view.health.devices.some((each) => each.name === twin.name && each.till));
  const scannerCard = scanners.length ? scanner(scanners, view.articles, tillOf) : null;
  if (scannerCard) columns.scanner.append(scannerCard);
  for (const twin of [...view.twins].sort((a, b) => order[a.kind] - order[b.kind])) {
    const several = view.twins.filter((each) => each.kind === twin.kind).length > 1;
    const node = twin.kind === "scanner" ? scannerCard : { printer: () => printer(twin, several), drawer: () => drawer(twin, several) }[twin.kind]?.() ?? null;
    // A drawer that hangs on a printer shares its fault: one switch is enough.
    const shared = twin.kind === "drawer" && view.twins.some((each) => each.kind === "printer" && Object.keys(twin.faults).every((fault) => fault in each.faults));
    const switches = shared ? null : faults(twin, several ? tillOf(twin.name) : "");
    if (node && node !== scannerCard) columns[twin.kind].append(node);
    if (switches) (twin.kind === "printer" ? $("col-rest") : columns[twin.kind]).append(switches);
    parts.set(twin.name, { node, switches, revision: -1, papers: -1 });
  }
}

function setPill(node, level, words, test) {
  const now = el(`span.pill.${level}`, { test }, dot(level !== "ok"), words);
  const end = node.querySelector(".card-head .end");
  if (end.textContent !== words || end.firstChild?.className !== now.className) end.replaceChildren(now);
}

function drawPapers(twin, own) {
  if (own.revision === twin.revision && own.papers === twin.papers) return;
  own.revision = twin.revision;
  own.papers = twin.papers;
  const start = Math.max(0, twin.papers - PAPERS_MAX);
  const list = own.node.querySelector(".papers");
  list.replaceChildren(...Array.from({ length: twin.papers - start }, (_, i) => start + i).map((k) => el("img.slip", {
    src: `/api/counter/paper/${part(twin.name)}.svg?n=${k}&r=${twin.revision}`, alt: k === twin.papers - 1 ? twin.lines.join("\n") : t("counter.paper_n", { n: k + 1 }), test: `paper-${k}`,
    onload: () => { list.scrollTop = list.scrollHeight; },
  })));
  if (!twin.papers) list.append(el("div.sm.dim.hang", {}, t("counter.no_paper")));
  list.scrollTop = list.scrollHeight;
}

function drawTwin(twin, health) {
  const own = parts.get(twin.name);
  for (const node of own.switches?.querySelectorAll("[data-fault]") ?? []) node.setAttribute("aria-checked", String(Boolean(twin.faults[node.dataset.fault])));
  const device = health.devices.find((each) => each.name === twin.name && each.kind === twin.kind);
  if (twin.kind === "drawer") {
    const open = twin.drawer_open;
    setPill(own.node, open ? "warn" : "ok", open ? t("drawer.open") : t("drawer.shut"), "drawer-state");
    own.node.querySelector(".box-pic").classList.toggle("open", Boolean(open));
    own.node.querySelector(".card-foot .grow").textContent = twin.drawer_opened_count ? t("counter.pulse", { ms: twin.drawer_pulse_ms, n: twin.drawer_opened_count }) : t("counter.never_opened");
    own.node.querySelector("button").disabled = !open;
  } else if (own.node && (twin.kind !== "scanner" || own.node.dataset.twin === twin.name)) {
    const fault = Object.keys(twin.faults).find((name) => twin.faults[name]);
    const words = device ? deviceWord(twin.kind, device.code) : fault ? t(`fault.${twin.kind}.${fault}`) : t("health.ready");
    setPill(own.node, device ? (device.level === "off" ? "ok" : device.level) : fault ? "warn" : "ok", words, `twin-${twin.kind}-state`);
  }
  if (twin.kind === "printer") {
    drawPapers(twin, own);
    const bad = device && device.level !== "ok";
    own.node.querySelector(".online").replaceChildren(dot(bad), device ? deviceWord("printer", device.code) : "");
    own.node.querySelector(".card-foot .grow").textContent = t("counter.hanging", { n: twin.papers });
    own.node.querySelector(".card-foot button").disabled = !twin.papers;
  }
}

let timer = 0;

async function poll() {
  clearTimeout(timer);
  try {
    const view = await get("/api/counter");
    const now = JSON.stringify([view.twins.map((twin) => [twin.name, Object.keys(twin.faults)]), view.articles]);
    if (now !== names) build(view);
    names = now;
    for (const twin of view.twins) drawTwin(twin, view.health);
    $("lost").hidden = true;
  } catch {
    $("lost").hidden = false;
  }
  timer = setTimeout(poll, document.hidden ? POLL_MS * 4 : POLL_MS);
}

$("reset").addEventListener("click", (event) => tell("/api/counter/reset", {}, event.currentTarget));
$("language").addEventListener("click", () => setLanguage(lang === "zh" ? "en" : "zh"));
poll();
