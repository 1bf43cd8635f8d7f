// Two members side by side: what speaks for one person, where they differ, what they would be together.
import { el } from "./dom.js";
import { get, once, part, post } from "./api.js";
import { because } from "./member_profile.js";
import { shown, worded } from "./member_words.js";
import { address, card, fill, go, head, table } from "./section.js";
import { toast } from "./toast.js";
import { date, t } from "./words.js";

const SHORT = 13; // characters, as a phone has: they stay in a line

export async function showReview(page, one, other) {
  const place = el("div.col.wide-gap");
  page.append(place);
  await fill(place, () => get(`/api/member-merges?one=${part(one)}&other=${part(other)}`), drawn);
}

function drawn(review) {
  const both = [review.one, review.other].sort((a, b) => a.member.created_at_ms - b.member.created_at_ms); // the older first: it stands for both
  const sides = both.map((each) => each.member);
  const known = (fields, name) => fields.find((each) => each.field === name);
  const names = [...new Set([...sides.flatMap((side) => side.fields), ...review.outcome].map((each) => each.field))];
  const stands = (each) => known(review.outcome, each?.field)?.text === each?.text; // and is what both will have
  const cell = (fields, name) => { const each = known(fields, name); return el(each?.text.length > SHORT ? "span.said" : "span.num", {}, each && stands(each) ? el("b.b", {}, worded(each)) : each ? worded(each) : "–"); };
  const mark = (name) => (review.evidence.includes(name) ? el("span.pill.ok", {}, t("members.equal")) : review.conflicts.includes(name) ? el("span.pill.warn", {}, t("members.differs")) : "");
  const yes = (consents) => Object.entries(consents).filter(([, granted]) => granted).map(([purpose]) => t(`members.purpose.${purpose}`)).join(t("list.and")) || "–";
  const row = (title, ...cells) => ({ title, cells });
  const rows = [
    ...names.map((name) => row([el("span.time", {}, t(`members.field.${name}`)), " ", mark(name)], ...sides.map((side) => cell(side.fields, name)), cell(review.outcome, name))),
    row(t("members.joined"), ...sides.map((side) => date(side.created_at_ms)), date(Math.min(...sides.map((side) => side.created_at_ms)))),
    row(t("members.sales"), ...both.map((each) => String(each.sales)), String(review.one.sales + review.other.sales)),
    row(el("span.time", {}, t("members.consents")), ...both.map((each) => yes(each.consents)), yes(review.consents)),
  ];
  const merge = () => because(t("members.merge"), t("members.merge_text"), t("members.merge"), async (reason, approval) => {
    const body = { one: sides[0].member_id, other: sides[1].member_id, reason, ...(approval ? { approval } : {}) };
    const merged = await once(`merge ${JSON.stringify(body)}`, (key) => post("/api/member-merges", body, key));
    toast(t("members.merged"));
    go("members", [merged.member_id]);
  }, "member_merge");
  const apart = () => because(t("members.not_same"), t("members.not_same_text"), t("members.not_same"), async (reason, approval) => {
    const body = { one: sides[0].member_id, other: sides[1].member_id, reason, ...(approval ? { approval } : {}) };
    await once(`apart ${JSON.stringify(body)}`, (key) => post("/api/member-merges/apart", body, key));
    toast(t("members.told_apart"));
    go("members");
  }, "member_merge");
  const title = (side, n) => el("a.crumb", { href: address("members", [side.member_id]) }, shown(side, "name") || t("members.number", { n }));
  return [
    head({ title: t("members.review"), sub: t(`members.like_${review.likeness || (review.reasons.length ? "alike" : "none")}`), back: { href: address("members"), words: t("office.members") }, actions: [
      el("button.btn", { test: "review-apart", onclick: apart }, t("members.not_same")),
        el("button.btn.pri", { test: "review-merge", disabled: Boolean(review.refused), "aria-describedby": "review-why", onclick: merge }, t("members.same_person"))] }),
    review.reasons.length ? el("div.row.wrap", { test: "review-reasons" }, ...review.reasons.map((each) => el(each.endsWith("_other") ? "span.pill.warn" : "span.pill.ok", {}, t(`members.reason.${each}`)))) : null,
    el("p.sm", { id: "review-why", test: "review-why", hidden: !review.refused, class: "bad-text" }, review.refused ? t(`members.why_${review.refused}`) : ""),
    el("p.sm.mut", {}, t("members.stands")),
    card(table([
      { title: t("members.what"), cell: (each) => each.title },
      ...sides.map((side, n) => ({ title: title(side, n + 1), cell: (each) => each.cells[n] })),
      { title: t("members.together"), wide: true, cell: (each) => el("b.b", {}, each.cells[2]) },
    ], rows, { label: t("members.review"), test: "member-review" })),
  ];
}
