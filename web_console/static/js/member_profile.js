// One member: what is known, masked; what they agreed to; who they were made one with; showing, copying, erasing.
import { el, icon } from "./dom.js";
import { get, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { editMember } from "./member_form.js";
import { refusal, shown, worded } from "./member_words.js";
import { address, card, field, fill, go, head, input, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { clock, date, number, t } from "./words.js";

const SHOWN_MS = 30_000; // then what was shown is hidden again
const moment = (ms) => `${date(ms)} ${clock(ms)}`;

export async function showProfile(page, id) {
  const place = el("div.col.wide-gap");
  const path = `/api/members/${part(id)}`;
  const again = () => fill(place, async () => {
    const { around } = await import("./member_around.js");
    return Promise.all([get(path), get(`${path}/consents`), get(`${path}/like`), around(path, () => again())]);
  }, (answers) => drawn(...answers, path, again));
  page.append(place);
  await again();
}

function drawn(member, consents, like, around, path, again) {
  const name = shown(member, "name") || t("members.nameless");
  const act = (test, symbol, words, does) => el("button.btn", { test, "aria-label": words, onclick: does }, icon(symbol), el("span.p-hide", {}, words));
  const flags = [member.minor ? el("span.pill.warn", {}, t("members.minor")) : null, member.blocked ? el("span.pill.bad", {}, t("members.blocked")) : null];
  return [
    head({ title: name, sub: el("span.row.wrap.tightgap", {}, ...[...flags, ...around.marks].filter(Boolean), t("members.since", { time: date(member.created_at_ms) })), back: { href: address("members"), words: t("office.members") }, actions: [
      act("member-copy", "download", t("members.copy"), () => copy(member, path)), act("member-erase", "trash", t("members.erase"), () => erase(member, path)),
      el("button.btn.pri", { test: "member-edit", onclick: () => editMember(member, again) }, icon("edit"), t("members.edit"))] }),
    around.figures,
    el("div.main-side", {}, el("div.col.wide-gap", {}, ...around.main), el("div.col.wide-gap", {}, ...[
      suspects(member, like),
      card(el("div.card-head.row", {}, el("h2", {}, t("members.known")), el("span.end"), member.fields.some((each) => each.masked) ? el("button.btn", { test: "member-unmask", onclick: () => unmask(member, path) }, t("members.unmask")) : null), known(member)),
      ...around.side,
      agreed(consents),
      like.merges.length ? card(el("div.card-head", {}, el("h2", {}, t("members.merges"))), el("div.list", {}, ...like.merges.map((each) => merged(each, again)))) : null,
    ].filter(Boolean))),
  ];
}

/** Each thing, what it is, and how sure that is. */
const known = (member) => table([
  { title: t("members.what"), cell: (each) => el("span.time", {}, t(`members.field.${each.field}`)) },
  { title: t("members.value"), cell: (each) => el("span.min0", {}, el("span.num.blk.said", { test: `field-${each.field}` }, worded(each)), el("span.sm.mut.blk", {}, [t(each.verified ? "members.shown_by_them" : "members.said"), date(each.at_ms)].join(" · "))) },
], member.fields, { label: t("members.known"), test: "member-fields" });

function agreed({ standing, log }) {
  const last = (purpose) => log.findLast((each) => each.purpose === purpose);
  const row = ([purpose, yes]) => el("div.swrow", { test: `consent-${purpose}` }, el("span.grow.min0", {}, el("span.b.cut.blk", {}, t(`members.purpose.${purpose}`)),
    el("span.sm.mut.cut.blk", {}, [moment(last(purpose).at_ms), t(`members.evidence.${last(purpose).evidence}`), last(purpose).operator].join(" · "))), el(`span.pill${yes ? ".ok" : ""}`, {}, t(yes ? "members.yes" : "members.no")));
  return card(el("div.card-head", {}, el("h2", {}, t("members.consents"))), Object.keys(standing).length ? el("div.list", {}, ...Object.entries(standing).map(row)) : el("div.swrow.mut.sm", {}, t("members.no_consents")));
}

function suspects(member, like) {
  if (!like.suspects.length) return null;
  return card(el("div.card-head", {}, el("h2", {}, t("members.pairs"))), el("div.list", {}, ...like.suspects.map((each) => el("a.swrow.go", { test: "member-suspect", href: address("members", ["review"], { one: member.member_id, other: each.member.member_id }) },
    el("span.grow.min0", {}, el("span.b.cut.blk", {}, shown(each.member, "name") || t("members.nameless")), el("span.sm.mut.num.cut.blk", {}, shown(each.member, "phone"))), el("span.sm.mut", {}, t(`members.like_${each.likeness}`))))));
}

function merged(each, again) {
  const part_ = () => because(t("members.part"), t("members.part_text"), t("members.part"), async (reason, approval) => {
    const body = { absorbed: each.absorbed, survivor: each.survivor, reason, ...(approval ? { approval } : {}) };
    await once(`part ${JSON.stringify(body)}`, (key) => post("/api/member-merges/part", body, key));
    toast(t("members.parted"));
    again();
  }, "member_merge");
  return el("div.swrow", { test: "member-merge" }, el("span.grow", {}, t("members.merged_at", { time: moment(each.at_ms) })), el("button.btn", { test: "member-part", onclick: part_ }, t("members.part")));
}

/** Asks for a reason, then does it; somebody else may have to approve. */
export function because(title, text, words, does, right) {
  const reason = input({ maxlength: "200", test: "reason" });
  const wrong = el("div.bad-text", { role: "alert", test: "because-wrong" });
  const ok = el("button.btn.pri.l.block", { type: "submit", test: "because-ok" }, words);
  const send = async (event) => {
    event.preventDefault();
    if (!reason.value.trim()) { wrong.textContent = t("members.reason_first"); return; }
    ok.disabled = true;
    try {
      if ((await approved(right, async (approval) => { await does(reason.value.trim(), approval); return true; }, { reason: reason.value.trim() })) !== null) closeSheet(sheet, { silent: true });
    } catch (problem) {
      wrong.textContent = refusal(problem);
    }
    ok.disabled = false;
  };
  const sheet = openSheet({ name: "because", title, body: el("form.body.pad.col", { onsubmit: send }, text ? el("p.mut", {}, text) : null, field(t("members.reason"), reason, t("members.reason_hint")), wrong, ok) });
  reason.focus();
}

/** In place, and hidden again soon. */
function unmask(member, path) {
  const fields = member.fields.filter((each) => each.masked).map((each) => each.field);
  because(t("members.unmask"), t("members.unmask_text"), t("members.unmask"), async (reason, approval) => {
    const body = { fields, reason, ...(approval ? { approval } : {}) };
    const answer = await once(`unmask ${path} ${JSON.stringify(body)}`, (key) => post(`${path}/unmask`, body, key));
    for (const [name, text] of Object.entries(answer.fields)) {
      const cell = document.querySelector(`[data-test="field-${name}"]`);
      if (!cell) continue;
      const before = cell.textContent;
      cell.textContent = text;
      setTimeout(() => { cell.textContent = before; }, SHOWN_MS);
    }
  }, "member_unmask");
}

/** All that is known, as a file for the member. */
function copy(member, path) {
  because(t("members.copy"), t("members.copy_text"), t("members.copy"), async (reason, approval) => {
    const body = { reason, ...(approval ? { approval } : {}) };
    const answer = await once(`copy ${path} ${JSON.stringify(body)}`, (key) => post(`${path}/export`, body, key));
    const file = URL.createObjectURL(new Blob([JSON.stringify(answer.member, null, 2)], { type: "application/json" }));
    el("a", { href: file, download: `member-${member.member_id}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(file));
  }, "member_export");
}

async function erase(member, path) {
  const body = el("div.body.pad.col");
  const sheet = openSheet({ name: "erase", title: t("members.erase"), body });
  const wrong = el("div.bad-text", { role: "alert", test: "erase-wrong" });
  const sure = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      const done = await approved("member_erase", async (approval) => { await once(`erase ${path}`, (key) => post(`${path}/erasure`, approval ? { approval } : {}, key)); return true; });
      if (done !== null) {
        closeSheet(sheet, { silent: true });
        toast(t("members.erased"));
        go("members");
      }
    } catch (problem) {
      wrong.textContent = refusal(problem);
    }
    button.disabled = false;
  };
  await fill(body, () => get(`${path}/erasure`), (preview) => [
    el("p", {}, t("members.erase_goes", { fields: preview.fields.map((each) => t(`members.field.${each}`)).join(t("list.and")) })),
    el("p.mut", {}, t("members.erase_stays", { sales: preview.sales, consents: preview.consents })), preview.points > 0 ? el("p.mut", { test: "erase-points" }, t("members.erase_points", { n: number(preview.points) })) : null, el("p.mut", {}, t("members.erase_for_good")),
    preview.balance.minor ? el("p.bad-text", { test: "erase-balance" }, t("members.erase_balance", { amount: preview.balance.text })) : null, wrong,
    preview.balance.minor ? null : el("button.btn.bad.l.block", { test: "erase-sure", onclick: sure }, t("members.erase"))]);
}
