// All around one member: stage, tags, tier and its path, points with why, what they bought and like, what was noted.
import { busy, el, icon } from "./dom.js";
import { get, once, part, post, put, del } from "./api.js";
import { approved } from "./approve.js";
import { garment } from "./garments.js";
import { refusal } from "./member_words.js";
import { card, empty, field, input, pages, seg, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { clock, date, day, has, label, lang, number, t } from "./words.js";

const words = await import("./rule_words.js"); // a part of its own
const REASONS = ["told", "seen", "asked"];
const TEXT_MAX = "500";
const FEW = 5; // rows of a list, until somebody asks for all
const POINTS_MOST = 1_000_000;
const named = (held, what) => held[`${what}_${lang}`];
const titled = (words_, ...more) => el("div.card-head.row", {}, el("h2", {}, words_), ...(more.length ? [el("span.end"), ...more] : []));
const none = (text) => el("div.swrow.mut.sm", {}, text);

/** All this, asked for together: what they are in a word, the figures, and the cards of both columns. */
export async function around(path, again) {
  const [held, tags, tier, points, coupons, stored, bought, form, ladder] = await Promise.all([get(`${path}/around?lang=${lang}`), get(`${path}/tags`), get(`${path}/tier`), get(`${path}/points?lang=${lang}`),
    get(`${path}/coupons`), get(`${path}/stored-value`), get(`${path}/purchases`), get(`/api/office/loyalty-form?lang=${lang}`), get("/api/office/tiers")]);
  return {
    marks: marks(tags.life), figures: figures(tags.life, tier, points, stored),
    main: [statement(points, path, again), wallet(coupons, path, again), value(stored), purchases(bought), visits(held)],
    side: [tagged(tags, form, path, again), standing(tier, held.path, form, ladder.program, path, again), noted(held, path, again), likes(held), referred(held)],
  };
}

/** The first few of a long list, and all of it on request. */
function some(all, draw) {
  const place = el("div");
  const show = (n) => place.replaceChildren(draw(all.slice(0, n)), n < all.length ? rest(all.length, () => show(all.length)) : "");
  show(FEW);
  return place;
}

const rest = (n, does) => el("div.card-end", {}, el("button.btn.block", { test: "all", onclick: does }, t("around.all", { n: number(n) })));

const marks = (life) => [el("span.pill", { test: "around-stage" }, t(`stage.${life.stage}`)), life.last_day && life.group !== "other" ? el("span.pill", {}, t(`group.${life.group}`)) : null];

const came = (life) => (life.days_away ? t("around.away", { days: number(life.days_away) }) : t("around.today"));

/** Their points that end first, where any do. */
function ending(points) {
  const [first] = points.lots.filter((lot) => lot.state === "active" && lot.last_day).sort((one, other) => (one.last_day < other.last_day ? -1 : 1));
  if (!first) return "";
  return first.points === points.balance ? t("around.until", { day: first.last_day }) : t("around.ending", { n: number(first.points), day: first.last_day });
}

function figures(life, tier, points, stored) {
  const inside = (key, value, more, test) => [el("div.k", {}, t(`around.${key}`)), el("div.v.num.cut", { test }, value), el("div.sm.mut", {}, more)];
  const one = (...said) => el("div.card.kpi.min0", {}, ...inside(...said));
  return el("div.kpis", {},
    one("tier", named(tier, "tier") || t("around.no_tier"), tier.until ? t("around.until", { day: tier.until }) : "", "around-tier"),
    one("points", number(points.balance), points.pending ? t("member.pending", { n: number(points.pending) }) : ending(points), "around-points"),
    el("a.card.kpi.min0.go", { href: account(stored), test: "account-figure" }, ...inside("stored", stored.principal.text, stored.state === "frozen" ? el("span.bad-text", {}, t("account.frozen")) : stored.bonus.minor ? t("around.bonus_part", { amount: stored.bonus.text }) : "", "around-stored")),
    one("spend", life.spend.text, life.last_day ? [t("around.orders", { n: number(life.orders) }), came(life)].join(" · ") : "", "around-spend"));
}

const account = (stored) => `#/members/${part(stored.member_id)}/account`;

/** What they are called and why; put on or off by hand with a reason, or left to the rule again. */
function tagged({ tags }, form, path, again) {
  const on = tags.filter((each) => each.on);
  const row = (worn) => el("button.swrow.go", { test: `worn-${worn.key}`, onclick: () => ask(worn, path, again) }, el("span.grow.min0", {}, el("span.b.cut.blk", {}, label(worn)), el("span.sm.mut.blk", { test: `why-${worn.key}` }, words.because(form, worn))), el(`span.pill${worn.by_hand ? "" : ".ok"}`, {}, t(worn.by_hand ? "tags.hand" : "tags.self")));
  const add = () => {
    const sheet = openSheet({ name: "tags", title: t("around.tag_add"), body: el("div.body.list", {}, ...tags.filter((each) => !each.on).map((worn) => el("button.swrow.go", { test: `put-${worn.key}`, onclick: () => { closeSheet(sheet, { silent: true }); ask(worn, path, again); } }, el("span.grow", {}, label(worn)), worn.by_hand ? el("span.sm.mut", {}, t("around.kept_off")) : ""))) });
  };
  return card(titled(t("loyalty.tags"), tags.length > on.length ? el("button.btn", { test: "tag-add", onclick: add }, icon("plus"), t("around.tag_add")) : ""), on.length ? some(on, (few) => el("div.list", { test: "worn" }, ...few.map(row))) : none(t("around.no_tags")));
}

function ask(worn, path, again) {
  const url = `${path}/tags/${part(worn.key)}`;
  const does = async (event, send) => {
    busy(event.currentTarget, true);
    try {
      await send();
      closeSheet(sheet, { silent: true });
      again();
    } catch (problem) { toast(refusal(problem)); }
  };
  const reasons = worn.on ? ["wrong", "asked"] : REASONS;
  const sheet = openSheet({ name: "tag", title: t(worn.on ? "around.tag_off" : "around.tag_on", { name: label(worn) }), body: el("div.body.pad.col", {}, el("p.mut.sm", {}, t("around.tag_why")),
    ...reasons.map((reason) => el("button.btn.l.block", { test: `reason-${reason}`, onclick: (event) => does(event, () => put(url, { on: !worn.on, reason })) }, t(`tags.reason_${reason}`))),
    worn.by_hand ? el("button.btn.l.block", { test: "tag-lift", onclick: (event) => does(event, () => del(url)) }, t("around.tag_lift")) : null) });
}

/** Where they stand and what for, what is missing to the next, and how they came there. */
function standing(tier, path, form, program, me, again) {
  const asks = program.tiers.find((each) => each.key === tier.tier);
  const lacks = (list) => list.map((each) => t(`lack.${each.metric}`, { n: each.missing })).join(t("list.and"));
  const step = (each) => el("div.swrow", { test: "step" }, el("span.grow.min0", {}, el("span.b.blk", {}, each.reason === "renewed" ? t("around.step_kept", { tier: named(each, "tier") }) : t("around.step", { before: named(each, "before") || t("around.no_tier"), tier: named(each, "tier") || t("around.no_tier") })),
    el("span.sm.mut.blk", {}, [t(`around.step_${each.reason}`), each.gifted ? t("around.gifted") : ""].filter(Boolean).join(" · "))), el("span.num.sm.mut.time", {}, day(each.since)));
  return card(titled(t("around.path"), form.tiers.length ? el("button.btn", { test: "grant", onclick: () => grant(form, me, again) }, icon("plus"), t("around.grant")) : ""), tier.to_stay.length ? el("div.pad", {}, el("div.note.warn", { test: "stay" }, icon("alert"), el("div", {}, t("member.to_stay", { day: tier.until, tier: named(tier, "tier"), what: lacks(tier.to_stay) })))) : null,
    asks ? el("p.pad", { test: "asks" }, t("around.asks", { tier: label(asks), rule: words.said(form, asks.rule) })) : null,
    named(tier, "next") ? el("p.pad", { test: "next" }, t("member.to_next", { tier: named(tier, "next"), what: lacks(tier.to_next) })) : null, path.length ? some(path, (few) => el("div.list", {}, ...few.map(step))) : none(t("around.no_path")));
}

/** A tier by hand: which, until when, and why, in words that may stand in the journal. */
function grant(form, me, again) {
  const year = new Date(`${form.today}T12:00:00Z`);
  year.setUTCFullYear(year.getUTCFullYear() + 1);
  const until = input({ type: "date", min: form.today, value: year.toISOString().slice(0, 10), test: "grant-until" });
  let chosen = form.tiers.at(-1).key;
  const chips = el("div.chips", { role: "group", "aria-label": t("loyalty.tiers") });
  const draw = () => chips.replaceChildren(...form.tiers.map((each) => el("button.btn", { test: `grant-${each.key}`, "aria-pressed": String(each.key === chosen), onclick: () => { chosen = each.key; draw(); } }, label(each))));
  async function send(event, reason) {
    const body = { tier: chosen, until: until.value, reason };
    const button = event.currentTarget;
    busy(button, true);
    try {
      await once(`grant ${me} ${JSON.stringify(body)}`, (options) => post(`${me.replace("/api/", "/api/office/")}/tier`, body, options));
      closeSheet(sheet, { silent: true });
      again();
    } catch (problem) {
      busy(button, false);
      toast(has(`around.grant_${problem.details?.why}`) ? t(`around.grant_${problem.details.why}`) : refusal(problem));
    }
  }
  const sheet = openSheet({ name: "grant", title: t("around.grant"), body: el("div.body.pad.col", {}, chips, field(t("around.grant_until_day"), until), el("p.mut.sm", {}, t("around.grant_why")),
    ...["goodwill", "elsewhere", "partner"].map((reason) => el("button.btn.l.block", { test: `grant-for-${reason}`, onclick: (event) => send(event, reason) }, t(`around.grant_${reason}`)))) });
  draw();
}

function likes({ likes: held }) {
  if (!held) return card(titled(t("around.likes")), none(t("around.no_profiling")));
  const told = { hours: (each) => t("around.hour", { from: each.label, to: Number(each.label) + 3 }), weekdays: (each) => t("around.weekday", { day: t(`weekday.${each.label}`) }) };
  const rows = Object.entries(held).filter(([, all]) => all.length);
  const bar = (kind) => (each) => { const long = el("i"); long.style.width = `${each.share_bp / 100}%`; return el("div.bar-row", {}, el("div.row.sm", {}, el("span.cut.grow", {}, (told[kind] ?? ((one) => one.label))(each)), el("span.num", {}, words.percent(Math.round(each.share_bp / 100) * 100))), el("div.meter", {}, long)); };
  return card(titled(t("around.likes")), rows.length ? el("div.pad.col", { test: "likes" }, ...rows.map(([kind, all]) => el("div.col.tightcol", {}, el("h3", {}, t(`around.likes_${kind}`)), ...all.slice(0, 3).map(bar(kind))))) : none(t("member.bought_none")));
}

function statement(points, path, again) {
  const draw = (rows) => el("div.list", { test: "statement" }, ...rows.map((row) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.blk", { test: "why" }, row.why), el("span.sm.mut.blk", {}, [date(row.at_ms), row.pending ? t("around.pending") : t("around.balance", { n: number(row.balance) }), row.last_day && row.points > 0 ? t("around.until", { day: row.last_day }) : ""].filter(Boolean).join(" · "))),
    el(`span.num.b${row.points > 0 ? ".save" : ""}`, {}, `${row.points > 0 ? "+" : ""}${number(row.points)}`))));
  const whole = () => {
    const list = pages({ ask: async (before) => { const page = before ? await get(`${path}/points?lang=${lang}&before=${before}`) : points; return { rows: page.rows, next: page.next || "" }; }, draw, none: () => none(t("around.no_points")) });
    place.replaceChildren(list.place);
    list.again();
  };
  const place = el("div", {}, points.rows.length ? draw(points.rows.slice(0, FEW)) : none(t("around.no_points")), points.rows.length > FEW ? el("div.card-end", {}, el("button.btn.block", { test: "statement-all", onclick: whole }, t("around.older"))) : "");
  return card(titled(t("around.statement"), el("button.btn", { test: "points-adjust", onclick: () => adjust(points, path, again) }, icon("edit"), t("around.adjust"))), place);
}

/** Points given or taken by hand; its reason stands in the statement. */
function adjust(points, path, again) {
  let sign = 1;
  const count = input({ inputmode: "numeric", maxlength: "7", test: "adjust-points" });
  const asked = field(t("around.adjust_points"), count, t("around.adjust_now", { n: number(points.balance) }));
  async function send(event, reason) {
    const n = /^\d+$/.test(count.value.trim()) ? Number(count.value) : 0;
    asked.wrong(n < 1 || n > POINTS_MOST ? t("form.wrong") : "");
    if (n < 1 || n > POINTS_MOST) return count.focus();
    const button = event.currentTarget;
    const body = { points: sign * n, reason, lang };
    busy(button, true);
    try {
      const done = await approved("points_adjust", (approval) => once(`points ${path} ${JSON.stringify(body)}`, (key) => post(`${path}/points`, approval ? { ...body, approval } : body, key)), { reason: t(`around.adjust_${reason}`) });
      if (done) { closeSheet(sheet, { silent: true }); toast(t("around.adjusted", { n: number(done.balance) })); return again(); }
    } catch (problem) { asked.wrong(refusal(problem)); }
    busy(button, false);
  }
  const sheet = openSheet({ name: "adjust", title: t("around.adjust"), body: el("div.body.pad.col", {}, seg(t("around.adjust"), [["give", t("around.adjust_give")], ["take", t("around.adjust_take")]], "give", (way) => { sign = way === "give" ? 1 : -1; }, "adjust"), asked,
    el("p.mut.sm", {}, t("around.adjust_why")), ...["goodwill", "correction", "event"].map((reason) => el("button.btn.l.block", { test: `adjust-for-${reason}`, onclick: (event) => send(event, reason) }, t(`around.adjust_${reason}`)))) });
  count.focus();
}

const purchases = ({ purchases: all }) => card(titled(t("member.bought")), all.length ? some(all, (few) => el("div.list", { test: "purchases" }, ...few.map((each) => el("div.swrow", {}, el("span.th", {}, garment(each.garment, each.swatch)),
  el("span.grow.min0", {}, el("span.cut.blk", {}, each.name), el("span.sm.mut.cut.blk", {}, [each.variant, each.pieces > 1 ? `× ${each.pieces}` : "", date(each.at_ms)].filter(Boolean).join(" · "))), el("span.num", {}, each.amount.text))))) : none(t("member.bought_none")));

const visits = (held) => card(titled(t("around.visits_all"), held.visits_all ? el("span.sm.mut", {}, t("around.visit_days", { n: number(held.visits_all) })) : ""), held.visits.length ? some(held.visits, (few) => table([
  { title: t("around.day"), cell: (each) => el("span.num", {}, day(each.day)) }, { title: t("around.order_count"), num: true, cell: (each) => number(each.orders) },
  { title: t("around.pieces"), num: true, cell: (each) => number(each.pieces) }, { title: t("around.spent"), num: true, cell: (each) => each.spend.text },
], few, { label: t("around.visits_all"), test: "visits" })) : none(t("member.bought_none")), held.check_in_day ? el("p.pad.sm.mut", { test: "check-in" }, t("around.check_in", { day: held.check_in_day, n: held.check_in_streak })) : null);

function noted({ notes }, path, again) {
  const row = (each) => el("button.swrow.go", { test: "note", onclick: () => write(path, again, each) }, el("span.grow.min0", {}, el("span.blk.said", {}, each.text), el("span.sm.mut.blk", {}, [day(each.day), each.operator, each.corrected_by ? t("around.note_corrected", { name: each.corrected_by, day: date(each.corrected_ms) }) : ""].filter(Boolean).join(" · "))), el("span.pill", {}, t(`around.kind_${each.kind}`)));
  return card(titled(t("around.notes"), el("button.btn", { test: "note-add", onclick: () => write(path, again) }, icon("plus"), t("around.note_add"))), notes.length ? some(notes, (few) => el("div.list", { test: "notes" }, ...few.map(row))) : none(t("around.no_notes")));
}

/** A new note, or one that is put right or taken away. */
function write(path, again, note) {
  const body = { kind: "feedback" };
  const text = el("textarea.inp", { maxlength: TEXT_MAX, rows: "3", test: "note-text" });
  text.value = note?.text ?? "";
  const on = input({ type: "date", value: note?.day ?? "", test: "note-day" });
  const url = note ? `${path}/notes/${part(note.note_id)}` : `${path}/notes`;
  const sent = async (button, send) => {
    busy(button, true);
    try {
      await send();
      closeSheet(sheet, { silent: true });
      again();
    } catch (problem) { wrong.textContent = refusal(problem); }
    busy(button, false);
  };
  const wrong = el("div.bad-text", { role: "alert" });
  const save = el("button.btn.pri.l.block", { type: "submit", test: "note-save" }, t("members.save"));
  const send = async (event) => {
    event.preventDefault();
    const said = { ...(note ? {} : body), day: on.value, text: text.value.trim() };
    if (!said.text) { wrong.textContent = t("around.note_first"); return; }
    sent(save, () => once(`note ${url} ${JSON.stringify(said)}`, (key) => (note ? put : post)(url, said, key)));
  };
  const sure = t("around.note_sure");
  const gone = note ? el("button.btn.l.block.bad", { type: "button", test: "note-remove", onclick: () => (gone.textContent === sure ? sent(gone, () => once(`no note ${url}`, (key) => del(url, key))) : gone.replaceChildren(sure)) }, t("around.note_remove")) : "";
  const sheet = openSheet({ name: "note", title: t(note ? "around.note_correct" : "around.note_add"), body: el("form.body.pad.col", { onsubmit: send }, note ? "" : seg(t("around.notes"), ["feedback", "event"].map((kind) => [kind, t(`around.kind_${kind}`)]), body.kind, (kind) => { body.kind = kind; }, "note"),
    field(t("around.note_text"), text, t("around.note_hint")), field(t("around.note_day"), on), wrong, save, gone) });
  text.focus();
}

const takeAway = (coupon, again) => async () => (await import("./coupon_give.js")).openCancel(coupon, again);

/** Which kind they get; the rest is that kind's own sheet. */
async function give(path) {
  const [member, kinds] = await Promise.all([get(path), get("/api/office/coupons")]);
  const issued = kinds.filter((kind) => kind.issued);
  const sheet = openSheet({ name: "kinds", title: t("around.give"), body: el("div.body.list", {}, ...issued.map((kind) => el("button.swrow.go", { test: `kind-${kind.template_id}`, onclick: async () => { closeSheet(sheet, { silent: true }); (await import("./coupon_give.js")).openGive(kind, member); } }, el("span.grow", {}, label(kind.draft)), icon("plus"))),
    issued.length ? "" : empty("qr", t("coupons.none"), "", el("a.btn", { href: "#/coupons/new" }, icon("plus"), t("coupons.new")))) });
}

function wallet(coupons, path, again) {
  const usable = coupons.filter((each) => each.state === "issued");
  const row = (each) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.cut.blk", {}, label(each)), el("span.sm.mut.blk", {}, each.last_day ? t("around.until", { day: each.last_day }) : "")), el(`span.pill${each.state === "issued" ? ".ok" : ""}`, {}, t(`coupon_state.${each.state}`)),
    each.state === "issued" ? el("button.btn", { test: `cancel-${each.coupon_id}`, onclick: takeAway(each, again) }, t("coupons.cancel")) : null);
  return card(titled(t("member.coupons"), coupons.length ? el("span.sm.mut", {}, t("around.usable", { n: number(usable.length) })) : "", el("button.btn", { test: "coupon-give", onclick: async (event) => { const button = event.currentTarget; busy(button, true); try { await give(path); } catch (problem) { toast(refusal(problem)); } busy(button, false); } }, icon("plus"), t("around.give"))),
    coupons.length ? some([...usable, ...coupons.filter((each) => each.state !== "issued")], (few) => el("div.list", { test: "wallet" }, ...few.map(row))) : none(t("around.no_coupons")));
}

/** The newest moves; the account has them all. */
const value = (stored) => card(titled(t("member.stored"), el("a.btn", { href: account(stored), test: "account-open" }, icon("wallet"), t("account.open"))), stored.moves.length ? el("div.list", { test: "value" }, ...stored.moves.slice(0, FEW).map((each) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.blk", {}, t(`value_kind.${each.kind}`)), el("span.sm.mut.blk", {}, [`${date(each.at_ms)} ${clock(each.at_ms)}`, each.bonus.minor ? t("around.bonus_part", { amount: each.bonus.text }) : ""].filter(Boolean).join(" · "))), el("span.num", {}, each.principal.text)))) : none(t("around.no_value")));

const referred = (held) => card(titled(t("around.referrals")), el("p.pad", { test: "referrals" }, t("around.brought", { n: held.brought, waiting: held.brought_waiting }), held.came_by ? el("a.btn.block", { href: `#/members/${part(held.came_by)}`, test: "came-by" }, t("around.came_by")) : ""));
