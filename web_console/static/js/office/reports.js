// Reports: a period, the figures, a chart, the table, and all of it as a file.
import { el, icon } from "../dom.js";
import { get } from "../api.js";
import { card, empty, fill, go, head, input, field, select, seg, stay, table } from "../section.js";
import { closeSheet, openSheet } from "../sheet.js";
import { day, lang, t } from "../words.js";

export const SECTION = {"icon": "chart", "place": 10};

const PERIODS = ["today", "yesterday", "week", "last7", "month", "own"];
const narrow = matchMedia("(max-width: 640px)");
const trends = { up: "save", down: "mut", same: "mut", none: "dim" };

const change = (held) => el(`span.sm.num.${trends[held.trend]}`, {}, held.text || t("report.no_before"));

const figure = (each) => el("div.card.kpi", {}, el("div.k", {}, each.label), el("div.v.num", {}, each.value), change(each.change));

/** The picture as the gateway drew it. It comes as a document of its own, so nothing in it can run. */
function picture(answer) {
  const drawn = new DOMParser().parseFromString(answer.svg, "image/svg+xml").documentElement;
  return document.importNode(drawn, true);
}

function bars(report) {
  return card(el("div.pad.col", {}, el("h2", {}, report.title), ...report.bars.map((bar) => {
    const length = el("i");
    length.style.width = `${bar.permille / 10}%`;
    return el("div.bar-row", {}, el("div.row", {}, el("span.cut.grow", {}, bar.label), el("span.num", {}, bar.text)), el("div.meter", {}, length));
  })));
}

function chart(report, asked) {
  const place = el("div.chart-place");
  const named = report.columns.find((column) => column.key === report.changed)?.label ?? "";
  const key = (name, words) => el("span.row.tightgap", {}, el(`i.key.${name}`), words);
  fill(place, () => get(`/api/office/reports/${report.key}/chart?${asked}&narrow=${narrow.matches}`), picture);
  return card(el("div.pad", {}, el("div.row", {}, el("h2", {}, named), el("span.end.row.sm.mut", {}, key("now", t("report.now")), key("before", t("report.before")))), place));
}

function rows(report) {
  const columns = report.columns.map((column, n) => ({ title: column.label, num: column.number, wide: column.wide, cell: (row) => (n ? day(row.cells[n]) : el("span.cut.blk", {}, day(row.cells[n]))) }));
  if (report.changed) columns.push({ title: t("report.changed"), num: true, wide: true, cell: (row) => (row.change.text ? change(row.change) : "") });
  const node = table(columns, report.rows, { label: report.title, test: "report" });
  const foot = report.columns.map((column, n) => el(`td${column.number ? ".ra.num" : ""}${column.wide ? ".p-hide" : ""}.b`, {}, n ? report.foot[n] : t("report.total")));
  if (report.changed) foot.push(el("td.p-hide"));
  if (report.foot.some((cell, n) => n && cell)) node.querySelector("table").append(el("tfoot", {}, el("tr", {}, ...foot)));
  return card(node);
}

function drawn(report, asked) {
  if (report.empty) return [card(empty("chart", t("report.none"), t("report.none_hint")))];
  return [
    report.figures.length ? el("div.kpis", { test: "figures" }, ...report.figures.map(figure)) : null,
    report.chart && report.rows.length > 1 ? chart(report, asked) : report.bars.length ? bars(report) : null,
    rows(report),
  ];
}

const span = (report) => {
  const one = report.first === report.last;
  const parts = [t(one ? "report.one_day" : "report.span", report), t(one ? "report.against_day" : "report.against", { first: report.before_first, last: report.before_last })];
  return el("span", {}, ...parts.flatMap((part, n) => [n ? " · " : "", el("span.time", {}, part)]));
};

function askPeriod(wanted, chosen) {
  const first = input({ type: "date", value: wanted.first, test: "own-first" });
  const last = input({ type: "date", value: wanted.last, test: "own-last" });
  const lastField = field(t("report.last"), last);
  const sheet = openSheet({ name: "period", title: t("report.period"), body: el("div.pad.col", {}, field(t("report.first"), first), lastField,
    el("button.btn.pri.l.block", { test: "own-show", onclick: () => {
      const days = (Date.parse(last.value) - Date.parse(first.value)) / 86_400_000;
      if (!(days >= 0 && days < 800)) return lastField.wrong(t("report.bad_period"));
      closeSheet(sheet);
      chosen(first.value, last.value);
    } }, t("report.show"))) });
}

function saveSheet(key, asked) {
  const sheet = openSheet({ name: "export", title: t("report.export"), body: el("div.body.list", {}, ...["xlsx", "csv"].map((kind) =>
    el("a.swrow.go", { href: `/api/office/reports/${key}/${kind}?${asked}`, download: "", test: `export-${kind}`, onclick: () => setTimeout(() => closeSheet(sheet)) }, icon("download"), el("span.grow", {}, t(`report.${kind}`))))) });
}

export async function show(page, { path, query }) {
  const wanted = { period: query.get("period") ?? "last7", first: query.get("first") ?? "", last: query.get("last") ?? "" };
  const place = el("div.col.wide-gap");
  const top = el("div");
  page.append(top, place);
  let report = null;
  let key = path[0] ?? "";
  const asked = () => new URLSearchParams({ ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)), lang });

  const draw = (cards) => {
    const choose = select(cards.map((each) => [each.key, each.label]), key, { "aria-label": t("report.choose"), test: "choose-report", onchange: (event) => go("reports", [event.target.value], wanted) });
    const periods = PERIODS.map((name) => [name, t(`report.${name}`)]);
    const pick = seg(t("report.period"), periods, wanted.period, (name) => {
      if (name === "own") return askPeriod(report ?? wanted, (first, last) => again({ period: "own", first, last }));
      again({ period: name, first: "", last: "" });
    }, "period");
    return [head({ title: cards.find((each) => each.key === key)?.label ?? t("office.reports"), sub: report && span(report),
      actions: [el("button.btn", { test: "export", onclick: () => saveSheet(key, asked()) }, icon("download"), t("office.export"))] }),
    el("div.tools.gap-top", {}, choose, pick)];
  };
  let cards = [];
  const again = async (change) => {
    Object.assign(wanted, change);
    stay("reports", [key], wanted);
    await fill(place, () => get(`/api/office/reports/${key}?${asked()}`), (answer) => {
      report = answer;
      top.replaceChildren(...draw(cards));
      return drawn(answer, asked());
    });
  };
  await fill(top, () => get(`/api/office/reports?lang=${lang}`), (answer) => {
    cards = answer;
    key ||= answer[0].key;
    return draw(answer);
  });
  if (cards.length) await again({});
}
