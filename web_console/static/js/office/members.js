// Members: found by what they are known by, masked; who may be one person with whom.
import { el, icon } from "../dom.js";
import { get, post } from "../api.js";
import { line, shown } from "../member_words.js";
import { address, card, empty, fill, go, head } from "../section.js";
import { t } from "../words.js";

export const SECTION = {"icon": "card", "place": 55};

const TEXT_MAX = "200";
const more = () => import("../member_pages.js"); // loaded when somebody is opened

export async function show(page, { path, query }) {
  if (path[0] === "review") return (await more()).showReview(page, query.get("one") ?? "", query.get("other") ?? "");
  if (path[1] === "account") return (await import("../account.js")).showAccount(page, path[0]);
  if (path[0]) return (await more()).showProfile(page, path[0]);
  return search(page);
}

/** What is looked for stands in no address: browsers and logs keep those. */
async function search(page) {
  const text = el("input", { type: "search", maxlength: TEXT_MAX, autocomplete: "off", spellcheck: "false", placeholder: t("members.search_hint"), "aria-label": t("members.search"), test: "member-search" });
  const found = el("div", { hidden: true });
  const pairs = el("div");
  const hits = (answer) => (answer.hits.length ? el("div.list", { test: "member-hits" }, ...answer.hits.map((hit) => el("a.swrow.go", { href: address("members", [hit.member.member_id]), test: "member-hit" }, ...line(hit.member), el("span.sm.mut", {}, t(`members.by_${hit.kind}`)))))
    : empty("search", t("members.none"), t("members.none_hint"), el("button.btn", { test: "member-add-found", onclick: add }, icon("plus"), t("members.add"))));
  const look = (event) => {
    event.preventDefault();
    found.hidden = !text.value.trim();
    if (text.value.trim()) fill(found, () => post("/api/recognition", { text: text.value.trim() }), (answer) => card(hits(answer)));
  };
  const add = async () => (await more()).editMember(null, (member) => go("members", [member.member_id]), found.hidden ? "" : text.value.trim()); // whom nobody knew is not typed twice
  const pair = ({ one, other, likeness, reasons }) => el("a.swrow.go", { href: address("members", ["review"], { one: one.member_id, other: other.member_id }), test: "member-pair" },
    el("span.grow.min0", {}, ...[one, other].map((each) => el("span.row", {}, el("b.b.cut", {}, shown(each, "name") || t("members.nameless")), el("span.mut.num.cut", {}, shown(each, "phone") || shown(each, "email") || shown(each, "card")))), el("span.sm.mut.blk", { test: "pair-reasons" }, (reasons.length ? reasons.map((each) => t(`members.reason.${each}`)) : [t(`members.like_${likeness || "none"}`)]).join(" · "))), el("span.sm.mut", {}, t("members.compare")));
  page.append(head({ title: t("office.members"), sub: t("members.sub"), actions: [el("button.btn.pri", { test: "member-add", onclick: add }, icon("plus"), t("members.add"))] }),
    el("form.tools", { onsubmit: look }, el("label.field", {}, icon("search"), text), el("button.btn", { type: "submit", test: "member-find" }, t("members.find"))), found, pairs);
  await fill(pairs, () => get("/api/member-duplicates"), (answer) => card(el("div.card-head", { test: "members-pairs" }, el("h2", {}, t("members.pairs"))),
    answer.pairs.length ? el("div.list", {}, ...answer.pairs.map(pair)) : empty("check", t("members.no_pairs"), t("members.no_pairs_hint"))));
}
