// One kind of coupon for everybody who wears a tag, piece by piece with its progress; broken off, it goes on.
import { busy, el } from "./dom.js";
import { Lost, get, once, part, post } from "./api.js";
import { empty, field, select } from "./section.js";
import { openSheet } from "./sheet.js";
import { label, number, t } from "./words.js";

const { refusal } = await import("./coupon_words.js"); // a part of its own

export async function openRound(kind) {
  const place = el("div.body.pad.col");
  let given = 0;
  openSheet({ name: "round", title: t("coupons.round_title", { label: label(kind.draft) }), body: place, onclose: () => { if (given) dispatchEvent(new HashChangeEvent("hashchange")); } });
  try {
    const { book, members } = await get("/api/office/tags");
    const worn = book.tags.filter((tag) => members[tag.key]);
    if (!worn.length) return place.replaceChildren(empty("tag", t("coupons.round_none"), t("coupons.round_none_hint")));
    place.replaceChildren(...form(kind, worn, members, (n) => { given += n; }));
  } catch (problem) { place.replaceChildren(el("p.bad-text", { role: "alert" }, refusal(problem))); }
}

function form(kind, worn, members, counted) {
  const tag = select(worn.map((each) => [each.key, t("coupons.round_tag", { tag: label(each), n: number(members[each.key]) })]), worn[0].key, { test: "round-tag", onchange: () => { Object.assign(state, { after: "", given: 0, had: 0 }); told.replaceChildren(); } });
  const state = { after: "", given: 0, had: 0 };
  const told = el("div", { role: "status", test: "round-told" });
  const why = el("div.bad-text", { role: "alert", test: "round-why" });
  const say = (key) => told.replaceChildren(el("p.b", {}, t(key, { n: number(state.given), had: number(state.had) })));
  const go = el("button.btn.pri.l.block", { test: "round-go", onclick: run }, t("coupons.round_go"));

  async function run() {
    busy(go, true);
    tag.disabled = true;
    why.textContent = "";
    try {
      do {
        const body = { tag: tag.value, version: kind.version, after: state.after };
        const piece = await once(`round ${kind.template_id} ${JSON.stringify(body)}`, (key) => post(`/api/office/coupons/${part(kind.template_id)}/rounds`, body, key));
        state.given += piece.given;
        state.had += piece.had;
        state.after = piece.next;
        counted(piece.given);
        say(state.after ? "coupons.round_on" : "coupons.round_done");
      } while (state.after);
      go.hidden = true;
    } catch (problem) {
      why.textContent = problem instanceof Lost ? t("coupons.round_lost") : refusal(problem);
      go.textContent = t("coupons.round_again");
      tag.disabled = false;
    }
    busy(go, false);
  }
  return [field(t("coupons.round_who"), tag, t("coupons.round_hint")), told, why, go];
}
