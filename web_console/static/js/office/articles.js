// Articles: what the shop sells, by style; a style's names and prices, now and from a day on; new styles.
import { busy, el, icon } from "../dom.js";
import { Problem, get, once, part, post } from "../api.js";
import { parsed, written } from "../decimals.js";
import { address, card, empty, field, fill, go, head, input, pages, select, stay, table } from "../section.js";
import { toast } from "../toast.js";
import { first, lang, number, problemWord, t } from "../words.js";

export const SECTION = {"icon": "bag", "place": 30};

let garment = null; // the drawings are a script of their own
let swatchClass = null;
const PAUSE_MS = 150;
const GARMENTS = ["tee", "shirt", "sweater", "cardigan", "hoodie", "vest", "jacket", "coat", "dress", "skirt", "jeans", "trousers", "shorts", "sock", "scarf", "hat", "belt", "bag", "shoe"];
const SWATCHES = ["mist", "denim", "white", "sand", "black", "rose", "olive", "brick"];

const said = (problem) => (problem instanceof Problem ? (problem.code === "article_refused" ? first([`article.${problem.details.reason}`, "error.article_refused"], problem.details) : problemWord(problem)) : t("office.lost"));

function list(styles) {
  return table([
    { title: t("articles.style"), cell: (style) => el("a", { href: address("articles", [style.style]), test: `style-${style.style}` }, el("span.row.min0", {}, el("span.th.p-hide", {}, garment(style.garment, style.swatch)), el("span.min0", {}, el("span.cut.blk", {}, style.name), el("span.sm.dim.num.blk", {}, style.style)))) },
    { title: t("articles.variants"), cell: (style) => el("span.sm.mut", {}, [style.colours > 1 ? t("tile.colours", { n: number(style.colours) }) : null, style.sizes].filter(Boolean).join(" · ")) },
    { title: t("articles.price"), num: true, cell: (style) => style.price.text },
  ], styles, { label: t("office.articles"), test: "articles", open: (style) => go("articles", [style.style]) });
}

async function all(page, query) {
  let text = query.get("q") ?? "";
  let pause = 0;
  const found = pages({
    ask: async (after) => { const answer = await get(`/api/catalogue?q=${part(text)}&after=${part(after)}`); return { rows: answer.tiles, next: answer.next }; },
    draw: list,
    none: () => (text ? empty("search", t("search.none", { text }), t("search.hint")) : empty("bag", t("articles.none"), t("articles.none_hint"))),
  });
  const search = el("input", { type: "search", test: "search", value: text, maxlength: "64", autocomplete: "off", spellcheck: "false", placeholder: t("search.placeholder"), "aria-label": t("search.label"), oninput: () => {
    clearTimeout(pause);
    pause = setTimeout(() => { text = search.value.trim(); stay("articles", [], { q: text }); found.again(); }, PAUSE_MS);
  } });
  page.append(head({ title: t("office.articles"), sub: t("articles.sub"), actions: [el("a.btn.pri", { href: address("articles", ["new"]), test: "new-style" }, icon("plus"), t("articles.new"))] }),
    el("div.tools", {}, el("label.field", {}, icon("search"), search)), card(found.place));
  await found.again();
}

const chooseCategory = (choices, now) => select(choices.categories.map((each) => [each.key, each.name]), now, { test: "category" });
const chooseGarment = (now) => select([["", t("articles.no_garment")], ...GARMENTS.map((each) => [each, t(`garment.${each}`)])], now, { test: "garment" });

function priceField(value, decimals, test) {
  const control = input({ inputmode: "decimal", value: value === null ? "" : written(value, decimals), test, "aria-label": t("articles.price") });
  control.read = () => parsed(control.value, decimals);
  return control;
}

/** The rate of the tax in a style's prices; left empty it is the shop's. */
function taxField(held, choices) {
  const percent = (bp) => written(bp, 2).replace(/\.?0+$/, "");
  const control = input({ inputmode: "decimal", maxlength: "6", value: held === null ? "" : percent(held), test: "tax" });
  const node = field(t("articles.tax"), control, t("articles.tax_hint", { rate: percent(choices.tax_bp) }));
  node.read = () => {
    const text = control.value.trim().replace(/[%％]$/, "");
    const found = text ? parsed(text, 2) : null;
    node.wrong(text && (found === null || found > 10000) ? t("articles.tax_wrong") : "");
    return found;
  };
  return node;
}

async function send(button, what, work, done) {
  busy(button, true);
  try { done(await once(what, work)); } catch (problem) { toast(said(problem)); }
  busy(button, false);
}

function style(held) {
  const { choices } = held;
  const name = input({ value: held.name, maxlength: "80", test: "name" });
  const category = chooseCategory(choices, held.category);
  const shape = chooseGarment(held.garment);
  const tax = taxField(held.tax_bp, choices);
  const from = input({ type: "date", min: choices.tomorrow, test: "from-day" });
  const prices = new Map(held.variants.map((variant) => [variant.sku, priceField(variant.price.minor, choices.decimals, `price-${variant.sku}`)]));
  const everyone = priceField(null, choices.decimals, "price-all");
  everyone.addEventListener("input", () => { if (everyone.read() !== null) for (const control of prices.values()) control.value = everyone.value; });
  const save = el("button.btn.pri", { test: "save", onclick: () => {
    const read = held.variants.map((variant) => ({ sku: variant.sku, price_minor: prices.get(variant.sku).read(), was: variant.price.minor }));
    for (const each of read) prices.get(each.sku).setAttribute("aria-invalid", String(each.price_minor === null));
    const rate = tax.read();
    if (!name.value.trim() || save.closest(".page").querySelector("[aria-invalid=true]")) return toast(t("promo.fill_in"));
    const body = { name: name.value.trim(), category: category.value, garment: shape.value, tax_bp: rate, from_day: from.value, prices: read.filter((each) => each.price_minor !== each.was).map(({ sku, price_minor }) => ({ sku, price_minor })) };
    send(save, `style ${held.style} ${JSON.stringify(body)}`, (key) => post(`/api/office/articles/${part(held.style)}`, body, key), (answer) => {
      toast(answer.changes ? t("articles.saved", { n: answer.changes }) : t("articles.unchanged"));
      dispatchEvent(new HashChangeEvent("hashchange"));
    });
  } }, t("articles.save"));
  const planned = held.variants.flatMap((variant) => variant.planned.map((each) => ({ variant, ...each })));
  return [
    head({ title: held.name, sub: held.style, back: { href: address("articles"), words: t("office.articles") }, actions: [el("a.btn", { href: address("articles", [held.style, "labels"]), test: "labels" }, icon("printer"), t("labels.title")), save] }),
    el("section.card.pad.col", {}, el("h2", {}, t("articles.facts")), el("div.two", {}, field(t("articles.name"), name), field(t("articles.category"), category), field(t("articles.garment"), shape), tax)),
    el("section.card", {}, el("div.pad.col", {}, el("h2", {}, t("articles.prices")), el("div.two", {}, field(t("articles.price_all"), everyone), field(t("articles.from_day"), from, t("articles.from_day_hint")))),
      table([
        { title: t("articles.variant"), cell: (variant) => el("span.row", {}, el(`span.swatch.${swatchClass(variant.swatch)}`, { "aria-hidden": "true" }), el("span", {}, [variant.colour, variant.size].filter(Boolean).join(" / "))) },
        { title: t("articles.sku"), wide: true, cell: (variant) => el("span.sm.mut.num", {}, variant.sku) },
        { title: t("articles.gtin"), wide: true, cell: (variant) => el("span.sm.mut.num", {}, variant.gtin.replace(/^0/, "") || t("articles.no_gtin")) },
        { title: t("articles.price"), num: true, cell: (variant) => el("span.price-in", {}, prices.get(variant.sku)) },
      ], held.variants, { label: t("articles.prices"), test: "variants" })),
    planned.length ? el("section.card", {}, el("div.card-head.row", {}, el("h2", {}, t("articles.planned"))), table([
      { title: t("articles.from_day"), cell: (each) => each.since },
      { title: t("articles.variant"), cell: (each) => [each.variant.colour, each.variant.size].filter(Boolean).join(" / ") },
      { title: t("articles.price"), num: true, cell: (each) => each.price.text },
    ], planned, { label: t("articles.planned"), test: "planned" })) : null,
  ];
}

/** The last digit of a barcode number, as the standard works it out. */
function checkDigit(digits) {
  const sum = [...digits].reverse().reduce((total, digit, i) => total + Number(digit) * (i % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}

const goodGtin = (text) => text === "" || (/^(\d{8}|\d{12,14})$/.test(text) && text.slice(-1) === checkDigit(text.slice(0, -1)));
const words = (text) => [...new Set(text.split(/[,，、;；\s]+/).filter(Boolean))];

function fresh(choices) {
  const number_ = input({ maxlength: "32", test: "style-no", autocapitalize: "characters" });
  const name = input({ maxlength: "80", test: "name" });
  const category = chooseCategory(choices, choices.categories[0]?.key);
  const shape = chooseGarment("");
  const price = priceField(null, choices.decimals, "price");
  const tax = taxField(null, choices);
  const colours = input({ test: "colours", placeholder: t("articles.colours_hint") });
  const sizes = input({ test: "sizes", placeholder: "S, M, L, XL" });
  const numberField = field(t("articles.style_no"), number_);
  const nameField = field(t("articles.name"), name);
  const priceOf = field(t("articles.price"), price);
  const colourField = field(t("articles.colours"), colours, t("form.list"));
  const gtins = new Map(); // colour / size -> its field
  const swatches = new Map(); // colour -> its choice
  const grid = el("div", { test: "grid" });

  const place = (colour, size) => `${colour}\n${size}`;
  const gtinField = (colour, size) => {
    const key = place(colour, size);
    if (!gtins.has(key)) gtins.set(key, input({ inputmode: "numeric", maxlength: "14", test: `gtin-${colour}-${size}`, placeholder: t("articles.gtin"), "aria-label": `${colour} ${size} ${t("articles.gtin")}`,
      oninput: (event) => event.target.setAttribute("aria-invalid", String(!goodGtin(event.target.value.trim()))) }));
    return gtins.get(key);
  };
  const swatchOf = (colour) => {
    if (!swatches.has(colour)) swatches.set(colour, select([["", t("articles.swatch_auto")], ...SWATCHES.map((each) => [each, t(`swatch.${each}`)])], "", { "aria-label": `${colour} ${t("articles.swatch")}` }));
    return swatches.get(colour);
  };
  const axes = () => [words(colours.value).length ? words(colours.value) : [""], words(sizes.value).length ? words(sizes.value) : [""]];
  const draw = () => {
    const [rows, columns] = axes();
    grid.replaceChildren(rows.length * columns.length > 300 ? el("div.pad.bad-text", {}, t("article.variants_missing")) : table([
      { title: t("articles.colour"), cell: (colour) => el("span.b", {}, colour || t("colour.one")) },
      { title: t("articles.swatch"), cell: swatchOf },
      ...columns.map((size) => ({ title: size || t("size.one"), cell: (colour) => gtinField(colour, size) })),
    ], rows, { label: t("articles.grid"), test: "variant-grid" }));
  };
  for (const control of [colours, sizes]) control.addEventListener("input", draw);
  draw();
  const save = el("button.btn.pri", { test: "save", onclick: () => {
    const [rows, columns] = axes();
    numberField.wrong(/^[A-Za-z0-9_.:-]{1,32}$/.test(number_.value.trim()) ? "" : t("articles.style_no_wrong"));
    nameField.wrong(name.value.trim() ? "" : t("form.wrong"));
    priceOf.wrong(price.read() === null ? t("form.wrong") : "");
    const rate = tax.read();
    const variants = rows.flatMap((colour) => columns.map((size) => ({ colour, size, gtin: gtinField(colour, size).value.trim(), swatch: swatchOf(colour).value })));
    if (save.closest(".page").querySelector("[aria-invalid=true]") || variants.some((each) => !goodGtin(each.gtin))) return toast(t("promo.fill_in"));
    const body = { style: number_.value.trim(), name: name.value.trim(), category: category.value, garment: shape.value, tax_bp: rate, price_minor: price.read(), variants };
    send(save, `add ${JSON.stringify(body)}`, (key) => post("/api/office/articles", body, key), (answer) => { toast(t("articles.added", { n: answer.changes })); go("articles", [answer.style]); });
  } }, t("articles.add"));
  return [
    head({ title: t("articles.new"), back: { href: address("articles"), words: t("office.articles") }, actions: [save] }),
    el("section.card.pad.col", {}, el("h2", {}, t("articles.facts")), el("div.two", {}, numberField, nameField, field(t("articles.category"), category), field(t("articles.garment"), shape), priceOf, tax)),
    el("section.card", {}, el("div.pad.col", {}, el("h2", {}, t("articles.grid")), el("div.two", {}, colourField, field(t("articles.sizes"), sizes, t("form.list")))), grid),
  ];
}

async function one(page, id) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, () => get(id === "new" ? `/api/office/article-form?lang=${lang}` : `/api/office/articles/${part(id)}?lang=${lang}`), id === "new" ? fresh : style);
}

async function labels(page, id) {
  const [{ showLabels }, held] = await Promise.all([import("../labels.js"), get(`/api/office/articles/${part(id)}?lang=${lang}`)]);
  const lines = held.variants.map((each) => ({ sku: each.sku, name: held.name, variant: [each.colour, each.size].filter(Boolean).join(" / "), quantity: 1 }));
  return showLabels(page, { title: held.name, sub: held.style, back: { href: address("articles", [id]), words: held.name }, lines });
}

export async function show(page, { path, query }) {
  if (path[1] === "labels") return labels(page, path[0]);
  ({ garment, swatchClass } = await import("../garments.js"));
  return path[0] ? one(page, path[0]) : all(page, query);
}
