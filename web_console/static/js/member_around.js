// All around one member: stage, tags, tier and its path, points with why, what they bought and like, what was noted.
import { busy, el, icon } from "./dom.js";
import { get, once, part, post, put, del } from "./api.js";
import { garment } from "./garments.js";
import { refusal } from "./member_words.js";
import { card, field, input, pages, seg, table } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { clock, date, has, label, lang, number, t } from "./words.js";

const words = await import("./rule_words.js"); // a part of its own
const REASONS = ["told", "seen", "asked"];
const TEXT_MAX = "500";
const BOUGHT_MAX = 8;
const named = (held, what) => held[`${what}_${lang}`];
const titled = (words_, ...more) => el("div.card-head.row", {}, el("h2", {}, words_), ...(more.length ? [el("span.end"), ...more] : []));
const none = (text) => el("div.swrow.mut.sm", {}, text);

/** The cards of all this, asked for together. */
export async function around(path, again) {
  const [held, tags, tier, points, coupons, stored, bought, form] = await Promise.all([get(`${path}/around?lang=${lang}`), get(`${path}/tags`), get(`${path}/tier`), get(`${path}/points?lang=${lang}`),
    get(`${path}/coupons`), get(`${path}/stored-value`), get(`${path}/purchases`), get(`/api/office/loyalty-form?lang=${lang}`)]);
  return [figures(tags.life, tier, points, coupons, held), tagged(tags, form, path, again), standing(tier, held.path, form, path, again), likes(held),
    statement(points, path), purchases(bought), visits(held), noted(held, path, again), wallet(coupons, again), value(stored), referred(held)];
}

function figures(life, tier, points, coupons, held) {
  const one = (key, value, more, test) => el("div.card.kpi.min0", {}, el("div.k", {}, t(`around.${key}`)), el("div.v.num.cut", { test }, value), el("div.sm.mut", {}, more));
  const usable = coupons.filter((each) => each.state === "issued").length;
  return el("div.kpis", {},
    one("stage", t(`stage.${life.stage}`), life.last_day ? t("around.away", { days: number(life.days_away), group: t(`group.${life.group}`) }) : "", "around-stage"),
    one("tier", named(tier, "tier") || t("around.no_tier"), tier.until ? t("around.until", { day: tier.until }) : "", "around-tier"),
    one("points", number(points.balance), [points.pending ? t("member.pending", { n: number(points.pending) }) : "", t("around.usable", { n: usable })].filter(Boolean).join(" · "), "around-points"),
    one("spend", life.spend.text, t("around.orders", { n: number(life.orders), days: number(held.visits_all) }), "around-spend"));
}

/** What they are called and why; put on or off by hand with a reason, or left to the rule again. */
function tagged({ tags }, form, path, again) {
  const on = tags.filter((each) => each.on);
  const row = (worn) => el("button.swrow.go", { test: `worn-${worn.key}`, onclick: () => ask(worn, path, again) }, el("span.grow.min0", {}, el("span.b.cut.blk", {}, label(worn)), el("span.sm.mut.blk", { test: `why-${worn.key}` }, words.because(form, worn))), el(`span.pill${worn.by_hand ? "" : ".ok"}`, {}, t(worn.by_hand ? "tags.hand" : "tags.self")));
  const add = () => {
    const sheet = openSheet({ name: "tags", title: t("around.tag_add"), body: el("div.body.list", {}, ...tags.filter((each) => !each.on).map((worn) => el("button.swrow.go", { test: `put-${worn.key}`, onclick: () => { closeSheet(sheet, { silent: true }); ask(worn, path, again); } }, el("span.grow", {}, label(worn)), worn.by_hand ? el("span.sm.mut", {}, t("around.kept_off")) : ""))) });
  };
  return card(titled(t("loyalty.tags"), tags.length > on.length ? el("button.btn", { test: "tag-add", onclick: add }, icon("plus"), t("around.tag_add")) : ""), on.length ? el("div.list", { test: "worn" }, ...on.map(row)) : none(t("around.no_tags")));
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

function standing(tier, path, form, me, again) {
  const lacks = (list) => list.map((each) => t(`lack.${each.metric}`, { n: each.missing })).join(t("list.and"));
  const step = (each) => el("div.swrow", { test: "step" }, el("span.grow.min0", {}, el("span.b.blk", {}, each.reason === "renewed" ? t("around.step_kept", { tier: named(each, "tier") }) : t("around.step", { before: named(each, "before") || t("around.no_tier"), tier: named(each, "tier") || t("around.no_tier") })),
    el("span.sm.mut.blk", {}, [t(`around.step_${each.reason}`), each.gifted ? t("around.gifted") : ""].filter(Boolean).join(" · "))), el("span.num.sm.mut", {}, each.since));
  return card(titled(t("around.path"), form.tiers.length ? el("button.btn", { test: "grant", onclick: () => grant(form, me, again) }, icon("plus"), t("around.grant")) : ""), tier.to_stay.length ? el("div.pad", {}, el("div.note.warn", { test: "stay" }, icon("alert"), el("div", {}, t("member.to_stay", { day: tier.until, tier: named(tier, "tier"), what: lacks(tier.to_stay) })))) : null,
    named(tier, "next") ? el("p.pad", { test: "next" }, t("member.to_next", { tier: named(tier, "next"), what: lacks(tier.to_next) })) : null, path.length ? el("div.list", {}, ...path.map(step)) : none(t("around.no_path")));
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
  return card(titled(t("around.likes")), rows.length ? el("div.pad.two", { test: "likes" }, ...rows.map(([kind, all]) => el("div.col.tightcol", {}, el("h3", {}, t(`around.likes_${kind}`)), ...all.slice(0, 3).map(bar(kind))))) : none(t("member.bought_none")));
}

function statement(points, path) {
  const place = pages({
    ask: async (before) => { const page = before ? await get(`${path}/points?lang=${lang}&before=${before}`) : points; return { rows: page.rows, next: page.next || "" }; },
    draw: (rows) => el("div.list", { test: "statement" }, ...rows.map((row) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.blk", { test: "why" }, row.why), el("span.sm.mut.blk", {}, [date(row.at_ms), row.pending ? t("around.pending") : t("around.balance", { n: number(row.balance) }), row.last_day && row.points > 0 ? t("around.until", { day: row.last_day }) : ""].filter(Boolean).join(" · "))),
      el(`span.num.b${row.points > 0 ? ".save" : ""}`, {}, `${row.points > 0 ? "+" : ""}${number(row.points)}`)))),
    none: () => none(t("around.no_points")),
  });
  place.again();
  return card(titled(t("around.statement")), place.place);
}

const purchases = ({ purchases: all }) => card(titled(t("member.bought")), all.length ? el("div.list", { test: "purchases" }, ...all.slice(0, BOUGHT_MAX).map((each) => el("div.swrow", {}, el("span.th", {}, garment(each.garment, each.swatch)),
  el("span.grow.min0", {}, el("span.cut.blk", {}, each.name), el("span.sm.mut.cut.blk", {}, [each.variant, `× ${each.pieces}`, date(each.at_ms)].join(" · "))), el("span.num", {}, each.amount.text)))) : none(t("member.bought_none")));

const visits = (held) => card(titled(t("around.visits_all")), held.visits.length ? table([
  { title: t("around.day"), cell: (each) => each.day }, { title: t("around.order_count"), num: true, cell: (each) => number(each.orders) },
  { title: t("around.pieces"), num: true, cell: (each) => number(each.pieces) }, { title: t("around.spend"), num: true, cell: (each) => each.spend.text },
], held.visits, { label: t("around.visits_all"), test: "visits" }) : none(t("member.bought_none")), held.check_in_day ? el("p.pad.sm.mut", { test: "check-in" }, t("around.check_in", { day: held.check_in_day, n: held.check_in_streak })) : null);

function noted({ notes }, path, again) {
  const row = (each) => el("div.swrow", { test: "note" }, el("span.grow.min0", {}, el("span.blk", {}, each.text), el("span.sm.mut.blk", {}, [each.day, each.operator].join(" · "))), el("span.pill", {}, t(`around.kind_${each.kind}`)));
  return card(titled(t("around.notes"), el("button.btn", { test: "note-add", onclick: () => write(path, again) }, icon("plus"), t("around.note_add"))), notes.length ? el("div.list", { test: "notes" }, ...notes.map(row)) : none(t("around.no_notes")));
}

function write(path, again) {
  const body = { kind: "feedback" };
  const text = input({ maxlength: TEXT_MAX, test: "note-text" });
  const day = input({ type: "date", test: "note-day" });
  const wrong = el("div.bad-text", { role: "alert" });
  const save = el("button.btn.pri.l.block", { type: "submit", test: "note-save" }, t("members.save"));
  const send = async (event) => {
    event.preventDefault();
    const said = { ...body, day: day.value, text: text.value.trim() };
    if (!said.text) { wrong.textContent = t("around.note_first"); return; }
    busy(save, true);
    try {
      await once(`note ${path} ${JSON.stringify(said)}`, (key) => post(`${path}/notes`, said, key));
      closeSheet(sheet, { silent: true });
      again();
    } catch (problem) { wrong.textContent = refusal(problem); }
    busy(save, false);
  };
  const sheet = openSheet({ name: "note", title: t("around.note_add"), body: el("form.body.pad.col", { onsubmit: send }, seg(t("around.notes"), ["feedback", "event"].map((kind) => [kind, t(`around.kind_${kind}`)]), body.kind, (kind) => { body.kind = kind; }, "note"),
    field(t("around.note_text"), text, t("around.note_hint")), field(t("around.note_day"), day), wrong, save) });
  text.focus();
}

const takeAway = (coupon, again) => async () => (await import("./coupon_give.js")).openCancel(coupon, again);

const wallet = (coupons, again) => card(titled(t("member.coupons")), coupons.length ? el("div.list", { test: "wallet" }, ...coupons.map((each) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.cut.blk", {}, label(each)), el("span.sm.mut.blk", {}, each.last_day ? t("around.until", { day: each.last_day }) : "")), el(`span.pill${each.state === "issued" ? ".ok" : ""}`, {}, t(`coupon_state.${each.state}`)),
  each.state === "issued" ? el("button.btn", { test: `cancel-${each.coupon_id}`, onclick: takeAway(each, again) }, t("coupons.cancel")) : null))) : none(t("around.no_coupons")));

const value = (stored) => card(titled(t("member.stored"), el("span.num.b", { test: "around-stored" }, t("around.stored_now", { amount: stored.principal.text, bonus: stored.bonus.text }))), stored.moves.length ? el("div.list", { test: "value" }, ...stored.moves.map((each) => el("div.swrow", {}, el("span.grow.min0", {}, el("span.blk", {}, t(`value_kind.${each.kind}`)), el("span.sm.mut.blk", {}, [`${date(each.at_ms)} ${clock(each.at_ms)}`, t("around.bonus_part", { amount: each.bonus.text })].join(" · "))), el("span.num", {}, each.principal.text)))) : none(t("around.no_value")), el("div.card-end", {}, el("a.btn.block", { href: `#/members/${part(stored.member_id)}/account`, test: "account-open" }, t("account.open"))));

const referred = (held) => card(titled(t("around.referrals")), el("p.pad", { test: "referrals" }, t("around.brought", { n: held.brought, waiting: held.brought_waiting }), held.came_by ? el("a.crumb", { href: `#/members/${part(held.came_by)}`, test: "came-by" }, t("around.came_by")) : ""));
