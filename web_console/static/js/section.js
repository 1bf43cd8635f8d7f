// What every section of the back office is built from: its head, lists, tables, fields; waiting and failing.
import { el, icon } from "./dom.js";
import { Lost, Problem } from "./api.js";
import { problemWord, t } from "./words.js";

const SKELETON_MS = 300;
const GHOSTS = 6;

/** Where the address points: "#/stock/T1?q=x" is {key: "stock", path: ["T1"], query}. */
export function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [key = "", ...rest] = path.split("/").map((each) => { try { return decodeURIComponent(each); } catch { return ""; } });
  return { key, path: rest.filter(Boolean), query: new URLSearchParams(query ?? "") };
}

export function address(key, path = [], query = {}) {
  const values = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  return `#/${[key, ...path].map(encodeURIComponent).join("/")}${values.size ? `?${values}` : ""}`;
}

/** Opens a place of the back office, as a link would. */
export const go = (...place) => { location.hash = address(...place); };

/** Keeps the address true without opening anything: filters, the chosen tab. */
export const stay = (...place) => history.replaceState(null, "", address(...place));

/** The head of a page: where one is, what it is called, what can be done. `back` is {href, words}. */
export function head({ title, sub, back, actions = [] }) {
  const heading = el("h1", { test: "title" }, title);
  return el("div.head", {}, el("div.min0", {}, back ? el("a.crumb.sm", { href: back.href, test: "back" }, `‹ ${back.words}`) : null, heading, sub ? el("div.sm.mut", {}, sub) : null),
    el("span.grow"), ...actions);
}

export const skeleton = () => el("div.ghosts", { "aria-hidden": "true", test: "skeleton" }, ...Array.from({ length: GHOSTS }, () => el("i")));

/** An empty list says the next step. */
export const empty = (name, title, hint, action) => el("div.empty", { test: "empty" }, el("span.halo", {}, icon(name, "l")), el("b.b", {}, title), hint ? el("p.sm.mut", {}, hint) : null, action);

/** What went wrong, in words, and the way on: asked again, nobody would be found either. */
export const failed = (problem, again) => el("div.empty", { role: "alert", test: "failed" }, el("span.halo", {}, icon("alert", "l")),
  el("b.b", {}, problem instanceof Problem ? problemWord(problem) : t("office.lost")), el("p.sm.mut", {}, problem instanceof Problem ? "" : t("office.lost_do")),
  problem.status === 404 ? el("a.btn", { href: address(route().key), test: "back" }, t(`office.${route().key}`)) : el("button.btn", { test: "retry", onclick: again }, icon("refresh"), t("retry")));

/** Whether it is the gateway's word or its silence; anything else is a bug and goes to the console too. */
export const expected = (problem) => problem instanceof Problem || problem instanceof Lost;

const turns = new WeakMap(); // place -> how often it was filled: late answers are dropped

/**
 * Draws what `ask()` answers into `into`. Nothing under 300 ms, then a skeleton; a failure with its retry.
 * What was in focus there is in focus again, when it is still there and nothing else is.
 */
export async function fill(into, ask, draw) {
  const turn = (turns.get(into) ?? 0) + 1;
  turns.set(into, turn);
  const focus = into.contains(document.activeElement) && document.activeElement.dataset.test;
  const slow = setTimeout(() => { if (turns.get(into) === turn) into.replaceChildren(skeleton()); }, SKELETON_MS);
  into.setAttribute("aria-busy", "true");
  let nodes;
  try {
    const answer = await ask();
    if (turns.get(into) !== turn) return;
    nodes = [draw(answer)].flat();
  } catch (problem) {
    if (turns.get(into) !== turn) return;
    nodes = [failed(problem, () => fill(into, ask, draw))];
    if (!expected(problem)) setTimeout(() => { throw problem; });
  } finally {
    clearTimeout(slow);
  }
  into.removeAttribute("aria-busy");
  into.replaceChildren(...nodes.filter(Boolean));
  if (focus && document.activeElement === document.body) into.querySelector(`[data-test="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

/** columns: {title, cell: (row) -> node or text, num: right aligned, wide: not on a phone}. `open(row)`: rows lead there. */
export function table(columns, rows, { open, label, test } = {}) {
  const classes = (column) => `${column.num ? ".ra" : ""}${column.wide ? ".p-hide" : ""}`;
  const cell = (column, row) => {
    const inner = column.cell(row);
    return el(`td${classes(column)}${column.num ? ".num" : ""}`, {}, ...[inner].flat());
  };
  return el("div.scroll-x", { tabindex: rows.length ? null : undefined }, el("table", { "aria-label": label, test },
    el("thead", {}, el("tr", {}, ...columns.map((column) => el(`th${classes(column)}`, { scope: "col" }, column.title)))),
    el("tbody", {}, ...rows.map((row) => el(open ? "tr.go" : "tr", open ? { onclick: (event) => { if (!event.target.closest("a,button,input")) open(row); } } : {}, ...columns.map((column) => cell(column, row)))))));
}

/**
 * A list of pages of 50: `ask(after)` answers {rows, next}, `draw(rows)` gives a node; "more" goes on.
 * Gives the place to put on the page, and `again()` which begins anew.
 */
export function pages({ ask, draw, none }) {
  const place = el("div");
  const more = (next) => {
    const button = el("button.btn.block", { test: "more", onclick: async () => {
      button.disabled = true;
      try {
        const page = await ask(next);
        foot.remove();
        place.append(draw(page.rows), ...(page.next ? [more(page.next)] : []));
      } catch (problem) {
        foot.replaceChildren(failed(problem, () => foot.replaceWith(more(next))));
      }
    } }, t("more"));
    const foot = el("div.card-end", {}, button);
    return foot;
  };
  const again = () => fill(place, () => ask(""), (page) => (page.rows.length ? [draw(page.rows), page.next ? more(page.next) : null] : none()));
  return { place, again };
}

let fields = 0;

/** A labelled field. `control` is an input or select; `hint` stands under it, `wrong(text)` replaces it. */
export function field(label, control, hint = "") {
  const id = control.id || `field-${++fields}`;
  control.id = id;
  const note = el("span.sm.mut", { id: `${id}-note` }, hint);
  control.setAttribute("aria-describedby", note.id);
  const node = el("label.fld", { for: id }, el("span", {}, label), control, note);
  node.wrong = (text) => {
    control.setAttribute("aria-invalid", String(Boolean(text)));
    note.className = text ? "bad-text" : "sm mut";
    note.textContent = text || hint;
  };
  return node;
}

export const input = (props = {}) => el("input.inp", { autocomplete: "off", ...props });

export const select = (options, now, props = {}) => el("select.inp", props, ...options.map(([value, words]) => el("option", { value, selected: value === now }, words)));

/** A row of a few choices, one of them pressed. */
export function seg(label, options, now, change, test = "seg") {
  const node = el("div.seg", { role: "group", "aria-label": label });
  for (const [value, words] of options)
    node.append(el("button", { "aria-pressed": String(value === now), test: `${test}-${value}`, onclick: (event) => {
      for (const each of node.children) each.setAttribute("aria-pressed", String(each === event.currentTarget));
      change(value);
    } }, words));
  return node;
}

/** An article in a list: its name, below it its variant and number. */
export const named = (row) => el("span.min0", {}, el("span.cut.blk", {}, row.name), el("span.sm.dim.cut.blk", {}, [row.variant, row.sku].filter(Boolean).join(" · ")));

export const card = (...children) => el("section.card", {}, ...children);
