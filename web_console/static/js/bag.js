// The bag as the gateway has it, and every change a cashier can make to it.
import { Problem, get, once, part, post, put } from "./api.js";
import { problemWord, t } from "./words.js";
import { refused } from "./sound.js";
import { toast, hideToast } from "./toast.js";

const UNDO_MAX = 10;
const UNDO_JOIN_MS = 6000; // changes of one line within this time are undone together

export const bag = { view: null, selected: 0 };
const gone = new Set(); // bags that were sold: a late answer must not bring them back
const listeners = [];
let undos = [];
let chain = Promise.resolve(); // changes go out in the order of the taps
let renewed = Promise.resolve(); // settled when the bag after a paid one is known

export const onBag = (callback) => listeners.push(callback);

/** From the stream (`sure`) a bag always counts; an answer counts when it is not older than what is shown. */
export function applyBag(view, sure = false) {
  const old = bag.view;
  if (old?.basket_id === view.basket_id && view.version < old.version) return;
  if (!sure && gone.has(view.basket_id)) return;
  if (old && old.basket_id !== view.basket_id) {
    gone.add(old.basket_id);
    gone.delete(view.basket_id);
    undos = [];
    bag.selected = 0;
  }
  bag.view = view;
  if (view.last_line_id && view.last_line_id !== old?.last_line_id) bag.selected = view.last_line_id;
  if (!view.lines.some((line) => line.line_id === bag.selected)) bag.selected = view.lines.at(-1)?.line_id ?? 0;
  for (const listener of listeners) listener(view, old);
}

const renew = () => { renewed = get("/api/till/basket").then((view) => applyBag(view)).catch(() => {}); };

/** This bag has been paid: what is tapped from now on is for the next customer. */
export function soldBag(basket_id) {
  gone.add(basket_id);
  if (bag.view?.basket_id === basket_id) renew();
}

/** The bag that the cashier means now: a change that arrives after its payment must not reach the next one. */
const meant = () => renewed.then(() => bag.view.basket_id);

export function select(line_id) {
  bag.selected = line_id;
  for (const listener of listeners) listener(bag.view, bag.view);
}

export const line = (line_id) => bag.view?.lines.find((each) => each.line_id === line_id);
export const recent = () => undos;
export const forgetUndo = () => { undos = []; hideToast(); };

/** Puts one change behind the others; tells of a refusal in a toast. Returns whether it was done. */
export function change(send) {
  const done = chain.then(async () => {
    try {
      applyBag(await send());
      return true;
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 401) return false;
      if (problem.code === "basket_changed") renew();
      refused();
      toast(problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
      return false;
    }
  });
  chain = done;
  return done;
}

const addOnce = (what, basket_id) => once(`add ${basket_id} ${JSON.stringify(what)}`, (key) => post("/api/till/lines", { ...what, basket_id }, key));

export function addSku(sku) {
  const now = meant();
  return change(async () => addOnce({ sku }, await now));
}

/** A typed or keyboard-scanned code. Throws its Problem: the scan strip has the words. */
export async function addCode(code) {
  try {
    const view = await addOnce({ code }, await meant());
    applyBag(view);
    return line(view.last_line_id);
  } catch (problem) {
    if (problem.code === "basket_changed") renew();
    throw problem;
  }
}

const lineUrl = (line_id) => `/api/till/lines/${part(line_id)}`;

export function remember(entry, words) {
  const last = undos.at(-1);
  const joins = last && entry.kind === "quantity" && last.kind === "quantity" && last.line_id === entry.line_id && entry.at - last.at < UNDO_JOIN_MS;
  if (joins) { last.at = entry.at; last.words = words; }
  else undos = [...undos, { ...entry, words }].slice(-UNDO_MAX);
  const kept = undos.at(-1);
  toast(words, { label: t("undo"), action: () => undo(kept) });
}

function changed(basket_id, { line_id, name, quantity }, next) {
  if (basket_id !== bag.view.basket_id) return;
  if (next === 0) remember({ kind: "remove", line_id, at: Date.now() }, t("bag.removed", { name }));
  else remember({ kind: "quantity", line_id, from: quantity, at: Date.now() }, t("bag.quantity", { name, n: next }));
}

export async function setQuantity(line_id, quantity) {
  const before = line(line_id);
  if (!before || quantity === before.quantity) return;
  const { basket_id } = bag.view;
  if (await change(() => put(lineUrl(line_id), { basket_id, quantity }))) changed(basket_id, before, quantity);
}

/** Names the seller of a line, or of the whole bag (0); "" takes the name away. */
export function setSeller(line_id, seller_id) {
  const { basket_id } = bag.view;
  return change(() => put(line_id ? `${lineUrl(line_id)}/seller` : "/api/till/seller", { basket_id, seller_id }));
}

/** Says who buys; "" for nobody known. The toast can take it back. */
export async function setCustomer(member_id) {
  const { basket_id, customer } = bag.view;
  const before = customer?.member_id ?? "";
  const told = await change(() => put("/api/till/member", { basket_id, member_id }));
  if (!told || before === member_id || basket_id !== bag.view.basket_id) return told;
  const { name, phone } = (member_id ? bag.view.customer : customer) ?? {};
  remember({ back: (mine) => put("/api/till/member", { basket_id: mine, member_id: before }), at: Date.now() }, t(member_id ? "bag.member" : "bag.no_member", { name: name || phone }));
  return told;
}

/** One more or one fewer, counted when its turn comes, so that fast taps all count. */
export function step(line_id, by) {
  const { basket_id } = bag.view;
  let before = null;
  let next = 0;
  return change(() => {
    before = line(line_id);
    next = Math.max(0, (before?.quantity ?? 0) + by);
    return put(lineUrl(line_id), { basket_id, quantity: next });
  }).then((done) => { if (done && before) changed(basket_id, before, next); });
}

export function undo(entry = undos.at(-1)) {
  if (!entry || !undos.includes(entry)) return;
  undos = undos.filter((each) => each !== entry);
  hideToast();
  const { basket_id } = bag.view; // undos are forgotten with their bag
  return change(() => entry.back ? entry.back(basket_id)
    : entry.kind === "remove" ? post(`${lineUrl(entry.line_id)}/restore`, { basket_id })
      : put(lineUrl(entry.line_id), { basket_id, quantity: entry.from }));
}
