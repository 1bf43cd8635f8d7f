// A member's stored value: balance, what is left of each recharge, the statement; stopping, card, PIN, paying out.
import { busy, el, icon } from "./dom.js";
import { Problem, get, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { shown } from "./member_words.js";
import { address, card, empty, field, fill, head, input, pages, seg, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { clock, date, day, first, label, number, t } from "./words.js";

const REASONS = ["cooling_off", "customer", "shop"];
const PIN = /^\d{6}$/;
const CARE = "stored_value_care";

const refusal = (problem) => (problem instanceof Problem ? first([`account.why_${problem.details.why}`, `error.${problem.code}`, "error.other"], problem.details) : t("office.lost"));

export async function showAccount(page, id) {
  const member = `/api/members/${part(id)}`;
  const place = el("div.col.wide-gap");
  page.append(place);
  const again = () => fill(place, () => Promise.all([get(member), get(`${member}/stored-value`), get("/api/office/stored-value")]), (answers) => drawn(...answers, `${member}/stored-value`, again));
  await again();
}

function drawn(member, held, office, path, again) {
  const frozen = held.state === "frozen";
  const act = (test, symbol, words, does) => el("button.btn", { test, onclick: does }, icon(symbol), words);
  const change = (name) => () => stated(name, path, again);
  const figure = (key, value, more) => el("div.card.kpi", {}, el("div.k", {}, t(`account.${key}`)), el("div.v.num.cut", { test: `account-${key}` }, value), el("div.sm.mut", { test: `account-${key}-more` }, more));
  return [
    head({ title: t("account.title"), sub: shown(member, "name") || shown(member, "phone") || t("members.nameless"), back: { href: address("members", [member.member_id]), words: t("account.back") }, actions: [
      act("account-pin", "person", t("account.pin"), () => pin(path, again)), act("account-card", "card", t("account.card"), change("card_replaced")),
      frozen ? act("account-release", "undo", t("account.release"), change("released")) : act("account-freeze", "pause", t("account.freeze"), change("frozen"))] }),
    frozen ? el("div.note.bad", { test: "account-frozen" }, icon("alert"), el("div.grow", {}, el("b", {}, t("account.frozen")), el("p", {}, t("account.frozen_hint")))) : null,
    el("div.kpis.five", {}, figure("principal", held.principal.text, t("account.principal_hint")), figure("bonus", held.bonus.text, t("account.bonus_hint")), figure("cards", t(held.has_pin ? "account.has_pin" : "account.no_pin"), t("account.cards_n", { n: number(held.cards) }))),
    card(el("div.card-head", {}, el("h2", {}, t("account.lots"))), lots(held, office, again)),
    statement(held, path),
  ].filter(Boolean);
}

/** What is left of each recharge, principal and bonus; the principal's row pays it out. */
function lots(held, office, again) {
  if (!held.lots.length) return empty("wallet", t("account.no_lots"), t("account.no_lots_hint"));
  const payable = (lot) => held.lots.find((each) => each.recharge_id === lot.recharge_id) === lot;
  return table([
    { title: t("account.paid_in"), cell: (lot) => el("span.min0", {}, el("span.num.blk", {}, day(lot.day)), el("span.sm.mut.blk", {}, t(`account.lot_${lot.kind}`))) },
    { title: t("account.left"), num: true, cell: (lot) => el("span.min0", {}, el("span.b.blk", {}, lot.left.text), el("span.sm.mut.blk", {}, t("account.of", { amount: lot.amount.text }))) },
    { title: t("account.ends"), wide: true, cell: (lot) => day(lot.last_day) || t("account.never") },
    { title: "", num: true, cell: (lot) => (payable(lot) ? el("button.btn", { test: "pay-out", onclick: () => payOut(lot, office, again) }, t("account.pay_out")) : "") },
  ], held.lots, { label: t("account.lots"), test: "lots" });
}

function statement(held, path) {
  const signed = (amount) => el("span.num", {}, amount.text);
  const list = pages({
    ask: async (before) => { const page = before ? await get(`${path}?before=${part(before)}`) : held; return { rows: page.moves, next: page.next }; },
    draw: (rows) => table([
      { title: t("account.when"), cell: (move) => el("span.min0", {}, el("span.blk", {}, t(`value_kind.${move.kind}`)), el("span.sm.mut.num.blk", {}, `${date(move.at_ms)} ${clock(move.at_ms)}`)) },
      { title: t("account.principal"), num: true, cell: (move) => signed(move.principal) }, { title: t("account.bonus"), num: true, cell: (move) => signed(move.bonus) },
      { title: t("account.after"), num: true, wide: true, cell: (move) => signed(move.balance) },
    ], rows, { label: t("account.statement"), test: "statement" }),
    none: () => empty("history", t("account.no_moves"), ""),
  });
  list.again();
  return card(el("div.card-head.row", {}, el("h2", {}, t("account.statement")), el("span.end"), el("a.btn", { href: `${path}.csv`, download: "", test: "statement-csv" }, icon("download"), "CSV")), list.place);
}

/** Stops, lets go, or notes another card: each with its reason. */
async function stated(change, path, again) {
  const { because } = await import("./member_pages.js");
  because(t(`account.${change}_title`), t(`account.${change}_text`), t(`account.${change}_do`), async (reason, approval) => {
    const body = { change, reason, ...(approval ? { approval } : {}) };
    await once(`account ${path} ${change} ${reason}`, (key) => post(`${path}/state`, body, key));
    toast(t(`account.${change}_done`));
    again();
  }, CARE);
}

/** The holder types it twice, turned towards them. */
function pin(path, again) {
  const typed = (test) => input({ type: "password", inputmode: "numeric", autocomplete: "off", maxlength: "6", test });
  const [one, other] = [typed("pin-one"), typed("pin-other")];
  const wrong = el("div.bad-text", { role: "alert", test: "pin-wrong" });
  const save = el("button.btn.pri.l.block", { type: "submit", test: "pin-save" }, t("account.pin_save"));
  const send = async (event) => {
    event.preventDefault();
    if (!PIN.test(one.value) || one.value !== other.value) { wrong.textContent = t(PIN.test(one.value) ? "account.pin_differs" : "account.pin_digits"); return; }
    busy(save, true);
    try {
      const done = await approved(CARE, (approval) => once(`pin ${path} ${one.value}`, (key) => post(`${path}/pin`, { pin: one.value, ...(approval ? { approval } : {}) }, key)));
      if (done) { closeSheet(sheet, { silent: true }); toast(t("account.pin_done")); return again(); }
    } catch (problem) { wrong.textContent = refusal(problem); }
    busy(save, false);
  };
  const sheet = openSheet({ name: "pin-set", title: t("account.pin"), body: el("form.body.pad.col", { onsubmit: send }, el("p.mut", {}, t("account.pin_text")), field(t("account.pin_one"), one), field(t("account.pin_other"), other), wrong, save) });
  one.focus();
}

/** What it is worth is shown first; another amount is not paid. Somebody else approves. */
function payOut(lot, office, again) {
  const state = { reason: REASONS[0], way: office.ways[0], worth: null };
  const path = `/api/stored-value/recharges/${part(lot.recharge_id)}`;
  const place = el("div.col", { "aria-live": "polite", test: "worth" });
  const reference = input({ maxlength: "64", test: "out-reference" });
  const number_ = el("div", {}, field(t("pay.reference"), reference));
  const wrong = el("div.bad-text", { role: "alert", test: "out-wrong" });
  const go = el("button.btn.pri.l.block", { type: "submit", test: "out-go", disabled: true }, t("account.pay_out"));
  const ways = seg(t("account.ways"), office.ways.map((way) => [way.key, label(way)]), state.way.key, (key) => { state.way = office.ways.find((way) => way.key === key); number_.hidden = !state.way.reference; }, "out-by");
  const reasons = seg(t("members.reason"), REASONS.map((each) => [each, t(`account.out_${each}`)]), state.reason, (each) => { state.reason = each; look(); }, "out");
  number_.hidden = !state.way.reference;
  const line = (key, amount) => el("div.row", {}, el("span.grow", {}, t(`account.worth_${key}`)), el("span.num.b", { test: `worth-${key}` }, amount.text));

  async function look() {
    const { reason } = state;
    state.worth = null;
    go.disabled = true;
    wrong.textContent = "";
    place.replaceChildren();
    try {
      const worth = await get(`${path}/worth?reason=${reason}`);
      if (reason !== state.reason) return;
      state.worth = worth;
      place.replaceChildren(line("pays", worth.pays), worth.deducted.minor ? line("deducted", worth.deducted) : "", worth.cancelled.minor ? line("cancelled", worth.cancelled) : "");
      go.textContent = t("account.out_go", { amount: worth.pays.text });
      go.disabled = false;
    } catch (problem) { if (reason === state.reason) wrong.textContent = refusal(problem); }
  }
  const send = async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    if (state.way.reference && !reference.value.trim()) { wrong.textContent = t("account.why_tender"); return; }
    busy(go, true);
    wrong.textContent = "";
    const body = { reason: state.reason, shown_minor: state.worth.pays.minor, tender: state.way.key, reference: state.way.reference ? reference.value.trim() : "" };
    try {
      const move = await approved("stored_value_out", (approval) => once(`out ${lot.recharge_id} ${JSON.stringify(body)}`, (key) => post(`${path}/pay-out`, approval ? { ...body, approval } : body, key)), { reason: t(`account.out_${state.reason}`) });
      if (move) { closeSheet(sheet, { silent: true }); toast(t("account.out_done", { amount: move.pays.text })); return again(); }
    } catch (problem) {
      if (problem instanceof Problem && problem.details.why === "changed") await look();
      wrong.textContent = refusal(problem);
    }
    busy(go, false);
  };
  const sheet = openSheet({ name: "pay-out", title: t("account.out_title", { day: lot.day }), body: el("form.body.pad.col", { onsubmit: send }, el("div.sm.mut", {}, t("account.out_why")), reasons, place, ways, number_, wrong, go) });
  look();
}
