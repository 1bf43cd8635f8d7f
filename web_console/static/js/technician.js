// The technician's page: what the box knows about itself, asked every two seconds.
import { $, busy, el } from "./dom.js";
import { Problem, del, get, once, post, setCsrf, whenSignedOut } from "./api.js";
import { listen } from "./keys.js";
import { deviceRow } from "./health.js";
import { pinKey, showPin } from "./pin.js";
import { toast } from "./toast.js";
import { clock, clockSeconds, date, deviceWord, first, has, number, problemWord, setLanguage, lang, span, t, tillName } from "./words.js";

const POLL_MS = 2000;
const { till } = document.body.dataset;
let timer = 0;
let chosen = till;
let asked = false; // a check of the journal whose result is not yet told

const troubled = (level) => level === "bad" || level === "warn";
const put = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

const size = (mb) => (mb < 1024 ? t("tech.mb", { n: number(mb) }) : t("tech.gb", { n: number(Math.round(mb / 102.4) / 10) }));

function kpi(id, value, note, level = "") {
  put(`${id}-v`, value);
  $(`${id}-v`).className = `v num ${level}`;
  put(`${id}-n`, note);
}

function devices(box) {
  const now = box.health.now_ms;
  const rows = box.health.devices.map((each) => deviceRow({
    kind: each.kind, code: each.code, icon: each.kind, level: each.level,
    title: [t(`kind.${each.kind}`), box.tills.length > 1 ? tillName(each.till) : null].filter(Boolean).join(" · "),
    word: deviceWord(each.kind, each.code),
    facts: [each.name, each.driver, each.twin ? t("dev.twin") : null, t("dev.since", { since: span(now - each.since_ms) }), each.detail, troubled(each.level) ? each.hint : null].filter(Boolean).join(" · "),
  }));
  const { hq } = box.health;
  rows.push(deviceRow({
    kind: "hq", code: hq.code, icon: troubled(hq.level) ? "hq-off" : "hq", level: hq.level, title: t("kind.hq"),
    word: first([`health.hq.${hq.code}`, "health.hq.away"]), facts: [t("dev.since", { since: span(now - hq.since_ms) }), hq.detail].filter(Boolean).join(" · "),
  }));
  $("devices").replaceChildren(...rows);
}

function figures(box) {
  const { hq } = box.health;
  const now = box.health.now_ms;
  kpi("kpi-uplink", t("tech.rows", { n: number(hq.waiting) }), hq.acknowledged_at_ms ? t("dev.acknowledged", { since: span(now - hq.acknowledged_at_ms) }) : t("tech.never_acknowledged"), hq.waiting && troubled(hq.level) ? "warn-text" : "");
  kpi("kpi-journal", t(`journal.${box.journal_check}`), box.journal_check === "unchecked" ? t("tech.journal_rows", { n: number(box.journal_seq) }) : t("tech.checked_to", { n: number(box.journal_checked_seq) }), { intact: "save", broken: "bad-text" }[box.journal_check] ?? "");
  kpi("kpi-clock", clock(box.clock_utc_ms), t(`clock.${box.clock_quality}`), ["none", "saved"].includes(box.clock_quality) ? "warn-text" : "");
  kpi("kpi-disk", size(box.disk_free_mb), t("tech.disk_of", { total: size(box.disk_total_mb), books: size(box.database_mb) }), { warn: "warn-text", bad: "bad-text" }[box.health.storage] ?? "");
  put("box-title", t("tech.title", { store: box.store_name }));
  put("box-sub", t("tech.sub", { gateway: box.gateway, version: box.version, up: span(box.up_s * 1000) }));
  put("journal-seq", number(box.journal_seq));
  put("journal-hash", box.journal_hash);
  put("uplink-seq", number(hq.acknowledged_seq));
  put("copy", has(`copy.${box.copy}`) ? t(`copy.${box.copy}`) : `${date(box.copied_ms)} ${clock(box.copied_ms)}`);
  $("copy").className = { off: "warn-text", ok: "num" }[box.copy] ?? "num bad-text";
  put("copy-do", first([`copy_do.${box.copy}`, ""]));
  $("copy-do").hidden = !has(`copy_do.${box.copy}`);
  put("epoch", String(box.epoch));
  put("boot", String(box.boot));
  put("load", t("tech.load", { n: box.load_percent }));
  put("memory", t("tech.mb", { n: number(box.memory_mb) }));
  put("sqlite", box.sqlite_version);
  const open = box.health.devices.filter((each) => troubled(each.level)).length + (troubled(hq.level) ? 1 : 0) + (troubled(box.health.storage) ? 1 : 0) + (box.journal_check === "broken" ? 1 : 0) + (["off", "ok"].includes(box.copy) ? 0 : 1) + box.health.jobs_unknown.length;
  $("open-items").className = `pill ${open ? "bad" : "ok"}`;
  $("open-items").firstElementChild.className = open ? "dot ring" : "dot";
  put("open-items-word", open ? t("tech.open", { n: open }) : t("tech.fine"));
}

function eventWord(note) {
  const job = note.code.replace(/^job_/, `job.${note.subject}.`);
  if (has(job)) return t(job);
  return has(`event.${note.code}`) ? t(`event.${note.code}`, { subject: note.subject }) : [note.subject, note.code].filter(Boolean).join(" · ");
}

function notes(box) {
  $("notes").replaceChildren(...(box.notes.length ? box.notes.map((note) => el("div.row.event", { data: { code: note.code } },
    el("span.num.dim.sm", {}, clockSeconds(note.at_ms)),
    el("span.grow", {}, eventWord(note), note.detail ? el("span.sm.mut.blk", {}, first([`reason.${note.detail}`, `health.printer.${note.detail}`, `health.${note.detail}`, ""]) || note.detail) : null))) : [el("div.pad.sm.mut", {}, t("tech.no_notes"))]));
}

function tills(box) {
  if ($("test-till").childElementCount === box.tills.length) return;
  if (!box.tills.includes(chosen)) chosen = box.tills[0];
  $("test-till").hidden = box.tills.length < 2;
  $("test-till").replaceChildren(...box.tills.map((name) => el("button", { "aria-pressed": String(name === chosen), onclick: (event) => {
    chosen = name;
    for (const each of $("test-till").children) each.setAttribute("aria-pressed", String(each === event.currentTarget));
  } }, tillName(name))));
}

function draw(box) {
  figures(box);
  devices(box);
  notes(box);
  tills(box);
  $("lost").hidden = true;
  if (asked && box.journal_check !== "checking") {
    asked = false;
    toast(box.journal_check === "intact" ? t("tech.intact", { n: number(box.journal_checked_seq) }) : t(`journal.${box.journal_check}`));
  }
}

async function poll() {
  clearTimeout(timer);
  try {
    draw(await get("/api/technician"));
  } catch (problem) {
    if (problem instanceof Problem && [401, 403].includes(problem.status)) return pinAgain();
    $("lost").hidden = false;
  }
  timer = setTimeout(poll, POLL_MS);
}

async function act(button, send, done) {
  busy(button, true);
  try { done(await send()); } catch (problem) { toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost")); }
  busy(button, false);
}

function pinAgain() {
  clearTimeout(timer);
  $("tech").hidden = true;
  $("pin").hidden = false;
  showPin({ till, roles: ["technician", "manager"], done: signOn });
}

function signOn(session) {
  setCsrf(session.csrf);
  $("pin").hidden = true;
  $("tech").hidden = false;
  poll();
}

function start() {
  whenSignedOut(pinAgain);
  const selfTest = (test) => () => once(`test ${chosen} ${test}`, (key) => post("/api/technician/tests", { till: chosen, test }, key));
  const queued = (job) => toast(t(`job.${job.kind}.${job.state}`));
  $("self-test").addEventListener("click", (event) => act(event.currentTarget, selfTest("ticket"), queued));
  $("drawer-test").addEventListener("click", (event) => act(event.currentTarget, selfTest("drawer"), queued));
  $("journal-check").addEventListener("click", (event) => act(event.currentTarget, () => post("/api/technician/journal-check", {}), (box) => {
    asked = true;
    draw(box);
  }));
  $("language").addEventListener("click", () => setLanguage(lang === "zh" ? "en" : "zh"));
  $("sign-off").addEventListener("click", async () => { try { await del("/api/session", { quiet: true }); } catch { /* the PIN page follows */ } pinAgain(); });
  listen({ scan: () => {}, key: (name, event) => { if (!$("pin").hidden && pinKey(name)) event?.preventDefault(); }, when: () => false });
  get("/api/session", { quiet: true }).then(signOn, pinAgain);
}

start();
