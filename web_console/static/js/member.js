// The member at the till: found by phone, its last four digits, card or code, joined in one tap, or shown.
import { busy, el, icon } from "./dom.js";
import { Lost, Problem, get, once, part, post } from "./api.js";
import { bag, setCustomer } from "./bag.js";
import { PURPOSES, say, wording } from "./consents.js";
import { openDrawer } from "./drawer.js";
import { heardScan } from "./scans.js";
import { closeSheet, openSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { toast } from "./toast.js";
import { problemWord, t } from "./words.js";

const TEXT_MAX = 200;
const NAME_MAX = 40;
const MOBILE = /^1[3-9]\d{9}$/; // of the mainland: complete, so it is looked up without a tap
const words = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));

/** Whoever buys this bag, or the sheet that finds them. */
export const openMember = () => (bag.view.customer ? openDrawer(openFind) : openFind());

/** What a member is called on a card: everything is masked already. */
export function called(member) {
  const text = (name) => member.fields.find(({ field }) => field === name)?.text ?? "";
  const [name, ...rest] = [text("name"), text("phone"), text("card"), text("email")].filter(Boolean);
  return { name: name ?? t("member.erased"), more: rest[0] ?? "", face: text("name") };
}

/** A typed text as the key it may be joined by; null where it is none. */
function keyOf(text) {
  const plain = text.normalize("NFKC").trim();
  if (/^\S+@\S+\.\S+$/.test(plain)) return { email: plain };
  const digits = plain.replace(/[\s().·/‐-―-]+/g, "");
  if (/^27\d{11}$/.test(digits)) return { card: digits };
  return /^\+\d{6,16}$/.test(digits) || MOBILE.test(digits.replace(/^86/, "")) ? { phone: digits } : null;
}

/** Finds who buys, or somebody for another purpose: `pick` hears who was tapped, and nobody new joins. */
function openFind({ title = t("member.title"), pick = null } = {}) {
  let asked = ""; // the text of the last question; an answer to an earlier one comes too late
  let byScan = false;
  const input = el("input", { id: "member-text", test: "member-text", type: "search", inputmode: "tel", enterkeyhint: "search", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: String(TEXT_MAX), placeholder: t("member.placeholder"), "aria-label": t("member.placeholder"), oninput: () => { byScan = false; go.disabled = !input.value.trim(); if (MOBILE.test(input.value.trim())) look(); else clear(); } });
  const go = el("button.btn", { type: "submit", test: "member-look", disabled: true }, t("member.look"));
  const found = el("div.col", { role: "status", test: "member-found" });
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: "member-why" });
  const sheet = openSheet({ name: "find-member", title, kind: "find-member", body: el("div.body.pad.col", {},
    el("form.row", { onsubmit: (event) => { event.preventDefault(); if (asked && asked === input.value.trim()) only()?.click(); else look(); } }, el("label.field.grow", { for: "member-text" }, icon("search"), input), go), why, found) });

  sheet.scanned = (code, scan) => {
    if (scan?.code === "member") { closeSheet(sheet); heardScan(scan, null); return; }
    input.value = code;
    go.disabled = false;
    byScan = true;
    look();
  };

  function clear() {
    asked = "";
    why.textContent = "";
    found.replaceChildren(el("p.sm.mut", {}, pick ? "" : t("member.find_hint"))); // a card that is scanned says who buys
  }

  /** The button of the only person who was found: Enter once more takes them. */
  function only() {
    const [one, ...more] = found.querySelectorAll(".person:enabled");
    return more.length ? null : one;
  }

  function failed(problem) {
    refused();
    why.textContent = words(problem);
  }

  async function look() {
    const text = input.value.trim();
    if (!text || asked === text) return;
    clear();
    asked = text;
    busy(go, true);
    try {
      const { hits } = await post("/api/recognition", { text });
      if (asked === text) show(hits, text);
    } catch (problem) {
      if (asked === text) { asked = ""; failed(problem); }
    }
    busy(go, false);
  }

  function show(hits, text) {
    const key = keyOf(text);
    if (hits.length === 1 && hits[0].sure && byScan && !hits[0].member.blocked) return name(hits[0].key_id);
    if (!hits.length) return key && !pick ? join(key, false) : found.replaceChildren(nobody());
    const other = !pick && (key?.phone || key?.email) ? el("button.btn.block", { test: "member-another", onclick: () => join(key, true) }, icon("plus"), t("member.another")) : null;
    found.replaceChildren(...[el("p.sm.mut", {}, t(hits.length > 1 ? "member.which" : "member.is_it")), ...hits.map(({ member, key_id }) => card(member, key_id)), other].filter(Boolean));
  }

  const nobody = () => el("div.empty", { test: "member-nobody" }, el("span.halo", {}, icon("person", "l")), el("b.b", {}, t("member.nobody")), el("p.sm.mut", {}, t("member.nobody_do")));

  function card(member, key_id) {
    const { name: title, more, face } = called(member);
    return el("button.person.block", { test: `member-${member.member_id}`, disabled: member.blocked, onclick: () => name(key_id) },
      el("span.ava", { "aria-hidden": "true" }, face ? [...face][0] : icon("person")),
      el("span.grow", {}, el("span.b.cut.blk", {}, title), el("span.sm.mut.cut.blk.num", {}, more)),
      member.blocked ? el("span.pill.bad", { test: "member-blocked" }, t("member.blocked")) : null);
  }

  /** The sheet goes when the bag has them: until then they can be tapped once more. */
  async function name(member_id) {
    if (pick) { closeSheet(sheet); return pick(member_id); }
    for (const each of sheet.box.querySelectorAll("button.person,button.pri")) busy(each, true);
    if (await setCustomer(member_id)) return closeSheet(sheet);
    why.textContent = t("member.not_named");
    for (const each of sheet.box.querySelectorAll("[aria-busy]")) busy(each, false);
  }

  /** The form of somebody new. `another`: not the person who is known by the same phone. */
  function join(key, another) {
    const [[kind, value]] = Object.entries(key);
    const person = el("input.inp", { test: "join-name", autocomplete: "off", maxlength: String(NAME_MAX), placeholder: t("member.name"), "aria-label": t("member.name") });
    const ticks = PURPOSES.map((purpose) => [purpose, el("input", { type: "checkbox", id: `consent-${purpose}`, test: `consent-${purpose}` })]);
    const button = el("button.btn.pri.xl.block", { type: "submit", test: "join-go" }, t("member.join", { key: value }));
    found.replaceChildren(el("form.col", { test: "join", onsubmit: (event) => { event.preventDefault(); send(); } },
      el("p.sm.mut", {}, t(another ? "member.join_another" : "member.join_hint")), button,
      el("label.field", {}, icon("person"), person),
      el("div.list.card.parts", { role: "group", "aria-label": t("consent.title") }, ...ticks.map(([purpose, tick]) => el("label.swrow", { for: tick.id }, el("span.grow", {}, wording(purpose)), tick)))));

    /** The same request after a lost answer: nobody joins twice. */
    async function send() {
      const given = person.value.trim();
      const body = { fields: { [kind]: value, ...(given ? { name: given } : {}) }, scanned: kind === "card" && byScan ? ["card"] : [], another };
      why.textContent = "";
      busy(button, true);
      try {
        const member = await once(`join ${JSON.stringify(body)}`, (options) => post("/api/members", body, options));
        await name(member.member_id);
        await agree(member.member_id, ticks.filter(([, tick]) => tick.checked).map(([purpose]) => purpose));
      } catch (problem) {
        busy(button, false);
        failed(problem);
        if (problem.code === "member_known") candidates(problem.details.candidates ?? [], key);
      }
    }
  }

  async function candidates(ids, key) {
    try {
      const members = await Promise.all(ids.map((member_id) => get(`/api/members/${part(member_id)}`)));
      show(members.map((member) => ({ member, key_id: member.member_id })), Object.values(key)[0]);
    } catch (problem) { failed(problem); }
  }

  clear();
  input.focus();
}

/** What was ticked is written down, each for itself; what could not be is in the drawer again. */
async function agree(member_id, purposes) {
  try {
    for (const purpose of purposes) await say(member_id, purpose, true);
  } catch (problem) {
    toast(t("consent.lost"));
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
  }
}
