// Writing a stock document: articles by scan or number, pieces, what the paper says. And counting.
import { busy, el, icon } from "./dom.js";
import { Problem, get, newKey, once, part, post } from "./api.js";
import { address, card, empty, field, fill, go, head, input, named, seg, select, table } from "./section.js";
import { number, problemWord, t } from "./words.js";
import { toast } from "./toast.js";

const PIECES_MAX = 99999;
const REASONS = ["damaged", "lost", "found", "own_use", "sample", "other"];
const back = { href: address("stock"), words: t("office.stock") };
const words = (problem) => (problem instanceof Problem ? problemWord(problem) : t("office.lost"));

/** A field for a scan or a typed number; Enter gives its text to `take`, which may refuse it. */
function codeField(take) {
  const control = input({ test: "code", maxlength: "128", spellcheck: "false", enterkeyhint: "done", placeholder: t("stock.code_hint") });
  const node = field(t("stock.code"), control, t("stock.code_help"));
  control.addEventListener("input", () => node.wrong(""));
  control.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || event.isComposing || !control.value.trim()) return;
    event.preventDefault();
    const code = control.value.trim();
    control.value = "";
    try {
      await take(code);
      node.wrong("");
    } catch (problem) {
      node.wrong(`${code}: ${words(problem)}`);
    }
  });
  return node;
}

/** Lines of articles with pieces; `sign` allows fewer than none. */
function lineEditor({ sign = false, kept = [], changed }) {
  const lines = new Map(kept.map((line) => [line.sku, line]));
  const place = el("div");
  const draw = () => {
    changed([...lines.values()]);
    place.replaceChildren(lines.size ? table([
      { title: t("stock.article"), cell: named },
      { title: t("stock.pieces"), num: true, cell: (line) => el("input.inp.pieces.num", { type: "number", inputmode: "numeric", step: "1", min: sign ? -PIECES_MAX : 0, max: PIECES_MAX, value: line.quantity, "aria-label": `${t("stock.pieces")} ${line.name} ${line.variant}`, test: `pieces-${line.sku}`, onchange: (event) => {
        const n = Math.trunc(Number(event.target.value));
        if (!Number.isFinite(n) || Math.abs(n) > PIECES_MAX || (!sign && n < 0)) event.target.value = line.quantity;
        else { line.quantity = n; changed([...lines.values()]); }
      } }) },
      { title: "", cell: (line) => el("button.btn.ghost.sq", { "aria-label": t("stock.remove", { name: line.name }), onclick: () => { lines.delete(line.sku); draw(); } }, icon("trash")) },
    ], [...lines.values()], { label: t("stock.lines"), test: "lines" }) : empty("box", t("stock.no_lines"), t("stock.no_lines_hint")));
  };
  const add = async (code) => {
    const row = await get(`/api/stock/find?code=${part(code)}`);
    const line = lines.get(row.sku) ?? { sku: row.sku, name: row.name, variant: row.variant, quantity: 0 };
    line.quantity += sign ? -1 : 1;
    lines.set(row.sku, line);
    draw();
  };
  draw();
  return { place, add };
}

const FORMS = {
  delivery: { path: "deliveries", title: "stock.receive", fields: ["number", "supplier"] },
  out: { path: "transfers", title: "stock.send", fields: ["other_store", "number"], fixed: { direction: "out" } },
  in: { path: "transfers", title: "stock.announce", fields: ["other_store", "number"], fixed: { direction: "in" } },
  adjustment: { path: "adjustments", title: "stock.adjust", fields: ["reason", "note"], sign: true },
  arrival: { title: "stock.arrived", fields: [] },
};

export async function showForm(page, name, id) {
  const form = FORMS[name];
  if (!form) return go("stock");
  const place = el("div.col.wide-gap");
  page.append(place);
  if (name !== "arrival") return place.append(...drawForm(form, name, form.path, []));
  await fill(place, () => get(`/api/stock/documents/${part(id)}`), ({ lines }) =>
    drawForm(form, name, `transfers/${part(id)}/arrival`, lines.map((line) => ({ sku: line.sku, name: line.name, variant: line.variant, quantity: line.expected }))));
}

function drawForm(form, name, path, kept) {
  const controls = {};
  const fields = form.fields.map((each) => {
    controls[each] = each === "reason" ? select(REASONS.map((reason) => [reason, t(`stock.reason.${reason}`)]), REASONS[0], { test: each })
      : input({ test: each, maxlength: each === "note" ? "200" : "40" });
    return field(t(`stock.${each}`), controls[each], each === "other_store" ? t("stock.other_store_hint") : "");
  });
  let lines = [];
  const editor = lineEditor({ sign: form.sign, kept, changed: (now) => { lines = now; } });
  const save = el("button.btn.pri", { test: "save", onclick: async () => {
    const said = Object.fromEntries(Object.entries(controls).map(([key, control]) => [key, control.value.trim()]));
    const asked = lines.filter((line) => line.quantity !== 0).map((line) => ({ code: line.sku, quantity: line.quantity }));
    if (!asked.length && name !== "arrival") return toast(t("stock.no_lines"));
    if ("other_store" in said && !said.other_store) return fields[0].wrong(t("stock.other_store_hint"));
    const body = { ...form.fixed, ...said, lines: asked };
    busy(save, true);
    try {
      const answer = await once(`stock ${path} ${JSON.stringify(body)}`, (options) => post(`/api/stock/${path}`, body, options));
      toast(t("stock.saved"));
      go("stock", ["document", answer.card.document_id]);
    } catch (problem) {
      toast(words(problem));
    } finally {
      busy(save, false);
    }
  } }, icon("check"), t("stock.post"));
  return [
    head({ title: t(form.title), sub: t(`stock.${name}_sub`), back, actions: [save] }),
    card(el("div.form", {}, ...fields, codeField(editor.add))),
    card(editor.place),
  ];
}

/** An open count: blind, one scan at a time; then its differences, then posted. */
export async function showCount(page, id) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, () => get(`/api/stock/documents/${part(id)}`), (held) => {
    if (held.card.state !== "open") return go("stock", ["document", id]);
    return drawCount(place, id, held);
  });
}

function drawCount(place, id, { lines }) {
  const counted = new Map(lines.map((line) => [line.sku, line]));
  const rows = el("div");
  const enter = async (body) => {
    const line = await post(`/api/stock/counts/${part(id)}/lines`, body, { key: newKey() });
    counted.delete(line.sku);
    counted.set(line.sku, line);
    draw();
  };
  const draw = () => rows.replaceChildren(counted.size ? table([
    { title: t("stock.article"), cell: named },
    { title: t("stock.found"), num: true, cell: (line) => el("input.inp.pieces.num", { type: "number", inputmode: "numeric", min: 0, max: PIECES_MAX, step: 1, value: line.found, "aria-label": `${t("stock.found")} ${line.name} ${line.variant}`, test: `found-${line.sku}`, onchange: async (event) => {
      const n = Math.trunc(Number(event.target.value));
      try { await enter({ code: line.sku, quantity: n, instead: true }); } catch (problem) { event.target.value = line.found; toast(words(problem)); }
    } }) },
  ], [...counted.values()].reverse(), { label: t("stock.counted"), test: "counted" }) : empty("scanner", t("stock.nothing_counted"), t("stock.nothing_counted_hint")));
  const code = codeField((text) => enter({ code: text, quantity: 1 }));
  draw();
  return [
    head({ title: t("stock.count"), sub: t("stock.count_blind"), back: { href: address("stock", ["counts"]), words: t("stock.count") }, actions: [
      giveUp(id),
      el("button.btn.pri", { test: "review", onclick: () => showReview(place, id) }, t("stock.review"))] }),
    card(el("div.form", {}, code)), card(rows),
  ];
}

function giveUp(id) {
  const key = newKey();
  return el("button.btn.bad", { test: "give-up", onclick: async () => {
    try {
      await post(`/api/stock/documents/${part(id)}/take-back`, {}, { key });
      toast(t("stock.given_up"));
      go("stock", ["counts"]);
    } catch (problem) { toast(words(problem)); }
  } }, icon("trash"), t("stock.give_up"));
}

const showReview = (place, id) => fill(place, () => get(`/api/stock/counts/${part(id)}/review`), (review) => {
  let gone = false;
  const save = el("button.btn.pri", { test: "post-count", onclick: async () => {
    busy(save, true);
    try {
      await once(`count ${id} ${gone}`, (options) => post(`/api/stock/counts/${part(id)}/post`, { rest_is_gone: gone }, options));
      toast(t("stock.saved"));
      go("stock", ["document", id]);
    } catch (problem) {
      toast(words(problem));
      busy(save, false);
    }
  } }, icon("check"), t("stock.post_count"));
  const signed = (n) => (n > 0 ? `+${number(n)}` : number(n));
  return [
    head({ title: t("stock.review"), sub: t("stock.review_sub", { articles: number(review.articles), missing: number(review.missing), surplus: number(review.surplus) }), back: { href: address("stock", ["counts"]), words: t("stock.count") }, actions: [
      el("button.btn", { test: "count-on", onclick: () => fill(place, () => get(`/api/stock/documents/${part(id)}`), (held) => drawCount(place, id, held)) }, icon("back"), t("stock.count_on")), save] }),
    review.left_out_articles ? card(el("div.form", {}, el("b", {}, t("stock.left_out", { n: number(review.left_out_articles) })),
      seg(t("stock.left_out", { n: review.left_out_articles }), [["keep", t("stock.rest_keep")], ["gone", t("stock.rest_gone")]], "keep", (next) => { gone = next === "gone"; }, "rest"),
      el("span.sm.mut", {}, t("stock.rest_hint")))) : null,
    card(review.lines.length ? table([
      { title: t("stock.article"), cell: (line) => el("span.min0", {}, named(line), line.moved ? el("span.sm.warn-text.blk", {}, t("stock.moved", { n: number(Math.abs(line.moved)) })) : null) },
      { title: t("stock.expected"), num: true, cell: (line) => number(line.expected) },
      { title: t("stock.found"), num: true, cell: (line) => number(line.found) },
      { title: t("stock.difference"), num: true, cell: (line) => el(line.quantity ? "b.warn-text" : "span.dim", {}, signed(line.quantity)) },
    ], review.lines, { label: t("stock.review"), test: "differences" }) : empty("scanner", t("stock.nothing_counted"), t("stock.nothing_counted_hint"))),
  ].filter(Boolean);
});
