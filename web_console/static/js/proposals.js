// What whoever buys may want: a tab of its own for as long as it is known who that is.
import { $ } from "./dom.js";
import { get } from "./api.js";
import { t } from "./words.js";

const KEY = "@member";
let shown = ""; // the bag that the tab was last asked for

export const mine = (category) => category === KEY;

/** What a tile has room for comes first: what it goes with, or that their size is there. */
function why({ reason, beside, size }) {
  const words = [t(`proposal.${reason}`, { name: beside }), size && t("proposal.size", { size })].filter(Boolean);
  return (beside ? words : words.reverse()).join(" · ");
}

export async function page() {
  const found = await get("/api/till/proposals");
  return { tiles: found.map((each) => ({ ...each.tile, why: why(each) })), none: t("proposal.none") };
}

/** Puts the tab there or takes it away; whether what it shows is another bag's now. */
export function follow({ customer, basket_id, version }, tab) {
  const state = customer ? `${basket_id} ${version}` : "";
  if (state === shown) return false;
  shown = state;
  const held = $("tabs").querySelector(`[data-key="${KEY}"]`);
  if (customer && !held) $("tabs").firstElementChild?.after(tab(KEY, t("tab.member")));
  if (!customer) held?.remove();
  return true;
}
