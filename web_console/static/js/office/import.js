// Import and export: drop a file, see what it would change and what is wrong with it, take it over; take files along.
import { busy, el, icon } from "../dom.js";
import { Problem, get, newKey, once, part, upload } from "../api.js";
import { address, card, head, seg, table } from "../section.js";
import { number, problemWord, t } from "../words.js";

export const SECTION = {"icon": "upload", "place": 36};

const ASK_MS = 500;
const LONG_MS = 120000;
const SIZE_MAX = 8 * 1024 * 1024;
const SHOWN = 200;
const MEMBERS = "members";
const TABLES = ["articles", "prices", "stock"];
const KINDS = [...TABLES, MEMBERS];
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const typed = (file) => (/\.xlsx$/i.test(file.name) ? { type: XLSX } : {});

const fieldWord = (name) => (name ? t(`import.field.${name}`) : t("import.row"));

function reason(problem) {
  if (!(problem instanceof Problem)) return t("office.lost");
  const { reason: code, line, missing } = problem.details;
  if (problem.code !== "import_unreadable") return problemWord(problem);
  const words = t(`import.unreadable.${code}`, { missing: (missing ?? []).map(fieldWord).join(", ") });
  return line > 1 ? t("import.at_line", { line: number(line), words }) : words;
}

const kpi = (key, n, level = "") => el("div.card.kpi", {}, el("div.k", {}, t(`import.sum.${key}`)), el(`div.v.num${level}`, { test: `sum-${key}` }, number(n)));

function section(title, total, node) {
  return card(el("div.pad", {}, el("h2", {}, title)), node, total > SHOWN ? el("div.card-end.sm.mut", {}, t("import.more", { n: number(total - SHOWN) })) : null);
}

const badTable = (rows) => table([
  { title: t("import.line"), num: true, cell: (bad) => number(bad.line) },
  { title: t("import.why"), cell: (bad) => el("span.min0", {}, el("span.blk", {}, el("b.b", {}, fieldWord(bad.column)), ` · ${t(`import.bad.${bad.reason}`, { other: bad.other })}`), bad.value ? el("span.sm.dim.cut.blk", {}, bad.value) : null) },
], rows, { label: t("import.bad_rows"), test: "bad-rows" });

const changeTable = (rows) => table([
  { title: t("import.line"), num: true, cell: (each) => number(each.line) },
  { title: t("stock.article"), cell: (each) => el("span.min0", {}, el("span.cut.blk", {}, each.name), el("span.sm.dim.cut.blk", {}, each.sku)) },
  { title: t("import.change"), cell: (each) => el("span", {}, el("span.mut.blk.sm", {}, fieldWord(each.field)), el("span.dim", {}, each.old || t("import.nothing")), " → ", el("b", {}, each.new)) },
], rows, { label: t("import.changes"), test: "changes" });

const newTable = (rows) => table([
  { title: t("import.line"), num: true, cell: (each) => number(each.line) },
  { title: t("stock.article"), cell: (each) => el("span.min0", {}, el("span.cut.blk", {}, each.name), el("span.sm.dim.cut.blk", {}, [each.variant, each.sku].filter(Boolean).join(" · "))) },
  { title: t("articles.price"), num: true, cell: (each) => each.price },
], rows, { label: t("import.new"), test: "created" });

export async function show(page, { query }) {
  const [files, { columnsCard }] = await Promise.all([import("../member_files.js"), import("../import_columns.js")]);
  let kind = KINDS.includes(query.get("kind")) ? query.get("kind") : KINDS[0];
  let file = null;
  let columns = ""; // what each one is, where somebody said so
  let turn = 0; // answers about a file that was put away are dropped
  const place = el("div.col.wide-gap", { "aria-live": "polite" });
  const actions = el("span.row");

  /** Runs `send` under a name of its own and says how far it is. */
  async function watched(send) {
    const watch = newKey();
    const begun = Date.now();
    const words = el("b.b", { test: "doing" }, t("import.doing.sending"));
    place.replaceChildren(card(el("div.empty", {}, el("span.halo", {}, icon("refresh", "l")), words, el("p.sm.mut", {}, file.name))));
    const timer = setInterval(async () => {
      try {
        const { doing, rows } = await get(`/api/imports/progress/${watch}`, { quiet: true });
        const done = doing ? t(`import.doing.${doing}`, { rows: number(rows) }) : t("import.doing.sending");
        words.textContent = `${done} · ${t("span.s", { n: Math.round((Date.now() - begun) / 1000) })}`;
      } catch { /* the next one tells */ }
    }, ASK_MS);
    try { return await send(watch); } finally { clearInterval(timer); }
  }

  function start() {
    actions.replaceChildren();
    const pick = el("input.pick", { type: "file", accept: ".csv,.txt,.tsv,.xlsx,text/csv", test: "file", id: "import-file", onchange: () => { if (pick.files[0]) fresh(pick.files[0]); } });
    const drop = el("label.drop", { for: "import-file", test: "drop" }, pick, el("span.halo", {}, icon("upload", "l")), el("b.b", {}, t("import.drop")), el("span.sm.mut", {}, t(`import.needs.${kind}`)), el("span.sm.mut", {}, t("import.formats")));
    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
    drop.addEventListener("drop", (event) => { if (event.dataTransfer.files[0]) fresh(event.dataTransfer.files[0]); });
    place.replaceChildren(drop);
  }

  function fresh(chosen) {
    columns = "";
    look(chosen);
  }

  async function look(chosen) {
    file = chosen;
    const mine = ++turn;
    if (file.size > SIZE_MAX) return failed(t("import.unreadable.too_large"));
    try {
      const seen = await watched((watch) => upload(`/api/imports/${kind}/preview?watch=${watch}&columns=${columns}`, file, { ...typed(file), wait: LONG_MS }));
      if (mine === turn) preview(seen);
    } catch (problem) {
      if (mine === turn) failed(reason(problem));
    }
  }

  function failed(words) {
    actions.replaceChildren();
    place.replaceChildren(card(el("div.empty", { role: "alert", test: "failed" }, el("span.halo", {}, icon("alert", "l")), el("b.b", {}, words), el("p.sm.mut", {}, t("import.unchanged_shop")),
      el("button.btn", { test: "another", onclick: start }, t("import.another")))));
  }

  const columnWord = (name) => (kind === MEMBERS && name === "name" ? t("import.field.person") : fieldWord(name));

  function preview(seen) {
    const mapping = columnsCard(seen, columnWord, (said) => { columns = said; look(file); });
    if (seen.missing.length) {
      actions.replaceChildren(el("button.btn", { test: "another", onclick: start }, t("import.another")));
      const lacks = t(kind === MEMBERS ? "import.unreadable.nobody" : "import.unreadable.columns_missing", { missing: seen.missing.map(columnWord).join(", ") });
      return place.replaceChildren(el("div.note.warn", { role: "alert", test: "verdict" }, icon("alert"), el("div.grow", {}, el("b", {}, lacks), el("div.sm", {}, t("import.say_columns")))), mapping);
    }
    const people = kind === MEMBERS;
    const out = seen.bad + seen.doubtful; // rows of members are left out, everywhere else they bar the way
    const nothing = !seen.created && !seen.changed && (people || !seen.bad);
    const take = el("button.btn.pri", { test: "take-over", disabled: (seen.bad && !people) || nothing, onclick: () => takeOver(take, seen) }, icon("check"), t("import.take_over"));
    actions.replaceChildren(el("button.btn", { test: "another", onclick: start }, t("import.another")), take);
    const barred = seen.bad && !people;
    const why = barred ? t("import.mend", { n: number(seen.bad) }) : nothing ? t(people ? "import.nobody_new" : "import.nothing_new") : out ? t("import.leaves_out", { n: number(out) }) : "";
    place.replaceChildren(
      el(`div.note.${barred ? "bad" : nothing ? "info" : out ? "warn" : "ok"}`, { test: "verdict" }, icon(barred || out ? "alert" : "check"), el("div.grow", {}, el("b", {}, why || t("import.ready")), el("div.sm", {}, t("import.read_as", { file: file.name, encoding: seen.encoding.toUpperCase(), columns: seen.columns.map(columnWord).join(", ") }),
        seen.ignored.length ? el("div", { test: "ignored" }, t("import.ignored", { columns: seen.ignored.join(", ") })) : null))),
      el("div.kpis.five", {}, kpi("rows", seen.rows), ...(people ? [kpi("joining", seen.created), kpi("known", seen.unchanged), kpi("doubtful", seen.doubtful)] : [kpi("created", seen.created), kpi("changed", seen.changed), kpi("unchanged", seen.unchanged)]), kpi("bad", seen.bad, seen.bad ? ".bad-text" : "")),
      ...(people ? files.broughtNote(seen.brought) : []),
      mapping,
      ...[seen.bad && section(t("import.bad_rows"), seen.bad, badTable(seen.bad_rows)),
        !people && seen.changed && section(t("import.changes"), seen.changed, changeTable(seen.changed_fields)),
        people && section(t("import.people"), seen.created + seen.unchanged + seen.doubtful, files.peopleTable(files.inOrder(seen.people).slice(0, SHOWN))),
        !people && seen.created && section(t("import.new"), seen.created, newTable(seen.created_rows))].filter(Boolean));
  }

  async function takeOver(button, seen) {
    const mine = ++turn;
    busy(button, true);
    try {
      const done = await watched((watch) => once(`import ${kind} ${seen.token}`, (options) =>
        upload(`/api/imports/${kind}?token=${part(seen.token)}&watch=${watch}&columns=${columns}`, file, { ...options, ...typed(file), wait: LONG_MS })));
      if (mine !== turn) return;
      actions.replaceChildren(el("button.btn.pri", { test: "another", onclick: start }, t("import.another")));
      place.replaceChildren(card(el("div.empty", { test: "done" }, el("span.halo", {}, icon("check", "l")), el("b.b", {}, t("import.done")),
        el("p.sm.mut", {}, kind === MEMBERS
          ? t("import.done_people", { joined: number(done.created), known: number(done.unchanged), given: number(done.changed), out: number(done.doubtful + done.bad) })
          : t("import.done_sums", { created: number(done.created), changed: number(done.changed), unchanged: number(done.unchanged) })),
        kind === MEMBERS ? el("a.btn", { href: address("members") }, t("office.members")) : done.document_id ? el("a.btn", { href: address("stock", ["document", done.document_id]), test: "see-document" }, t("import.see_document")) : el("a.btn", { href: address("articles") }, t("office.articles")))));
    } catch (problem) {
      if (mine !== turn) return;
      if (problem.code === "import_stale") return look(file);
      failed(reason(problem));
    }
  }

  page.append(
    head({ title: t("office.import"), sub: t("import.sub"), actions: [actions] }),
    el("div.tools", {}, seg(t("import.kind"), KINDS.map((each) => [each, t(`import.kind.${each}`)]), kind, (next) => { kind = next; turn += 1; start(); }, "kind")),
    place,
    card(el("div.pad.row.wrap", {}, el("div.grow", {}, el("h2", {}, t("import.export")), el("div.sm.mut", {}, t("import.export_hint"))),
      ...TABLES.map((each) => el("a.btn", { href: `/api/exports/${each}.csv`, download: "", test: `export-${each}` }, icon("download"), t(`import.kind.${each}`))))),
    files.exportCard());
  start();
  return () => { turn += 1; };
}

