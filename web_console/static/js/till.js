// The till page: signs on, follows the gateway's events, and gives each key and scan to the right part.
import { $ } from "./dom.js";
import { Lost, Problem, del, get, part, setCsrf, whenSignedOut } from "./api.js";
import * as attempts from "./attempt.js";
import { applyBag, bag, forgetUndo, onBag, setQuantity, step, undo } from "./bag.js";
import { changePrice, drawPay, moveSelection, startBasket } from "./basket.js";
import { loadCatalogue, clearSearch, startCatalogue } from "./catalogue.js";
import { drawJobs, heardJob, leaveDone, showDone, showing, startDone } from "./done.js";
import { inField, listen } from "./keys.js";
import * as live from "./live.js";
import * as notices from "./notices.js";
import { bagChanged, dropPay, openPay, payKey, payNote, paying, redrawPay, startPay, tenderKey } from "./pay.js";
import { openPayment, setTenders } from "./payments.js";
import { pinKey, showPin } from "./pin.js";
import { drawScan, forgetScan, heardScan, showScanner, typedCode } from "./scans.js";
import { closeAll, topSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { heardParked, heardTicket, openParked, startParked } from "./waiting.js";
import { problemWord, t } from "./words.js";

const IDLE_MS = 5 * 60 * 1000;
const { till, twins } = document.body.dataset;
const DONE = `done:${till}`;
// A receipt's barcode, or the address under its QR code, begins its return.
const RECEIPT = /^(?:https:\/\/.+[?&]t=)?([\w-]{1,32}-[A-Za-z0-9]{1,8}-\d{6,12})(?:&.*)?$/;
let signedOn = false;
let staff_id = "";
let activeAt = performance.now();

function show(name) {
  for (const id of ["pin", "till", "done"]) $(id).hidden = id !== name;
}

function keepDone(sale_id) {
  try { sale_id ? sessionStorage.setItem(DONE, sale_id) : sessionStorage.removeItem(DONE); } catch { /* private window */ }
}

function paid(sale) {
  keepDone(sale.sale_id);
  forgetUndo();
  closeAll();
  showDone(sale);
  show("done");
  $("next-sale").focus({ preventScroll: true });
}

function nextSale() {
  keepDone("");
  leaveDone();
  forgetScan();
  show("till");
  if ($("search").value) clearSearch();
}

function signedOut() {
  if (!signedOn && !$("pin").hidden) return;
  signedOn = false;
  live.stop();
  dropPay();
  closeAll();
  leaveDone();
  show("pin");
  showPin({ till, roles: ["cashier", "manager"], done: (session) => signOn(session, true) });
}

async function signOff() {
  try { await del("/api/session", { quiet: true }); } catch { /* the PIN page is shown anyway */ }
  keepDone("");
  signedOut();
}

async function askSession() {
  try {
    await get("/api/session", { quiet: true });
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) signedOut();
  }
}

function health(view) {
  notices.showHealth(view);
  drawJobs();
  showScanner(notices.device("scanner"));
  drawPay();
  redrawPay();
}

function follow() {
  live.start({
    basket: (view) => (view.till === till ? applyBag(view, true) : signedOut()),
    health,
    job(job) { heardJob(job); topSheet()?.heardJob?.(job); },
    scan(scan) {
      const sheet = topSheet();
      if (sheet?.scanned && (sheet.takes || scan.code !== "added")) return sheet.scanned(RECEIPT.exec(scan.data)?.[1] ?? scan.data, scan);
      const receipt = !["added", "resumed"].includes(scan.code) && RECEIPT.exec(scan.data);
      if (showing() && (receipt || ["added", "resumed", "member", "coupon_scanned"].includes(scan.code))) nextSale();
      if (receipt && free()) return opened(() => takeBack(receipt[1]));
      if (heardScan(scan, paying() ? payNote : null) && scan.parked_id && !paying()) heardTicket(scan);
    },
    parked(news) { heardParked(news); notices.heardAside(news); },
    retry: askSession,
    lost() { notices.draw(); drawPay(); redrawPay(); },
    found() { notices.draw(); drawPay(); redrawPay(); loadCatalogue(); },
  });
}

/** After a reload or a new PIN: the payment that was under way, or the sale that was shown. */
async function takeUp(afterPin) {
  const kept = attempts.load(till);
  if (kept && kept.phase !== "open" && (afterPin || kept.staff_id !== staff_id)) kept.phase = "held";
  if (kept && (kept.phase !== "open" || (kept.basket_id === bag.view.basket_id && bag.view.lines.length))) return openPay(bag.view, kept);
  attempts.forget(till);
  if (openPayment(bag.view)) return openPay(bag.view);
  let sale_id = null;
  try { sale_id = sessionStorage.getItem(DONE); } catch { /* private window */ }
  if (!sale_id || bag.view.lines.length) return keepDone("");
  try { paid(await get(`/api/sales/${part(sale_id)}`)); } catch { keepDone(""); }
}

async function signOn(session, afterPin = false) {
  if (session.till !== till) return signedOut();
  setCsrf(session.csrf);
  staff_id = session.staff.staff_id;
  setTenders(session.tenders);
  $("who").textContent = `${session.staff.name} · ${t(`role.${session.staff.role}`)}`;
  try {
    applyBag(await get("/api/till/basket"), true);
  } catch (problem) {
    if (problem instanceof Problem) return showPinAgain();
    setTimeout(() => signOn(session, afterPin), 1000);
    return;
  }
  signedOn = true;
  activeAt = performance.now();
  show("till");
  drawScan();
  follow();
  loadCatalogue();
  await takeUp(afterPin);
  if (session.asks_float) greet();
}

async function openShift() {
  const shift = await import("./shift.js");
  shift.openShift();
}

/** Whoever signs on is asked for the float, unless something else is going on. */
async function greet() {
  const free = () => signedOn && !paying() && !showing() && !topSheet();
  try {
    const shift = await import("./shift.js");
    await shift.greet(free);
  } catch (problem) {
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem; // else: asked again at the next sign-on
  }
}

function showPinAgain() {
  signedOn = true;
  signedOut();
}

function startPayment() {
  if (paying() || topSheet() || !bag.view?.lines.length || live.lost() || notices.cannotStore()) return;
  forgetUndo();
  openPay(bag.view);
}

function startParking() {
  if (paying() || showing() || topSheet() || live.lost() || notices.cannotStore()) return;
  opened(async () => (await import("./park.js")).openPark());
}

function showParked() {
  if (paying() || topSheet()) return;
  if (showing()) nextSale();
  openParked();
}

function scanned(code) {
  const receipt = RECEIPT.exec(code);
  if (topSheet()?.scanned) return topSheet().scanned(receipt?.[1] ?? code);
  if (paying()) return payNote(t("pay.scan_refused"));
  if (showing()) nextSale();
  if (receipt) return opened(() => takeBack(receipt[1]));
  typedCode(code);
}

const free = () => !paying() && !topSheet() && bag.view && !live.lost();

/** The sheet for goods that come back. Loaded when first needed. */
async function takeBack(number = "") {
  if (!free()) return;
  const { openReturns } = await import("./returns.js");
  openReturns({ number, sold: paid });
}

const discount = () => { if (free() && bag.view.lines.length) opened(() => changePrice(0)); };
const sellers = (line) => opened(async () => (await import("./seller.js")).openSeller(line));
const members = () => opened(async () => {
  const { openMember } = await import("./member.js");
  if (free()) openMember(); // a second tap came while it was fetched
});
const recharge = () => opened(async () => { (await import("./recharge.js")).openRecharge(bag.view.customer.member_id, bag.view, () => {}); });
const returns = () => opened(() => takeBack());
const receipts = () => opened(async () => { if (!paying() && !topSheet()) (await import("./receipts.js")).openReceipts(); });
const openKeys = () => opened(async () => (await import("./menu.js")).openKeys());

const SHORTCUTS = {
  F7: returns,
  F8: discount,
  F2() { $("till").dataset.pane = "goods"; drawPanes(); $("search").focus(); $("search").select(); },
  F1: () => { if (free()) sellers(null); },
  F3: members,
  F4: startParking,
  F6: showParked,
  F9: startPayment,
  "?": openKeys,
  ArrowUp: () => moveSelection(-1),
  ArrowDown: () => moveSelection(1),
  "+": () => bag.selected && step(bag.selected, 1),
  "-": () => bag.selected && step(bag.selected, -1),
  Delete: () => bag.selected && setQuantity(bag.selected, 0),
};

function key(name, event) {
  activeAt = performance.now();
  if (!$("pin").hidden && !topSheet()) { if (pinKey(name)) event?.preventDefault(); return; }
  if (showing() && !topSheet()) {
    if (name === "F9" || name === "Escape" || (name === "Enter" && !(document.activeElement instanceof HTMLButtonElement))) { event?.preventDefault(); nextSale(); }
    return;
  }
  if (paying() && topSheet()?.name === "pay") { // a sheet above it hears its own keys: Enter there must not charge here
    if (event?.altKey && tenderKey(event.code)) return event.preventDefault();
    if (event?.altKey || name === "Escape" || name === "Tab") return;
    if (payKey(name)) event?.preventDefault();
    return;
  }
  if (topSheet()) { if (topSheet().key?.(name)) event?.preventDefault(); return; }
  if (event?.ctrlKey && name.toLowerCase() === "z" && !inField()) { event.preventDefault(); undo(); return; }
  if (name === "Enter") {
    const empty = inField() ? document.activeElement.value === "" : document.activeElement === document.body;
    if (empty) { event.preventDefault(); startPayment(); }
    return;
  }
  if (inField() && !/^F\d$/.test(name)) return;
  const does = SHORTCUTS[name];
  if (does && !event?.ctrlKey && !event?.altKey) { event?.preventDefault(); does(); }
}

/** The hours of whoever is signed on are theirs alone: the lock screen only clocks in and out. */
const openClock = () => opened(async () => (await import("./clock.js")).openClock({ till, mine: signedOn ? openMine : null }));
const openMine = () => opened(async () => (await import("./hours.js")).openMine({ staff_id }));

async function opened(open) {
  try {
    await open();
  } catch (problem) {
    toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
  }
}

function drawPanes() {
  const pane = $("till").dataset.pane;
  for (const [id, name] of [["bag-tab", "basket"], ["goods-tab", "goods"]]) $(id).setAttribute("aria-selected", String(pane === name));
}

function startPanes() {
  const to = (pane) => { $("till").dataset.pane = pane; drawPanes(); };
  $("bag-tab").addEventListener("click", () => to("basket"));
  $("goods-tab").addEventListener("click", () => to("goods"));
  $("find-tab").addEventListener("click", () => { to("goods"); $("search").focus(); });
  new MutationObserver(drawPanes).observe($("till"), { attributes: true, attributeFilter: ["data-pane"] });
}

function lockWhenIdle() {
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => { activeAt = performance.now(); }, true);
  onBag(() => { activeAt = performance.now(); });
  setInterval(() => {
    if (signedOn && !paying() && performance.now() - activeAt > IDLE_MS) signOff();
    else if (signedOn) notices.draw();
  }, 1000);
}

function start() {
  whenSignedOut(signedOut);
  const blocked = () => (live.lost() ? t("pay.unreachable") : notices.cannotStore() ? t("pay.storage") : "");
  startBasket({ seller: sellers, member: members, recharge, park: startParking, pay: startPayment, blocked });
  startParked(showParked);
  startCatalogue({ typed: async (code, otherwise) => { if (await typedCode(code, otherwise)) clearSearch(); } });
  startPay({ till, paid, who: () => staff_id });
  startDone({ next: nextSale });
  startPanes();
  onBag((view, old) => {
    if (old && old !== view) bagChanged(view, old);
    if (showing() && view.lines.length && old && view.version !== old.version) nextSale();
    if (signedOn && old && openPayment(view) && !openPayment(old) && free()) openPay(view); // asked at another tablet of this till
  });
  listen({ scan: scanned, key, when: () => signedOn });
  for (const name of ["scanner", "printer", "hq"]) $(`stat-${name}`).addEventListener("click", () => notices.openHealth());
  const does = { returns, receipts, discount, shift: openShift, clock: openClock };
  $("menu").addEventListener("click", () => opened(async () => (await import("./menu.js")).openMenu({ twins: twins === "yes", does, signOff })));
  $("pin-clock").addEventListener("click", openClock);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && signedOn && live.lost()) live.retryNow(); });
  lockWhenIdle();
}

async function resume() {
  try {
    signOn(await get("/api/session", { quiet: true }));
  } catch (problem) {
    if (problem instanceof Problem) showPinAgain();
    else setTimeout(resume, 1000);
  }
}

start();
resume();
