// Notes of another currency: what is due in it, what was given, the change in the shop's own money. The gateway says every amount.
import { busy, el } from "./dom.js";
import { Problem, get, once, post } from "./api.js";
import { approved } from "./approve.js";
import { applyBag, bag } from "./bag.js";
import { deleteKey, pad } from "./pad.js";
import { closeSheet, openSheet } from "./sheet.js";
import { accepted, refused } from "./sound.js";
import { problemWord, t } from "./words.js";

const TYPED_MAX = 9; // characters; notes have no small parts
const LONG = 8; // characters; a longer amount is set smaller
const PAUSE_MS = 80;
const NAMES = { Backspace: "del", Delete: "clear" };

const wordOf = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));

/** Opens the sheet over the payment. */
export async function openForeign() {
  let offers = [];
  let chosen = null;
  let text = ""; // as typed: whole notes
  let quote = null;
  let asked = 0;
  let timer = 0;
  const kinds = el("div.seg", { role: "group", "aria-label": t("foreign.currency") });
  const due = el("span.num.b.end.xl", { test: "foreign-due" });
  const rate = el("div.sm.mut", { test: "foreign-rate" });
  const old = el("span.pill.warn.end", { hidden: true, test: "foreign-old" }, t("foreign.old"));
  const quick = el("div.quick", { role: "group", "aria-label": t("foreign.quick") });
  const worth = el("span.num.end", { test: "foreign-worth" });
  const worthRow = el("div.row.split", {}, el("span.mut", {}, t("foreign.worth")), worth);
  const amount = el("span.num.grow.ra", { test: "foreign-amount" }, "—");
  const changeWord = el("span.b");
  const change = el("span.num", { test: "foreign-change" });
  const changeBox = el("div.chg", { role: "status" }, changeWord, change);
  const why = el("div.sm.bad-text.why-not", { role: "alert", test: "foreign-why" });
  const word = el("span");
  const go = el("button.btn.pri.xl.block", { test: "foreign-go", disabled: true, onclick: take }, word);
  const keys = pad(press, { left: "clear", right: "00", prefix: "foreign-key" });
  const columns = el("div.counting", {},
    el("div.col", {}, el("div.seg-row", {}, kinds), el("div.row", {}, el("span.b", {}, t("foreign.due")), due), el("div.row", {}, rate, old), quick, worthRow),
    el("div.col.count-side", {}, el("div.amt", {}, el("span.mut", {}, t("pay.tendered")), amount, deleteKey(press, "foreign-key-del", "button.del")), keys));
  const sheet = openSheet({ name: "foreign", title: t("foreign.title"), kind: "counter-sheet", body: el("div.body.stacked", {}, columns, el("div.foot.col", {}, changeBox, why, go)) });
  sheet.box.addEventListener("keydown", (event) => {
    const key = NAMES[event.key] ?? event.key;
    if (!event.ctrlKey && !event.altKey && !event.metaKey && (/^\d$/.test(key) || key in { del: 1, clear: 1 })) { press(key); event.preventDefault(); }
  });

  const minor = () => Number(text + "0".repeat(chosen.decimals));

  function draw() {
    for (const each of kinds.children) each.setAttribute("aria-pressed", String(each.dataset.currency === chosen?.currency));
    kinds.hidden = offers.length < 2;
    due.textContent = chosen?.due?.text ?? "—";
    rate.textContent = chosen?.rate ? t("foreign.rate", { currency: chosen.currency, rate: chosen.rate.text, own: bag.view.total.currency }) : "";
    old.hidden = !chosen?.stale;
    for (const each of quick.children) each.setAttribute("aria-pressed", String(Boolean(text) && Number(each.dataset.minor) === minor()));
    for (const each of quick.children) each.classList.toggle("on", each.getAttribute("aria-pressed") === "true");
    const short = Boolean(quote?.short.minor);
    amount.textContent = quote?.notes.text ?? (text || "—");
    amount.classList.toggle("long", amount.textContent.length > LONG);
    worthRow.hidden = !quote;
    worth.textContent = quote?.worth.text ?? "";
    changeWord.textContent = t(short ? "foreign.rest" : "foreign.change");
    change.textContent = quote ? (short ? quote.short.text : quote.change.text) : "—";
    changeBox.classList.toggle("short", short);
    word.textContent = quote ? t(short ? "foreign.part" : "foreign.take", { amount: quote.notes.text }) : t("foreign.enter");
    busy(go, false);
    go.disabled = !quote;
  }

  function press(key) {
    if (!chosen?.rate) return;
    if (key === "clear") text = "";
    else if (key === "del") text = text.slice(0, -1);
    else if (text || !/^0+$/.test(key)) text = (text + key).slice(0, TYPED_MAX);
    ask();
  }

  /** What so many notes would mean; the latest wish is answered. */
  function ask() {
    const mine = ++asked;
    quote = null;
    why.textContent = "";
    clearTimeout(timer);
    if (text) timer = setTimeout(async () => {
      try {
        const answer = await get(`/api/till/foreign-cash/quote?currency=${chosen.currency}&minor=${minor()}`);
        if (mine === asked) quote = answer;
      } catch (problem) { if (mine === asked) failed(problem); }
      if (mine === asked) draw();
    }, PAUSE_MS);
    draw();
  }

  function failed(problem) {
    refused();
    const { step_minor, most_minor } = problem.details ?? {};
    const places = 10 ** (chosen?.decimals ?? 0);
    why.textContent = step_minor ? t("foreign.notes_only", { step: chosen.step.text }) : most_minor ? t("foreign.too_many", { most: `${most_minor / places} ${chosen.currency}` }) : wordOf(problem);
  }

  async function take() {
    busy(go, true);
    const body = { basket_id: bag.view.basket_id, version: bag.view.version, currency: chosen.currency, minor: minor() };
    try {
      const view = await once(`notes ${JSON.stringify(body)}`, (options) => approved("stale_rate", (approval) => post("/api/till/foreign-cash", approval ? { ...body, approval } : body, options)));
      if (!view) return draw();
      closeSheet(sheet, { silent: true });
      accepted();
      applyBag(view);
    } catch (problem) {
      failed(problem);
      draw();
    }
  }

  function choose(offer) {
    chosen = offer;
    text = "";
    quick.replaceChildren(...offer.quick.map((each, i) => el("button.btn", { test: `foreign-quick-${i}`, data: { minor: each.minor }, onclick: () => { text = String(each.minor / 10 ** offer.decimals); ask(); } }, each.text)));
    ask();
    if (!offer.rate) why.textContent = t("error.rate_missing");
  }

  draw();
  try {
    ({ offers } = await get("/api/till/foreign-cash"));
    kinds.replaceChildren(...offers.map((each) => el("button", { test: `foreign-${each.currency}`, data: { currency: each.currency }, onclick: () => choose(each) }, each.currency)));
    if (offers.length) choose(offers.find((each) => each.rate) ?? offers[0]);
  } catch (problem) { why.textContent = wordOf(problem); }
  draw();
}
