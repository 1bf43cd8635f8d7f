// How many parked bags wait, in the bar. Their list and what is done with one is loaded when first needed.
import { $ } from "./dom.js";

let list = null; // the module of the list

async function loaded() {
  list ??= await import("./parked.js");
  list.onWaiting(count);
  return list;
}

export const openParked = async () => (await loaded()).openParked();
export const resumeParked = async (parked_id) => (await loaded()).resumeParked(parked_id);
export const heardTicket = async (scan) => (await loaded()).heardTicket(scan);

function count(waiting) {
  $("parked-count").textContent = String(waiting);
  $("parked-count").hidden = waiting === 0;
}

/** Something was parked, resumed or given up, at any till. */
export function heardParked(news) {
  count(news.waiting);
  list?.load();
}

export function startParked(start) {
  $("parked").addEventListener("click", start);
}
