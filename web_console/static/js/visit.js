// A member's visit of today, and who sent them here: each a button of the drawer, where there is something to do.
import { busy, el, icon } from "./dom.js";
import { Lost, Problem, once, post, put } from "./api.js";
import { refused } from "./sound.js";
import { toast } from "./toast.js";
import { number, problemWord, t } from "./words.js";

/** `find` opens the sheet that finds somebody; `changed` hears how many points the member has now. */
export const visits = (me, { visit, referral }, find, changed) => [visit !== "off" && checkIn(me, visit, changed), referral && sender(me, find)].filter(Boolean);

async function tried(button, send) {
  busy(button, true);
  try {
    await send();
  } catch (problem) {
    busy(button, false);
    refused();
    toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
  }
}

/** Locked after it: one visit a day. A repeat after a lost answer is the same one. */
function checkIn(me, visit, changed) {
  const button = el("button.btn", { test: "check-in", disabled: visit === "done", onclick: () => tried(button, count) }, icon("calendar"), t(visit === "done" ? "visit.done" : "visit.go"));
  async function count() {
    const { streak, balance } = await once(`check-in ${me}`, (options) => post(`${me}/check-in`, {}, options));
    button.removeAttribute("aria-busy");
    button.replaceChildren(icon("check"), t("visit.done"));
    toast(t("visit.counted", { n: streak, points: number(balance) }));
    changed(balance);
  }
  return button;
}

function sender(me, find) {
  const button = el("button.btn", { test: "sent-by", onclick: () => find({ title: t("visit.who"), pick: (referrer_id) => tried(button, () => named(referrer_id)) }) }, icon("person"), t("visit.sent_by"));
  async function named(referrer_id) {
    await put(`${me}/referrer`, { referrer_id });
    button.remove();
    toast(t("visit.sent"));
  }
  return button;
}
