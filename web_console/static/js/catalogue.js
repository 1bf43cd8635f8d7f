// Finding an article: tabs, tiles, search, and the picker of colour and size.
import { $, el, icon, say } from "./dom.js";
import { Problem, get, part } from "./api.js";
import { addSku, bag, onBag } from "./bag.js";
import { garment, swatchClass } from "./garments.js";
import { closeSheet, openSheet } from "./sheet.js";
import { lang, problemWord, t } from "./words.js";
import { toast } from "./toast.js";

const PAUSE_MS = 150;
const SKELETON_MS = 300;

let category = "";
let categories = [];
let proposals = null; // the module, once somebody was known
let next = "";
let asked = 0; // answers of an older question are dropped
let pause = 0;
let onTyped = () => {};

const query = () => $("search").value.trim();
const long = (text) => text.length >= 2 || (text.length === 1 && text.charCodeAt(0) > 0x2e80);

function tileFacts(tile) {
  return [tile.colours > 1 ? t("tile.colours", { n: tile.colours }) : null, tile.sizes || null].filter(Boolean).join(" · ") || tile.style;
}

/** What must be known of the stock before the facts; nothing while there is enough. */
const stockWords = (held) => (held.stock === "out" ? t("stock.out") : held.stock === "low" ? t("stock.low", { n: held.pieces }) : "");

function tileNode(tile) {
  const node = el(`button.tile${tile.stock === "out" ? ".out" : ""}`, { test: `tile-${tile.style}`, data: { style: tile.style }, onclick: () => pick(tile) },
    el("span.pic", {}, garment(tile.garment, tile.swatch)),
    el("span.tx", {}, el("span.nm.cut", {}, tile.name), el("span.sm.dim.cut", {}, tile.why || stockWords(tile) || tileFacts(tile)), el("span.b.num", {}, tile.price.text)));
  return node;
}

/** How many pieces of each style are in the bag. */
function drawCounts() {
  const counts = new Map();
  for (const line of bag.view?.lines ?? []) if (line.style && !line.returned_from) counts.set(line.style, (counts.get(line.style) ?? 0) + line.quantity);
  for (const node of $("grid").querySelectorAll(".tile")) {
    const n = counts.get(node.dataset.style);
    if (n) node.dataset.n = n;
    else delete node.dataset.n;
  }
}

function drawTabs() {
  const searching = Boolean(query());
  for (const node of $("tabs").children) {
    const on = !searching && node.dataset.key === category;
    node.setAttribute("aria-selected", String(on));
    node.tabIndex = on || (searching && node === $("tabs").firstElementChild) ? 0 : -1;
  }
  $("search-clear").hidden = !searching;
}

function message(title, text, button) {
  return el("div.empty", {}, el("b.b", {}, title), text && el("p.sm.mut", {}, text), button);
}

async function load(after = "") {
  const mine = ++asked;
  const text = query();
  const searching = long(text);
  const ask = searching ? `q=${part(text)}` : `category=${part(category)}`;
  const grid = $("grid");
  const slow = setTimeout(() => {
    if (mine === asked && !after) grid.replaceChildren(...Array.from({ length: 8 }, () => el("div.tile.ghost", { "aria-hidden": "true" })));
  }, SKELETON_MS);
  try {
    const page = await (!searching && proposals?.mine(category) ? proposals.page() : get(`/api/catalogue?${ask}&after=${part(after)}`));
    if (mine !== asked) return;
    const nodes = page.tiles.map(tileNode);
    grid.querySelector(".more")?.remove();
    if (after) grid.append(...nodes);
    else { grid.replaceChildren(...nodes); grid.scrollTop = 0; }
    next = page.next;
    if (next) grid.append(el("button.btn.more", { test: "more", onclick: () => load(next) }, t("more")));
    if (!after && !nodes.length)
      grid.replaceChildren(message(searching ? t("search.none", { text }) : page.none ?? t("tab.none"), t("search.hint"),
        searching && el("button.btn", { onclick: clearSearch }, t("search.back"))));
    if (searching) say(t("search.found", { n: nodes.length }));
    drawCounts();
  } catch (problem) {
    if (mine === asked) grid.replaceChildren(message(problem instanceof Problem ? problemWord(problem) : t("list.lost"), "",
      el("button.btn", { onclick: () => load() }, icon("refresh"), t("retry"))));
  } finally {
    clearTimeout(slow);
  }
}

export function clearSearch() {
  $("search").value = "";
  drawTabs();
  load();
}

/** Starts a search for what a scan could not find. */
export function find(text) {
  $("search").value = text;
  $("till").dataset.pane = "goods";
  $("search").focus();
  $("search").select();
  drawTabs();
  load();
}

async function pick(tile) {
  if (tile.only_sku) return addSku(tile.only_sku);
  let style;
  try {
    style = await get(`/api/styles/${part(tile.style)}`);
  } catch (problem) {
    return toast(problem instanceof Problem ? problemWord(problem) : t("list.lost"));
  }
  const colours = new Map();
  for (const variant of style.variants) colours.set(variant.colour, [...(colours.get(variant.colour) ?? []), variant]);
  const prices = new Set(style.variants.map((variant) => variant.price.text));
  let sheet = null;
  const choice = (variant) => el("button.btn.size", {
    test: `variant-${variant.sku}`, "aria-label": [variant.colour, variant.size, variant.price.text, stockWords(variant)].filter(Boolean).join(" "),
    onclick: () => { closeSheet(sheet); addSku(variant.sku); },
  }, el("span.b", {}, variant.size || t("size.one")), prices.size > 1 ? el("span.sm.mut.num", {}, variant.price.text) : null,
    stockWords(variant) ? el("span.sm.mut", {}, stockWords(variant)) : null);
  const rows = [...colours].map(([colour, variants]) => el("div.colour", {},
    el("div.row", {}, el(`span.swatch.${swatchClass(variants[0].swatch)}`, { "aria-hidden": "true" }), el("span.cut", {}, colour || t("colour.one"))),
    el("div.sizes", {}, ...variants.map(choice))));
  sheet = openSheet({
    name: "variants", kind: "picker", label: t("pick.label", { name: style.name }),
    title: el("div.grow", {}, el("h2.cut", {}, style.name), el("div.sm.mut.cut", {}, `${style.style} · ${[...prices].length > 1 ? t("from", { price: tile.price.text }) : tile.price.text}`)),
    body: el("div.body", {}, ...rows),
  });
}

export async function startCatalogue(options) {
  onTyped = options.typed;
  onBag(drawCounts);
  $("search").addEventListener("input", () => {
    clearTimeout(pause);
    drawTabs();
    if (!query() || long(query())) pause = setTimeout(() => load(), PAUSE_MS);
  });
  $("search").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && query()) { event.stopPropagation(); clearSearch(); }
    if (event.key !== "Enter" || event.isComposing || !query()) return;
    event.preventDefault();
    event.stopPropagation();
    const tiles = $("grid").querySelectorAll(".tile[data-style]");
    if (/^[\x21-\x7e]{4,}$/.test(query())) onTyped(query(), () => (tiles.length === 1 ? (tiles[0].click(), true) : false));
    else if (tiles.length === 1) tiles[0].click();
  });
  $("search-clear").addEventListener("click", () => { clearSearch(); $("search").focus(); });
  $("tabs").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tabs = [...$("tabs").children];
    const to = by && tabs[tabs.indexOf(document.activeElement) + by];
    if (to) { event.preventDefault(); to.focus(); to.click(); }
  });
}

const tab = (key, name) => el("button.tab", {
  role: "tab", data: { key }, test: `tab-${key.replace("@", "") || "best"}`,
  onclick: () => { category = key; $("search").value = ""; drawTabs(); load(); },
}, name);

/** As the bag and who buys it change. */
async function propose({ customer }) {
  if (!customer && !proposals) return;
  proposals ??= await import("./proposals.js");
  if (!proposals.follow(bag.view, tab) || !proposals.mine(category)) return;
  if (!bag.view.customer) category = "";
  drawTabs();
  if (!query()) load();
}

export async function loadCatalogue() {
  if (!categories.length) {
    try { categories = await get("/api/categories"); } catch { setTimeout(loadCatalogue, 2000); return; }
    if (!categories.some(({ key }) => key === "")) categories = [{ key: "", name: t("tab.best") }, ...categories];
    $("tabs").replaceChildren(...categories.map(({ key, name }) => tab(key, key === "" && lang === "en" ? t("tab.best") : name)));
    onBag(propose);
    propose(bag.view ?? {});
  }
  drawTabs();
  await load();
}
