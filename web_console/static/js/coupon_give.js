// A coupon for a member who is found by phone or card; a coupon that is found by its code, and taken away.
import { busy, el, icon } from "./dom.js";
import { once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { line, shown } from "./member_words.js";
import { field, input } from "./section.js";
import { closeSheet, openSheet } from "./sheet.js";
import { label, t } from "./words.js";

const { refusal } = await import("./coupon_words.js");
const reopen = () => dispatchEvent(new HashChangeEvent("hashchange")); // what stands behind counts anew

/** Give one of this kind to whoever is found, or to `member`: the answer alone tells its code. */
export function openGive(kind, member = null) {
  const text = input({ type: "search", maxlength: "200", spellcheck: "false", placeholder: t("members.search_hint"), "aria-label": t("members.search"), test: "give-text" });
  const found = el("div.col", { "aria-live": "polite" });
  let given = false;
  openSheet({ name: "give", title: t("coupons.give_title", { label: label(kind.draft) }), onclose: () => { if (given) reopen(); }, body: el("div.body.pad.col", {},
    el("form.tools", { onsubmit: look, hidden: Boolean(member) }, el("label.field", {}, icon("search"), text), el("button.btn", { type: "submit", test: "give-find" }, t("members.find"))), found) });
  const say = (words) => found.replaceChildren(el("p.bad-text", { role: "alert", test: "give-why" }, words));

  async function look(event) {
    event.preventDefault();
    if (!text.value.trim()) return;
    try {
      const { hits } = await post("/api/recognition", { text: text.value.trim() });
      found.replaceChildren(hits.length ? el("div.list.card", {}, ...hits.map(({ member }) => el("button.swrow.go", { test: "give-hit", onclick: () => choose(member) }, ...line(member)))) : el("p.mut", { test: "give-none" }, t("members.none")));
    } catch (problem) { say(refusal(problem)); }
  }

  function choose(member) {
    const why = el("div.bad-text", { role: "alert", test: "give-why" });
    const go = el("button.btn.pri.l.block", { test: "give-go", onclick: async () => {
      busy(go, true);
      why.textContent = "";
      const body = { template_id: kind.template_id, reason: "gift" };
      try {
        const made = await approved("coupon_give", (approval) => once(`give ${member.member_id} ${kind.template_id}`, (key) => post(`/api/members/${part(member.member_id)}/coupons`, approval ? { ...body, approval } : body, key)));
        if (made) return done(member, made);
      } catch (problem) { why.textContent = refusal(problem); }
      busy(go, false);
    } }, t("coupons.give_go", { name: shown(member, "name") || t("members.nameless") }));
    found.replaceChildren(el("div.row.card.pad", {}, ...line(member)), why, go);
    go.focus();
  }

  function done(member, made) {
    given = true;
    found.replaceChildren(el("div.note.ok", { role: "status", test: "given" }, icon("check"), el("div.grow", {}, el("b", {}, t("coupons.given", { name: shown(member, "name") || t("members.nameless") })),
      el("p", {}, t("coupons.given_code")), el("p.num.b.xl", { test: "given-code" }, made.code), el("p", {}, made.last_day ? t("coupons.until", { day: made.last_day }) : ""))));
  }
  if (member) choose(member);
  else text.focus();
}

/** Asks why, then takes a coupon away; `done()` follows. */
export function openCancel(coupon, done) {
  const reason = input({ maxlength: "100", test: "cancel-reason" });
  const why = el("div.bad-text", { role: "alert", test: "cancel-why" });
  const go = el("button.btn.bad.l.block", { type: "submit", test: "cancel-go" }, t("coupons.cancel"));
  const send = async (event) => {
    event.preventDefault();
    if (!reason.value.trim()) { why.textContent = t("members.reason_first"); return; }
    busy(go, true);
    const body = { reason: reason.value.trim() };
    try {
      await once(`cancel ${coupon.coupon_id} ${body.reason}`, (key) => post(`/api/coupons/${part(coupon.coupon_id)}/cancel`, body, key));
      closeSheet(sheet, { silent: true });
      return done();
    } catch (problem) { why.textContent = refusal(problem); }
    busy(go, false);
  };
  const sheet = openSheet({ name: "cancel", title: t("coupons.cancel_title", { label: label(coupon) }), body: el("form.body.pad.col", { onsubmit: send }, el("p.mut", {}, t("coupons.cancel_hint")), field(t("members.reason"), reason), why, go) });
  reason.focus();
}

/** What a code is worth; one of this store's can be taken away. */
export function openByCode() {
  const text = input({ maxlength: "40", spellcheck: "false", test: "code-text", "aria-label": t("coupons.code") });
  const found = el("div.col", { "aria-live": "polite" });
  const sheet = openSheet({ name: "code", title: t("coupons.by_code"), body: el("div.body.pad.col", {}, el("form.tools", { onsubmit: look }, el("label.field", {}, icon("scanner"), text), el("button.btn", { type: "submit", test: "code-find" }, t("coupons.look"))), found) });
  async function look(event) {
    event.preventDefault();
    if (!text.value.trim()) return;
    try {
      const seen = await post("/api/coupons/verify", { code: text.value.trim() });
      const cancel = () => openCancel(seen, () => { closeSheet(sheet, { silent: true }); reopen(); });
      found.replaceChildren(el("div.card.pad.col", { test: "code-seen" }, el("b.b", {}, label(seen)), seen.last_day ? el("span.sm.mut", {}, t("coupons.until", { day: seen.last_day })) : "",
        el(`span.pill${seen.why_not ? ".warn" : ".ok"}`, {}, seen.why_not ? t(`coupons.why_${seen.why_not}`) : t("coupons.usable"))),
      seen.coupon_id && !["used", "expired", "cancelled", "transferred"].includes(seen.why_not) ? el("button.btn.bad", { test: "code-cancel", onclick: cancel }, t("coupons.cancel")) : "");
    } catch (problem) { found.replaceChildren(el("p.bad-text", { role: "alert", test: "code-why" }, refusal(problem))); }
  }
  text.focus();
}
