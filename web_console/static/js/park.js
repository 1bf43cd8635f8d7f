// Putting the bag aside: one tap on a reason parks it, and for six seconds the toast takes it back.
import { busy, el } from "./dom.js";
import { Problem, once, post } from "./api.js";
import { applyBag, bag, onBag } from "./bag.js";
import { resumeParked } from "./waiting.js";
import { closeSheet, openSheet, topSheet } from "./sheet.js";
import { refused } from "./sound.js";
import { hideToast, toast } from "./toast.js";
import { problemWord, t } from "./words.js";

const REASONS = ["phone_call", "choosing_more", "fetching_money", "waiting_companion", "size_missing", "price_doubt", "child", "queue", "other"];
const NOTE_MAX = 200;
let sheet = null;
let chips = [];
let note = null;

async function park(reason) {
  const { basket_id, version } = bag.view;
  const body = { basket_id, version, reason, note: note.value.trim() };
  for (const chip of chips) busy(chip, true);
  try {
    const done = await once(`park ${JSON.stringify(body)}`, (key) => post("/api/till/park", body, key));
    closeSheet(sheet);
    applyBag(done.basket);
    toast(t("park.done", { ticket: done.parked.ticket }), { label: t("undo"), action: () => resumeParked(done.parked.parked_id) });
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) return;
    refused();
    toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
    for (const chip of chips) busy(chip, false);
  }
}

const title = () => t("park.title", { n: bag.view.pieces, total: bag.view.total.text });

export function openPark() {
  if (topSheet() || !bag.view?.lines.length) return;
  hideToast();
  note = el("input.inp", { test: "park-note", maxlength: String(NOTE_MAX), autocomplete: "off", placeholder: t("park.note"), "aria-label": t("park.note") });
  chips = REASONS.map((reason, n) => el("button.btn.l", { test: `park-${reason}`, onclick: () => park(reason) }, t(`park.reason.${reason}`), el("kbd.dim.sm.hide-p", {}, String(n + 1))));
  const heading = el("h2.grow.cut", { test: "park-title" }, title());
  sheet = openSheet({
    name: "park", title: heading, label: t("park.go"), onclose: () => { sheet = null; },
    body: el("div.pad.col", {}, note, el("div.sm.mut", {}, t("park.why")), el("div.reasons", { role: "group", "aria-label": t("park.why") }, ...chips)),
  });
  sheet.heading = heading;
  sheet.key = key;
  chips[0].focus({ preventScroll: true });
}

/** 1 to 9 are the reasons, in their order. Whether the key was one of them. */
function key(name) {
  if (document.activeElement === note || !/^[1-9]$/.test(name)) return false;
  if (!chips[0].disabled) park(REASONS[Number(name) - 1]);
  return true;
}

onBag((view) => {
  if (!sheet) return;
  if (view.lines.length) sheet.heading.textContent = title();
  else closeSheet(sheet);
});
