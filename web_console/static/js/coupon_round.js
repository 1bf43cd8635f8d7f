// One kind of coupon for many members at once: whom and how many, how far each round is, and taking one back.
import { busy, el, icon } from "./dom.js";
import { get, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { card, field, seg, select } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { clock, date, label, number, t } from "./words.js";

const { refusal } = await import("./coupon_words.js"); // a part of its own
const AGAIN_MS = 1_000;
const STAGES = ["new", "active", "at_risk", "dormant", "lost"];
const GROUPS = ["core", "growth", "win_back", "general", "other"];
const reopen = () => dispatchEvent(new HashChangeEvent("hashchange")); // what stands behind counts anew

/** For each kind of audience: [key, name, how many]. */
function audiences(tags, tiers) {
  return {
    tag: tags.book.tags.map((each) => [each.key, label(each), tags.members[each.key] ?? 0]),
    tier: tiers.program.tiers.map((each) => [each.key, label(each), tiers.members[each.key] ?? 0]),
    stage: STAGES.map((key) => [key, t(`stage.${key}`), tags.stages[key] ?? 0]),
    group: GROUPS.map((key) => [key, t(`group.${key}`), tags.groups[key] ?? 0]),
  };
}

/** Asks to whom, says how many that are, and begins. `to` is whom the page before meant: "stage.dormant". */
export async function openRound(kind, to = "") {
  const place = el("div.body.pad.col");
  const sheet = openSheet({ name: "round", title: t("coupons.round"), body: place });
  try {
    const all = audiences(...await Promise.all([get("/api/office/tags"), get("/api/office/tiers")]));
    place.replaceChildren(el("p.b", {}, label(kind.draft)), ...form(kind, all, to, () => { closeSheet(sheet, { silent: true }); reopen(); }));
  } catch (problem) { place.replaceChildren(el("p.bad-text", { role: "alert" }, refusal(problem))); }
}

function form(kind, all, to, begun) {
  const [meant, ...key] = to.split(".");
  const wanted = { audience: meant in all ? meant : Object.keys(all).find((each) => all[each].some(([, , many]) => many)) ?? "stage", key: "" };
  const which = el("div");
  const told = el("div.col.tightcol", { "aria-live": "polite", test: "round-reach" });
  const why = el("div.bad-text", { role: "alert", test: "round-why" });
  const go = el("button.btn.pri.l.block", { test: "round-go", onclick: send });
  let turn = 0;
  const say = (n, ...lines) => { go.disabled = !n; go.textContent = t("coupons.round_go", { n: number(n) }); told.replaceChildren(...lines); };

  async function look() {
    const mine = ++turn;
    why.textContent = "";
    if (!wanted.key) return say(0, el("p.mut", {}, t(`coupons.round_none_${wanted.audience}`)));
    say(0);
    try {
      const seen = await get(`/api/office/coupons/${part(kind.template_id)}/reach?${new URLSearchParams(wanted)}`);
      if (mine === turn) say(seen.people - seen.had, el("b.b", { test: "round-will" }, t("coupons.round_will", { n: number(seen.people - seen.had) })), seen.had ? el("span.sm.mut", {}, t("coupons.round_had", { n: number(seen.had) })) : "",
        seen.face.minor ? el("span.sm.mut", {}, t("coupons.round_face", { face: seen.face.text })) : "", el("span.sm.mut", {}, t("coupons.round_hint")));
    } catch (problem) { if (mine === turn) why.textContent = refusal(problem); }
  }
  function choose(audience) {
    wanted.audience = audience;
    wanted.key = (all[audience].find((each) => audience === meant && each[0] === key.join(".")) ?? all[audience].find(([, , many]) => many) ?? all[audience][0])?.[0] ?? "";
    which.replaceChildren(wanted.key ? field(t(`coupons.to_${audience}`), select(all[audience].map(([key, name, many]) => [key, t("coupons.round_some", { name, n: number(many) })]), wanted.key, { test: "round-key", onchange: (event) => { wanted.key = event.target.value; look(); } })) : "");
    look();
  }
  async function send() {
    busy(go, true);
    why.textContent = "";
    const body = { ...wanted, version: kind.version };
    try {
      const made = await approved("coupon_give", (approval) => once(`round ${kind.template_id} ${JSON.stringify(body)}`, (key) => post(`/api/office/coupons/${part(kind.template_id)}/rounds`, approval ? { ...body, approval } : body, key)));
      if (made) return begun();
    } catch (problem) { why.textContent = refusal(problem); }
    busy(go, false);
  }
  choose(wanted.audience);
  return [seg(t("coupons.round_who"), Object.keys(all).map((each) => [each, t(`coupons.to_${each}`)]), wanted.audience, choose, "round"), which, told, why, go];
}

const named = (each) => t("coupons.round_of", { kind: t(`coupons.to_${each.audience}`), name: label(each) || (["stage", "group"].includes(each.audience) ? t(`${each.audience}.${each.key}`) : each.key) });

function bar(each) {
  const part_ = Math.min(1, (each.given + each.passed) / Math.max(1, each.expected + each.passed));
  const full = el("i");
  full.style.width = `${Math.round(part_ * 100)}%`;
  return el("span.meter.blk", { role: "progressbar", "aria-label": named(each), "aria-valuemin": "0", "aria-valuemax": String(each.expected), "aria-valuenow": String(each.given) }, full);
}

function state(each) {
  if (each.state === "running") return t("coupons.round_running", { n: number(each.given), of: number(each.expected) });
  if (each.state === "withdrawn") return each.busy ? t("coupons.round_taking", { n: number(each.open) }) : t("coupons.round_withdrawn", { by: each.withdrawn_by });
  return t(each.state === "done" ? "coupons.round_done" : "coupons.round_stopped");
}

const counts = (each) => [t("coupons.round_given", { n: number(each.given) }), each.passed && t("coupons.round_passed", { n: number(each.passed) }), t("coupons.round_open", { n: number(each.open) }), t("coupons.round_used", { n: number(each.used) }), each.ended && t("coupons.round_ended", { n: number(each.ended) })].filter(Boolean).join(" · ");

const row = (each, again) => el("div.swrow.pad", { test: `round-${each.state}` }, el("span.grow.min0", {}, el("b.b.blk", {}, named(each)), el("span.sm.blk", { role: "status", test: "round-state" }, state(each)), each.state === "running" ? bar(each) : "",
  el("span.sm.mut.blk", { test: "round-counts" }, counts(each)), el("span.sm.mut.blk", {}, t("coupons.round_by", { by: each.by, at: `${date(each.begun_at_ms)} ${clock(each.begun_at_ms)}` }))),
each.state !== "withdrawn" && (each.open || each.busy) ? el("button.btn", { test: "round-back", onclick: () => takeBack(each, again) }, t("coupons.round_back")) : "");

/** Asks, then takes back what nobody has used. */
function takeBack(each, again) {
  const why = el("div.bad-text", { role: "alert", test: "round-why" });
  const sure = el("button.btn.bad.l.block", { test: "round-back-sure", onclick: async () => {
    busy(sure, true);
    try {
      await once(`round back ${each.round_id}`, (key) => post(`/api/office/coupon-rounds/${part(each.round_id)}/withdraw`, {}, key));
      closeSheet(sheet, { silent: true });
      return again();
    } catch (problem) { why.textContent = refusal(problem); }
    busy(sure, false);
  } }, t("coupons.round_back"));
  const sheet = openSheet({ name: "round-back", title: t("coupons.round_back_ask", { name: named(each) }), body: el("div.pad.col", {}, el("p", {}, t("coupons.round_back_hint", { open: number(each.open), used: number(each.used) })), why, sure) });
}

/** The rounds of a kind, and the way to a new one; looks again while one is at work, and then lets count anew. */
export function rounds(kind, to, counted) {
  const place = el("div.list", { test: "rounds" });
  const begin = el("button.btn", { test: "round-new", onclick: () => openRound(kind) }, icon("person"), t("coupons.round"));
  let worked = false;
  async function again() {
    let all;
    try { all = await get(`/api/office/coupons/${part(kind.template_id)}/rounds`); } catch (problem) { return place.replaceChildren(el("p.pad.sm.bad-text", { role: "alert" }, refusal(problem))); }
    place.replaceChildren(...(all.length ? all.map((each) => row(each, again)) : [el("p.pad.sm.mut", {}, t("coupons.rounds_none"))]));
    const works = all.some((each) => each.busy);
    if (works) setTimeout(() => { if (place.isConnected) again(); }, AGAIN_MS);
    else if (worked) counted();
    worked = works;
  }
  again();
  if (to && kind.issued) openRound(kind, to);
  return card(el("div.card-head.row", {}, el("h2", {}, t("coupons.rounds")), el("span.end"), kind.issued ? begin : ""), place);
}
