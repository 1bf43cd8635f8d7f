// Labels: which articles and how many, price label or hang tag, on which stock; how one looks; what became of them.
import { busy, el, icon, pill } from "./dom.js";
import { Problem, get, once, part, post } from "./api.js";
import { card, empty, field, head, input, named, seg, select, table } from "./section.js";
import { toast } from "./toast.js";
import { first, number, problemWord, t } from "./words.js";

const COPIES_MAX = 1000; // of one request, in all
const POLL_MS = 700;
const OVER = ["sent", "confirmed", "failed", "cancelled"];
const DONE = ["sent", "confirmed"];
const LEVELS = { sent: "ok", confirmed: "ok", unknown: "warn", failed: "bad" };

const said = (problem) => (problem instanceof Problem ? problemWord(problem) : t("office.lost"));

/** lines: {sku, name, variant, quantity}; of a document that has more of them `more` counts the rest. Gives what ends it. */
export async function showLabels(page, { title, sub, back, lines, document_id = "", more = 0, pieces = 0 }) {
  const stocks = await get("/api/labels/stocks");
  let layout = "price";
  let shown = lines[0];
  let turn = 0;
  let timer = 0;
  let left = false;
  const copies = new Map(lines.map((line) => [line.sku, Math.min(COPIES_MAX, Math.max(0, line.quantity))]));
  const wanted = () => (more ? pieces : [...copies.values()].reduce((sum, n) => sum + n, 0));

  const why = el("span.sm.mut.end", { role: "status", test: "labels-why" });
  const words = el("span");
  const print = el("button.btn.pri", { test: "print-labels", onclick: send }, icon("printer"), words);
  const picture = el("div.label-pic", { test: "label-preview" });
  const sizes = stocks.map((each) => [each.key, each.height_mm ? `${each.width_mm} × ${each.height_mm} mm` : t("labels.roll")]);
  const stock = select(sizes, (stocks.find((each) => each.height_mm) ?? stocks[0])?.key, { test: "label-stock", onchange: look });
  const result = el("div", { test: "labels-result", role: "status" });
  const controls = new Map();

  function draw() {
    const n = wanted();
    words.textContent = n ? t("labels.print", { n: number(n) }) : t("labels.title");
    why.textContent = !n ? t("labels.none") : n > COPIES_MAX ? t("labels.too_many", { n: number(COPIES_MAX) }) : "";
    print.disabled = !n || n > COPIES_MAX || picture.dataset.fits === "no";
  }

  function set(sku, n) {
    copies.set(sku, Math.min(COPIES_MAX, Math.max(0, Math.trunc(n) || 0)));
    controls.get(sku).value = copies.get(sku);
    draw();
  }

  /** How one label looks, drawn from what the printer would get; or why it cannot be printed so. */
  async function look() {
    const mine = ++turn;
    picture.setAttribute("aria-busy", "true");
    try {
      const { svg } = await get(`/api/labels/preview?sku=${part(shown.sku)}&layout=${layout}&stock=${part(stock.value)}`);
      if (mine !== turn) return;
      picture.dataset.fits = "yes";
      picture.replaceChildren(el("img", { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: `${t(`labels.${layout}`)} ${shown.name} ${shown.variant}` }), el("span.sm.mut", {}, [shown.name, shown.variant].filter(Boolean).join(" · ")));
    } catch (problem) {
      if (mine !== turn) return;
      picture.dataset.fits = problem instanceof Problem && problem.code === "label_too_small" ? "no" : "yes";
      picture.replaceChildren(el("span.bad-text", { role: "alert" }, said(problem)));
    }
    picture.removeAttribute("aria-busy");
    draw();
  }

  function show(line) {
    if (line === shown) return;
    shown = line;
    look();
  }

  function stepper(line) {
    const by = (step) => () => { show(line); set(line.sku, copies.get(line.sku) + step); };
    const control = input({ type: "number", inputmode: "numeric", min: 0, max: COPIES_MAX, step: 1, value: copies.get(line.sku), disabled: more > 0, test: `copies-${line.sku}`, "aria-label": `${t("labels.copies")} ${line.name} ${line.variant}`,
      onfocus: () => { control.select(); show(line); },
      onchange: () => set(line.sku, Number(control.value)),
      onkeydown: (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        set(line.sku, Number(control.value));
        const all = [...controls.values()];
        (all[all.indexOf(control) + 1] ?? print).focus();
      } });
    control.classList.add("num", "pieces");
    controls.set(line.sku, control);
    const button = (name, step, label) => el("button.btn.sq.p-hide", { "aria-label": `${label} ${line.variant}`, disabled: more > 0, onclick: by(step), test: `${name}-${line.sku}` }, icon(name));
    return el("span.held", {}, button("minus", -1, t("bag.less")), control, button("plus", 1, t("bag.more")));
  }

  const every = (n, test) => el("button.btn", { test, disabled: more > 0, onclick: () => { for (const line of lines) set(line.sku, n < 0 ? line.quantity : n); } }, n < 0 ? t("labels.as_received") : n ? t("labels.one_each") : t("labels.clear"));

  async function send() {
    const items = lines.filter((line) => copies.get(line.sku)).map((line) => ({ sku: line.sku, copies: copies.get(line.sku) }));
    const body = { layout, stock: stock.value, ...(more ? { document_id } : { items }) };
    busy(print, true);
    try {
      const jobs = await once(`labels ${JSON.stringify(body)}`, (key) => post("/api/labels", body, key));
      follow(jobs[0].job_id.split(".")[0]);
    } catch (problem) { toast(said(problem)); }
    busy(print, false);
    draw();
  }

  async function answer(group, job, came_out) {
    try { await post(`/api/jobs/${part(job.job_id)}/answer`, { came_out }); } catch (problem) { toast(said(problem)); }
    follow(group);
  }

  function batch(group, { job, pieces: n }) {
    const reason = job.reason && !DONE.includes(job.state) ? first([`reason.${job.reason}`, `health.printer.${job.reason}`, `health.${job.reason}`, "health.other"], { code: job.reason }) : "";
    const asks = job.state === "unknown" ? [
      el("button.btn", { test: "labels-yes", onclick: () => answer(group, job, true) }, t("unknown.yes")),
      el("button.btn", { test: "labels-again", onclick: () => answer(group, job, false) }, t("unknown.again"))] : [];
    return el("div.swrow.wrap", { data: { state: job.state } }, el("b.num", {}, t("labels.pieces", { n: number(n) })), el("span.grow.sm.mut", {}, reason), pill(LEVELS[job.state] ?? "", t(`job.label.${job.state}`)), ...asks);
  }

  /** Asks until every label has come out, or somebody must say something. */
  async function follow(group) {
    clearTimeout(timer);
    let jobs = [];
    try { jobs = await get(`/api/labels/${part(group)}`); } catch (problem) {
      if (problem instanceof Problem) return toast(said(problem));
    }
    if (left) return;
    const sum = (list) => list.reduce((total, each) => total + each.pieces, 0);
    if (jobs.length) {
      const asked = jobs.filter((each) => each.job.state !== "cancelled");
      result.replaceChildren(card(el("div.card-head.row", {}, el("h2", { test: "labels-sum" }, t("labels.printed", { done: number(sum(asked.filter((each) => DONE.includes(each.job.state)))), all: number(sum(asked)) }))),
        el("div.list", {}, ...jobs.map((each) => batch(group, each)))));
    }
    if (!jobs.length || jobs.some(({ job }) => !OVER.includes(job.state))) timer = setTimeout(() => follow(group), POLL_MS);
  }

  page.append(
    head({ title: t("labels.title"), sub: [title, sub].filter(Boolean).join(" · "), back, actions: [print] }),
    result,
    card(el("div.form", {},
      el("div.col", {}, el("div.fld", {}, el("span", {}, t("labels.layout")), seg(t("labels.layout"), [["price", t("labels.price")], ["hang", t("labels.hang")]], layout, (next) => { layout = next; look(); }, "layout")), field(t("labels.stock"), stock)),
      picture)),
    card(el("div.tools.pad", {}, el("div.chips", {}, every(1, "copies-one"), every(0, "copies-none"), document_id ? every(-1, "copies-received") : null), why),
      lines.length ? table([
        { title: t("stock.article"), cell: (line) => named(line) },
        { title: t("labels.copies"), num: true, cell: stepper },
      ], lines, { label: t("labels.title"), test: "label-lines" }) : empty("tag", t("labels.none"), ""),
      more ? el("div.card-end.sm.mut", {}, t("labels.whole_document", { n: number(more) })) : null));
  draw();
  if (lines.length) await look();
  return () => { left = true; clearTimeout(timer); };
}
