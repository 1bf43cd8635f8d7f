// The bags that wait: the list of them, and going on with one at this till.
import { el, icon } from "./dom.js";
import { Problem, get, once, part, post } from "./api.js";
import { applyBag } from "./bag.js";
import { gatewayNow } from "./live.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { hideToast, toast } from "./toast.js";
import { problemWord, span, t } from "./words.js";

const LATE_MS = 2 * 3600 * 1000; // amber from here on
const SEARCH_MS = 150;
const AGES_MS = 30000; // how often the ages are drawn anew
const GIVE_UP = ["customer_left", "changed_mind", "mistake", "other"];
let count = () => {}; // hears how many wait
let list = null; // {sheet, rows, search, more}
let asked = 0;
let typing = 0;
let taking = false;

export const onWaiting = (callback) => { count = callback; };

function tell(problem) {
  if (problem instanceof Problem && problem.status === 401) return;
  refused();
  toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
}

/** Brings a parked bag to this till, or asks what stands in the way. */
export async function resumeParked(parked_id, body = {}) {
  if (taking) return; // a double tap is one
  taking = true;
  try {
    const done = await once(`resume ${parked_id} ${JSON.stringify(body)}`, (key) => post(`/api/parked/${part(parked_id)}/resume`, body, key));
    closeParked();
    applyBag(done.basket);
    const lower = done.differences.length;
    toast(lower ? t("parked.lower", { ticket: done.parked.ticket, n: lower }) : t("parked.resumed", { ticket: done.parked.ticket }));
  } catch (problem) {
    if (problem.code === "bag_in_use") return askRoom(parked_id, body, problem.details.pieces);
    if (problem.code === "parked_repriced") return askPrices(parked_id, body, problem.details);
    tell(problem);
    load();
  } finally {
    taking = false;
  }
}

function ask({ name, title, body, label, go }) {
  const sheet = openSheet({
    name, title,
    body: el("div.col.min0.asking", {}, body, el("div.pad", {}, el("button.btn.pri.l.block", { test: `${name}-go`, onclick: () => { closeSheet(sheet); go(); } }, label))),
  });
  sheet.box.querySelector(`[data-test="${name}-go"]`).focus({ preventScroll: true });
}

function askRoom(parked_id, body, pieces) {
  ask({
    name: "room", title: t("parked.room", { n: pieces }), label: t("parked.room_go"),
    body: el("p.pad.mut", {}, t("parked.room_text")),
    go: () => resumeParked(parked_id, { ...body, park_first: true }),
  });
}

/** Prices that went up, or goods that are no longer sold, need somebody's tap. */
function askPrices(parked_id, body, details) {
  const rows = details.differences.map((each) => el("div.swrow", {},
    el("span.grow.min0", {}, el("span.cut.blk", {}, each.name), el("span.sm.dim.cut.blk", {}, each.variant, ` × ${each.quantity}`)),
    el("span.was.num.dim", {}, each.old),
    el("b.b.num", {}, each.new || t("parked.gone"))));
  ask({
    name: "prices", title: t("parked.prices"), label: t("parked.prices_go", { total: details.total }),
    body: el("div.body.list", { test: "differences" }, ...rows),
    go: () => resumeParked(parked_id, { ...body, accepted_minor: details.total_minor }),
  });
}

function giveUp(row) {
  const sheet = openSheet({
    name: "give-up", title: t("parked.give_up", { ticket: row.ticket }),
    body: el("div.pad.col", {}, el("p.mut", {}, t("parked.give_up_text")), el("div.reasons", { role: "group", "aria-label": t("park.why") },
      ...GIVE_UP.map((reason) => el("button.btn.l", { test: `give-up-${reason}`, onclick: async () => {
        closeSheet(sheet);
        try {
          await post(`/api/parked/${part(row.parked_id)}/abandon`, { reason });
          toast(t("parked.given_up", { ticket: row.ticket }));
        } catch (problem) { tell(problem); }
        load();
      } }, t(`give_up.${reason}`))))),
  });
}

async function printTicket(row) {
  try {
    await once(`ticket ${row.parked_id} ${Math.floor(Date.now() / 1000)}`, (key) => post(`/api/parked/${part(row.parked_id)}/ticket`, {}, key));
    toast(t("parked.printing", { ticket: row.ticket }));
  } catch (problem) { tell(problem); }
}

const age = (row) => gatewayNow() - row.parked_at_ms;

const asks = (row) => row.reason === "payment_open"; // resumed only to say how its payment ended

function rowNode(row) {
  const late = age(row) > LATE_MS;
  const facts = [row.customer, t("pieces", { n: row.pieces }), row.by, asks(row) ? null : t(`park.reason.${row.reason}`)].filter(Boolean).join(" · ");
  return el(`li.parked${late ? ".late" : ""}`, { test: `parked-${row.ticket}` },
    el("div.min0.what", {},
      el("div.b.cut", {}, `${row.ticket} `, row.note || row.goods.join(t("list.and"))),
      el("div.sm.mut.cut", {}, facts),
      el("div.row.marks", {}, el(`span.pill${late ? ".warn" : ""}`, { data: { since: String(row.parked_at_ms) } }, icon("clock", "s"), span(age(row))),
        asks(row) ? el("span.pill.bad", {}, t("park.reason.payment_open")) : row.held ? null : el("span.pill.warn", {}, t("parked.unheld")))),
    el("div.num.b.lg", {}, row.total.text),
    el("div.row.does", {},
      el("button.btn.ghost.sq", { test: "parked-print", "aria-label": t("parked.print", { ticket: row.ticket }), onclick: () => printTicket(row) }, icon("printer")),
      asks(row) ? null : el("button.btn.ghost.sq.bad", { test: "parked-give-up", "aria-label": t("parked.give_up", { ticket: row.ticket }), onclick: () => giveUp(row) }, icon("trash")),
      el("button.btn.ink.take", { test: "parked-resume", "aria-label": t("parked.take_this", { ticket: row.ticket }), onclick: () => resumeParked(row.parked_id) }, t("parked.take"))));
}

/** The newest first; `before` goes on where a page ended. Only the newest question's answer is drawn. */
export async function load(before = "") {
  if (!list) return;
  const turn = ++asked;
  const q = list.search.value.trim();
  try {
    const page = await get(`/api/parked?q=${part(q)}&before=${before}`);
    if (turn !== asked || !list) return;
    count(page.waiting);
    if (before) list.rows.append(...page.rows.map(rowNode));
    else list.rows.replaceChildren(...page.rows.map(rowNode));
    list.found = before ? [...list.found, ...page.rows] : page.rows;
    list.none.hidden = list.found.length > 0;
    list.none.replaceChildren(el("span.halo", {}, icon("clock", "l")), el("b.b", {}, t(q ? "parked.not_found" : "parked.none")), el("p.sm.mut", {}, t(q ? "parked.not_found_do" : "parked.none_do")));
    list.more.hidden = !page.next;
    list.more.onclick = () => load(page.next);
  } catch (problem) {
    if (turn === asked) tell(problem);
  }
}

export function openParked() {
  if (list) return;
  hideToast();
  const search = el("input", { type: "search", test: "parked-search", autocomplete: "off", maxlength: "64", enterkeyhint: "go", placeholder: t("parked.search"), "aria-label": t("parked.search"),
    oninput: () => { clearTimeout(typing); typing = setTimeout(load, SEARCH_MS); },
    onkeydown: (event) => { if (event.key === "Enter" && list.found.length === 1) { event.preventDefault(); resumeParked(list.found[0].parked_id); } } });
  list = {
    search, found: [], rows: el("ul.parked-list", { test: "parked-list" }), none: el("div.empty", { hidden: true, test: "parked-none" }),
    more: el("button.btn.block", { hidden: true, test: "parked-more" }, t("parked.more")),
  };
  const ages = setInterval(() => {
    for (const node of list?.rows.querySelectorAll("[data-since]") ?? []) node.lastChild.textContent = span(gatewayNow() - Number(node.dataset.since));
  }, AGES_MS);
  list.sheet = openSheet({
    name: "parked", title: t("parked.title"), kind: "parked-sheet",
    onclose: () => { clearInterval(ages); list = null; },
    body: el("div.body.col.min0", {}, el("label.field.find", {}, icon("search"), search), list.rows, list.none, list.more),
  });
  search.focus({ preventScroll: true });
  load();
}

function closeParked() {
  if (list) closeSheet(list.sheet);
}

/** A park ticket under this till's scanner: its bag is here already, or something stands in the way. */
export function heardTicket(scan) {
  if (scan.code === "resumed") closeParked();
  else resumeParked(scan.parked_id);
}
