// The audit trail: every fact the gateway has committed, newest first.
import { busy, el, icon } from "../dom.js";
import { Problem, get } from "../api.js";
import { address, card, empty, fill, go, head, pages, select, stay, table } from "../section.js";
import { closeSheet, openSheet } from "../sheet.js";
import { toast } from "../toast.js";
import { first, has, number, problemWord, t, tillName } from "../words.js";

export const SECTION = {"icon": "history", "place": 90};

const typeWord = (type) => first([`event_type.${type}`, "event_type.other"], { type });
const fieldWord = (name) => (has(`field.${name}`) ? t(`field.${name}`) : name.replaceAll("_", " "));
const valueWord = (fact) => (has(`value.${fact.name}.${fact.text}`) ? t(`value.${fact.name}.${fact.text}`) : fact.text || t("journal.nothing"));

function rows(entries) {
  return table([
    { title: t("journal.when"), cell: (entry) => el("a", { href: address("journal", [String(entry.seq)]), test: `entry-${entry.seq}` }, el("span.time", {}, entry.time)) },
    { title: t("journal.what"), cell: (entry) => el("span.min0", {}, el("span.cut.blk", {}, typeWord(entry.type)), entry.brief.length ? el("span.sm.mut.cut.blk", {}, entry.brief.map(valueWord).join(" · ")) : null) },
    { title: t("journal.who"), cell: (entry) => el("span.cut.blk", {}, entry.who) },
    { title: t("journal.till"), wide: true, cell: (entry) => (entry.till ? tillName(entry.till) : "") },
    { title: t("journal.seq"), num: true, wide: true, cell: (entry) => number(entry.seq) },
  ], entries, { label: t("office.journal"), test: "journal", open: (entry) => go("journal", [String(entry.seq)]) });
}

function facts(list) {
  return el("dl.facts.wide", {}, ...list.flatMap((fact) => [el("dt", {}, fieldWord(fact.name)), el("dd", {}, valueWord(fact))]));
}

/** The event's own fields, then a card for each list with a block for each of its parts. */
function detail({ entry, facts: all }) {
  const own = all.filter((fact) => !fact.part);
  const lists = [...new Set(all.filter((fact) => fact.part).map((fact) => fact.part))];
  return [
    card(el("div.pad", {}, facts([{ name: "seq", text: number(entry.seq) }, { name: "time", text: entry.time }, { name: "business_day", text: entry.day }, { name: "who", text: entry.who }, ...own.filter((fact) => fact.name !== "business_day")]))),
    ...lists.map((part) => {
      const inside = all.filter((fact) => fact.part === part);
      const groups = [...new Set(inside.map((fact) => fact.group))];
      return card(el("div.card-head.row", {}, el("h2", {}, fieldWord(part)), el("span.pill.end", {}, number(groups.length))),
        el("div.list", {}, ...groups.map((group) => el("div.pad", {}, facts(inside.filter((fact) => fact.group === group))))));
    }),
  ];
}

/** Papers of the sale that an event tells of, printed at the till where this manager is signed on. */
function papers({ entry, facts }) {
  const sale_id = entry.type === "sale.completed" && facts.find((fact) => fact.name === "sale_id" && !fact.part)?.text;
  if (!sale_id) return [];
  const button = (test, words, which) => el("button.btn", { test, onclick: async (event) => {
    const pressed = event.currentTarget;
    busy(pressed, true);
    try {
      const job = await (await import("../copies.js"))[which](sale_id);
      if (job) toast(t(which === "printGift" ? "done.gift_queued" : "done.copy_queued"));
    } catch (problem) { toast(problem instanceof Problem ? problemWord(problem) : t("done.copy_lost")); }
    busy(pressed, false);
  } }, icon("printer"), words);
  return [button("copy", t("done.reprint"), "printCopy"), button("gift", t("done.gift"), "printGift")];
}

async function one(page, seq) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, () => get(`/api/office/journal/${seq}`), (answer) => [
    head({ title: typeWord(answer.entry.type), sub: [answer.entry.time, answer.entry.who].filter(Boolean).join(" · "), back: { href: address("journal"), words: t("office.journal") }, actions: papers(answer) }),
    ...detail(answer),
  ]);
}

async function list(page, query) {
  const wanted = Object.fromEntries(["type", "who", "till", "day"].map((name) => [name, query.get(name) ?? ""]));
  const asked = () => new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  const found = pages({
    ask: async (before) => { const answer = await get(`/api/office/journal?${asked()}${before ? `&before=${before}` : ""}`); return { rows: answer.rows, next: answer.next || "" }; },
    draw: rows,
    none: () => empty("history", t("journal.none"), Object.values(wanted).some(Boolean) ? t("journal.none_filtered") : t("journal.none_hint")),
  });
  let today = "";
  const save = el("button.btn", { test: "export", onclick: () => {
    const day = wanted.day || today;
    const line = (kind, href, words) => el("a.swrow.go", { href, download: "", test: `export-${kind}`, onclick: () => setTimeout(() => closeSheet(sheet)) }, icon("download"), el("span.grow", {}, words));
    const sheet = openSheet({ name: "export", title: t("journal.export"), body: el("div.body.list", {},
      line("csv", `/api/office/journal.csv?${asked()}`, t("journal.csv")), day ? line("poslog", `/api/office/poslog?day=${day}`, t("journal.poslog", { day })) : null) });
  } }, icon("download"), t("office.export"));
  const again = () => {
    stay("journal", [], wanted);
    return found.again();
  };
  const filters = el("div.tools");
  page.append(head({ title: t("office.journal"), sub: t("journal.sub"), actions: [save] }), filters, card(found.place));
  const listed = again();
  await fill(filters, () => get("/api/office/journal/choices"), (choices) => {
    today = choices.today;
    const pick = (name, options) => select([["", t(`journal.any_${name}`)], ...options], wanted[name], { "aria-label": t(`journal.${name}`), test: `filter-${name}`, onchange: (event) => { wanted[name] = event.target.value; again(); } });
    return [
      pick("type", choices.types.map((type) => [type, typeWord(type)])),
      pick("who", choices.people.map((person) => [person.staff_id, person.name])),
      pick("till", choices.tills.map((till) => [till, tillName(till)])),
      el("input.inp", { type: "date", value: wanted.day, max: choices.today, "aria-label": t("journal.day"), test: "filter-day", onchange: (event) => { wanted.day = event.target.value; again(); } }),
    ];
  });
  await listed;
}

export const show = (page, { path, query }) => (path[0] ? one(page, Number(path[0]) || 0) : list(page, query));
