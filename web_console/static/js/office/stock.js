// Stock: what is on hand, one article's movements, the documents, and the ways to a new one.
import { el, icon, pill } from "../dom.js";
import { get, newKey, part, post } from "../api.js";
import { garment } from "../garments.js";
import { card, empty, fill, go, head, address, named, pages, seg, stay, table } from "../section.js";
import { clock, date, has, number, problemWord, t } from "../words.js";
import { toast } from "../toast.js";

export const SECTION = {"icon": "box", "place": 35};

const PAUSE_MS = 150;
const LEVELS = { fine: "ok", low: "warn", out: "bad" };

const back = { href: address("stock"), words: t("office.stock") };
const when = (ms) => `${date(ms)} ${clock(ms)}`;
const signed = (n) => (n > 0 ? `+${number(n)}` : number(n));
const levelPill = (row) => (row.level ? pill(LEVELS[row.level], t(`stock.level.${row.level}`)) : el("span.sm.dim", {}, t("stock.unkept")));
const kind = (card) => t(`stock.kind.${card.kind}${card.direction ? `_${card.direction}` : ""}`);
const link = (path, words, name, primary) => el(`a.btn${primary ? ".pri" : ""}`, { href: address("stock", path), test: `go-${path.join("-")}` }, icon(name), words);

function list(rows) {
  return table([
    { title: t("stock.article"), cell: (row) => el("a.row", { href: address("stock", ["article", row.sku]) }, el("span.th.p-hide", {}, garment(row.garment, row.swatch)), named(row)) },
    { title: t("stock.on_hand"), num: true, cell: (row) => el("span.held", {}, levelPill(row), row.level ? el("b", {}, number(row.pieces)) : null) },
  ], rows, { label: t("office.stock"), test: "stock", open: (row) => go("stock", ["article", row.sku]) });
}

async function showList(page, query) {
  let text = query.get("q") ?? "";
  let level = query.get("level") ?? "";
  let pause = 0;
  const sums = el("span.sm.mut", { test: "stock-sums" });
  const found = pages({
    ask: async (after) => {
      const answer = await get(`/api/stock?q=${part(text)}&level=${part(level)}&after=${part(after)}`);
      sums.textContent = t("stock.sums", { articles: number(answer.articles), low: number(answer.low), out: number(answer.out) });
      return answer;
    },
    draw: list,
    none: () => (text || level ? empty("search", t("stock.none_found"), t("search.hint")) : empty("box", t("articles.none"), t("stock.none_hint"))),
  });
  const again = () => { stay("stock", [], { q: text, level }); return found.again(); };
  const search = el("input", { type: "search", test: "search", value: text, maxlength: "64", autocomplete: "off", spellcheck: "false", placeholder: t("search.placeholder"), "aria-label": t("search.label"), oninput: () => {
    clearTimeout(pause);
    pause = setTimeout(() => { text = search.value.trim(); again(); }, PAUSE_MS);
  } });
  page.append(
    head({ title: t("office.stock"), sub: sums, actions: [link(["new", "delivery"], t("stock.receive"), "plus", true)] }),
    el("div.tools.tight-btns", {}, link(["counts"], t("stock.count"), "search"), link(["new", "out"], t("stock.send"), "exit"), link(["new", "in"], t("stock.announce"), "download"), link(["new", "adjustment"], t("stock.adjust"), "edit"), link(["documents"], t("stock.documents"), "history")),
    el("div.tools", {}, el("label.field", {}, icon("search"), search),
      seg(t("stock.filter"), [["", t("stock.all")], ["kept", t("stock.kept")], ["low", t("stock.level.low")], ["out", t("stock.level.out")]], level, (next) => { level = next; again(); }, "level")),
    card(found.place));
  await found.again();
}

async function showArticle(page, sku) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, () => get(`/api/stock/articles/${part(sku)}`), ({ article, movements }) => [
    head({ title: article.name, sub: [article.variant, article.sku, article.gtin].filter(Boolean).join(" · "), back }),
    card(el("dl.facts", {}, el("dt", {}, t("stock.on_hand")), el("dd.num", { test: "on-hand" }, article.level ? number(article.pieces) : t("stock.unkept")), el("dt", {}, t("stock.state")), el("dd", {}, levelPill(article)), el("dt", {}, t("articles.price")), el("dd.num", {}, article.price.text))),
    card(movements.length ? table([
      { title: t("stock.when"), cell: (each) => el("span.time", {}, when(each.at_ms)) },
      { title: t("stock.what"), cell: (each) => {
        const words = [t(`stock.kind.${each.kind}`), each.number].filter(Boolean).join(" · ");
        return ["sold", "returned"].includes(each.kind) ? words : el("a", { href: address("stock", ["document", each.document_id]) }, words);
      } },
      { title: t("stock.pieces"), num: true, cell: (each) => signed(each.quantity) },
    ], movements, { label: t("stock.movements"), test: "movements" }) : empty("history", t("stock.no_movements"), t("stock.no_movements_hint"))),
  ]);
}

function documents(rows) {
  return table([
    { title: t("stock.what"), cell: (each) => el("a", { href: address("stock", [each.state === "open" ? "count" : "document", each.document_id]) }, el("span.min0", {}, el("span.cut.blk", {}, kind(each)), el("span.sm.dim.cut.blk", {}, [when(each.at_ms), each.number, each.other_store, each.note].filter(Boolean).join(" · ")))) },
    { title: t("stock.state"), cell: (each) => pill({ open: "warn", in_transit: "warn", reversed: "bad", cancelled: "bad" }[each.state] ?? "ok", each.reverses ? t("stock.is_counter") : t(`stock.doc.${each.state}`)) },
    { title: t("stock.pieces"), num: true, cell: (each) => signed(each.pieces) },
  ], rows, { label: t("stock.documents"), test: "documents" });
}

async function showDocuments(page, query) {
  let state = query.get("state") ?? "";
  const found = pages({
    ask: (before) => get(`/api/stock/documents?state=${part(state)}&before=${part(before)}`),
    draw: documents,
    none: () => empty("history", t("stock.no_documents"), t("stock.no_documents_hint")),
  });
  page.append(head({ title: t("stock.documents"), back }),
    el("div.tools", {}, seg(t("stock.filter"), [["", t("stock.all")], ["in_transit", t("stock.doc.in_transit")], ["open", t("stock.doc.open")]], state, (next) => { state = next; stay("stock", ["documents"], { state }); found.again(); }, "state")),
    card(found.place));
  await found.again();
}

/** The counts that are open, and the way to a new one. */
async function showCounts(page) {
  const begin = el("button.btn.pri", { test: "begin-count", onclick: async () => {
    begin.disabled = true;
    try {
      const { card: begun } = await post("/api/stock/counts", {}, { key });
      go("stock", ["count", begun.document_id]);
    } catch (problem) {
      toast(problemWord(problem));
      begin.disabled = false;
    }
  } }, icon("plus"), t("stock.begin_count"));
  const key = newKey();
  const found = pages({ ask: (before) => get(`/api/stock/documents?state=open&before=${part(before)}`), draw: documents, none: () => empty("search", t("stock.no_counts"), t("stock.no_counts_hint")) });
  page.append(head({ title: t("stock.count"), sub: t("stock.count_sub"), back, actions: [begin] }), card(found.place));
  await found.again();
}

async function showDocument(page, id) {
  const place = el("div.col.wide-gap");
  page.append(place);
  const ask = () => get(`/api/stock/documents/${part(id)}`);
  const draw = ({ card: held, lines, can_take_back }) => {
    if (held.state === "open") return go("stock", ["count", id]);
    const key = newKey();
    const undo = el("button.btn.bad", { test: "take-back", onclick: async () => {
      undo.disabled = true;
      try {
        const answer = await post(`/api/stock/documents/${part(id)}/take-back`, {}, { key });
        toast(t("stock.taken_back"));
        if (answer.card.document_id === id) fill(place, ask, draw);
        else go("stock", ["document", answer.card.document_id]);
      } catch (problem) {
        toast(problemWord(problem));
        undo.disabled = false;
      }
    } }, icon("undo"), t(held.state === "in_transit" ? "stock.cancel_transfer" : "stock.take_back"));
    const arrival = held.state === "in_transit" ? el("a.btn.pri", { href: address("stock", ["arrival", id]), test: "arrival" }, icon("check"), t("stock.arrived")) : null;
    const came = lines.some((line) => line.quantity > 0) || held.kind === "counted";
    const tags = came && held.state !== "in_transit" && !held.reverses ? el("a.btn", { href: address("stock", ["labels", id]), test: "labels" }, icon("printer"), t("labels.title")) : null;
    const compared = held.kind === "counted" || held.kind === "transferred";
    return [
      head({ title: kind(held), sub: [held.number, held.other_store, when(held.at_ms), held.operator].filter(Boolean).join(" · "), back: { href: address("stock", ["documents"]), words: t("stock.documents") }, actions: [can_take_back ? undo : null, tags, arrival] }),
      card(el("dl.facts", {}, el("dt", {}, t("stock.state")), el("dd", { test: "state" }, held.reverses ? t("stock.is_counter") : t(`stock.doc.${held.state}`)),
        el("dt", {}, t("stock.pieces")), el("dd.num", {}, signed(held.pieces)),
        ...(has(`stock.reason.${held.reason}`) ? [el("dt", {}, t("stock.reason")), el("dd", {}, t(`stock.reason.${held.reason}`))] : []),
        ...(held.note ? [el("dt", {}, t("stock.note")), el("dd", {}, held.note)] : []),
        ...(held.reverses ? [el("dt", {}, t("stock.counter_of")), el("dd", {}, el("a", { href: address("stock", ["document", held.reverses]) }, t("stock.original")))] : []))),
      card(table([
        { title: t("stock.article"), cell: named },
        ...(compared ? [{ title: t("stock.expected"), num: true, cell: (each) => number(each.expected) }, { title: t("stock.found"), num: true, cell: (each) => number(each.found) }] : []),
        { title: t("stock.pieces"), num: true, cell: (each) => signed(each.quantity) },
      ], lines, { label: kind(held), test: "lines" }), held.articles > lines.length ? el("div.card-end.sm.mut", {}, t("stock.more_lines", { n: number(held.articles - lines.length) })) : null),
    ];
  };
  await fill(place, ask, draw);
}

/** Labels for what a document brought in; of a count, for what it found. */
async function showDocumentLabels(page, id) {
  const [{ showLabels }, { card: held, lines }] = await Promise.all([import("../labels.js"), get(`/api/stock/documents/${part(id)}`)]);
  const came = lines.map((line) => ({ ...line, quantity: held.kind === "counted" ? line.found : line.quantity })).filter((line) => line.quantity > 0);
  return showLabels(page, { title: kind(held), sub: held.number, back: { href: address("stock", ["document", id]), words: kind(held) }, lines: came, document_id: id, more: Math.max(0, held.articles - lines.length), pieces: held.pieces });
}

export async function show(page, { path, query }) {
  const [what = "", id = ""] = path;
  if (what === "article") return showArticle(page, id);
  if (what === "documents") return showDocuments(page, query);
  if (what === "document") return showDocument(page, id);
  if (what === "labels") return showDocumentLabels(page, id);
  if (what === "counts") return showCounts(page);
  if (what === "count") return (await import("../stock_forms.js")).showCount(page, id);
  if (what === "new" || what === "arrival") return (await import("../stock_forms.js")).showForm(page, what === "new" ? id : "arrival", id);
  return showList(page, query);
}
