// Who sells this line, or the whole bag: one tap on a face.
import { el, icon } from "./dom.js";
import { get } from "./api.js";
import { bag, setSeller } from "./bag.js";
import { personCard } from "./pin.js";
import { closeSheet, openSheet } from "./sheet.js";
import { t } from "./words.js";

/** `line` is null for the whole bag and what still comes into it. */
export async function openSeller(line) {
  const people = await get("/api/till/sellers");
  const now = line ? line.seller_id : bag.view.seller_id;
  const name = (staff_id) => { closeSheet(sheet); setSeller(line?.line_id ?? 0, staff_id); };
  const cards = people.map((person) => {
    const card = personCard(person, () => name(person.staff_id));
    card.setAttribute("aria-checked", String(person.staff_id === now));
    return card;
  });
  const sheet = openSheet({ name: "seller", title: line ? line.name : t("seller.bag"), body: el("div.body.pad.col", {},
    el("div.sm.mut", {}, t(line ? "seller.hint_line" : "seller.hint_bag")),
    el("div.people", { role: "radiogroup", "aria-label": t("seller.title") }, ...cards),
    el("button.btn.block", { test: "seller-none", disabled: !now, onclick: () => name("") }, icon("undo"), t("seller.nobody"))) });
}
