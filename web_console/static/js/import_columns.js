// What each column of a file is: guessed from its head, settled by whoever knows.
import { el } from "./dom.js";
import { card, select } from "./section.js";
import { t } from "./words.js";

/** A card with a choice for each column; `read` gets them all as one text. Open where something is missing. */
export function columnsCard(seen, word, read) {
  const chosen = [...seen.fields];
  const again = el(`button.btn${seen.missing.length ? ".pri" : ""}`, { test: "read-again", onclick: () => read(chosen.join(",")) }, t("import.read_again"));
  const options = [["", t("import.column_none")], ...seen.choices.map((field) => [field, word(field)])];
  const choice = (head, n) => el("label.blk", {}, el("span.sm.mut.blk.cut", {}, head || t("import.column_nameless", { n: n + 1 })),
    select(options, chosen[n], { test: `column-${n}`, onchange: (event) => { chosen[n] = event.target.value; } }));
  return card(el("details.more-terms", { open: seen.missing.length > 0, test: "columns" },
    el("summary", {}, t("import.columns")),
    el("div.pad.two", {}, ...seen.heads.map(choice)),
    el("div.card-end", {}, again)));
}
