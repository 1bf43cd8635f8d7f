// A member in a drawer: where they stand, what they have, what they bought, what they agreed to.
import { busy, el, icon } from "./dom.js";
import { Lost, Problem, get, once, part, post } from "./api.js";
import { approved } from "./approve.js";
import { applyBag, bag, onBag, setCustomer } from "./bag.js";
import { rewards } from "./rewards.js";
import { PURPOSES, say, wording } from "./consents.js";
import { garment } from "./garments.js";
import { heardScan, typedCode } from "./scans.js";
import { closeSheet, openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { date, lang, number, problemWord, t } from "./words.js";

const REASONS = ["verify", "delivery", "request"];
const SHOWN_MS = 30_000;
const HIDDEN = ["name", "phone"];
const SHOWN_MAX = 3; // purchases, until somebody asks for more
const month = (ms) => new Date(ms).toLocaleDateString("sv").slice(0, 7); // 2026-11
const words = (problem) => (problem instanceof Problem ? problemWord(problem) : t("bag.lost"));
const named = (held, what) => held[`${what}_${lang}`];

/** What is known, or null where it could not be had: the rest of the drawer is shown all the same. */
async function known(path) {
  try {
    return await get(path);
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) throw problem;
    if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
    return null;
  }
}

let shown = null; // {sheet, member_id}

onBag((view) => { // taken off, renamed or sold, here or at another tablet: what is shown is no longer theirs
  if (shown && view.customer?.member_id !== shown.member_id) closeSheet(shown.sheet);
});

/** `find` opens the sheet that finds somebody else. */
export function openDrawer(find) {
  const { customer } = bag.view;
  const me = `/api/members/${part(customer.member_id)}`;
  const title = el("h2.cut", { test: "drawer-name" }, customer.name || customer.phone || t("member.erased"));
  const more = el("div.sm.mut.num.cut", { test: "drawer-more" }, customer.name && customer.phone);
  const marks = el("span.row.marks", {}, el("span.pill.tier", { test: "drawer-tier" }, named(customer, "tier")), customer.birthday_month && el("span.pill.ok", {}, t("member.birthday")));
  const look = el("button.btn.ghost.sq", { hidden: true, test: "unmask", "aria-label": t("unmask.title"), onclick: () => unmask() }, icon("eye"));
  const figures = el("div.figures", {});
  const does = el("div.row.wrap", {}, el("button.btn", { test: "drawer-recharge", disabled: customer.frozen, onclick: recharge }, icon("cash"), t(customer.frozen ? "member.frozen" : "recharge.title")));
  const body = el("div.body.pad.col", { "aria-busy": "true" }, figures, does);
  const drawn = { points: figure("points"), balance: figure("stored"), coupons: figure("coupons") };
  drawn.balance.value.textContent = customer.balance.text;
  figures.append(...Object.values(drawn).map(({ node }) => node));
  const sheet = openSheet({ name: "member", kind: "drawer", onclose: () => { shown = null; }, label: t("member.title"), body, header: [look],
    title: el("div.row.grow.id", {}, el("span.ava", { "aria-hidden": "true" }, customer.name ? [...customer.name][0] : icon("person")), el("div.grow", {}, el("div.row", {}, title, marks), more)) });
  sheet.box.append(el("footer.row", {},
    el("button.btn.l", { test: "member-off", onclick: () => { closeSheet(sheet); setCustomer(""); } }, t("member.off")),
    el("button.btn.ink.l.grow", { test: "member-back", onclick: () => closeSheet(sheet) }, t("member.back"))));
  shown = { sheet, member_id: customer.member_id };
  sheet.scanned = (code, scan) => { // it may name somebody else
    closeSheet(sheet);
    if (scan) heardScan(scan, null);
    else typedCode(code);
  };
  fill();

  /** What is best is a part of its own: the payment shows it too. */
  async function advised(place) {
    const { showBest } = await import("./best.js");
    await showBest(place);
  }

  async function fill() {
    const best = el("div.hint", { hidden: true });
    const [member, tier, points, coupons, bought, consents] = await Promise.all([asked(), known(`${me}/tier`), known(`${me}/points?lang=${lang}`), known(`${me}/coupons`), known(`${me}/purchases`), known(`${me}/consents`), advised(best)]);
    body.removeAttribute("aria-busy");
    if (!member || !sheet.box.isConnected) return;
    more.replaceChildren([customer.name && customer.phone, t("member.since", { month: month(member.created_at_ms) })].filter(Boolean).join(" · "));
    if (member.blocked) marks.append(el("span.pill.bad", { test: "drawer-blocked" }, t("member.blocked")));
    look.hidden = !member.fields.some((each) => HIDDEN.includes(each.field) && each.masked);
    drawn.points.value.textContent = points ? number(points.balance) : "—";
    drawn.points.note.textContent = points?.pending ? t("member.pending", { n: number(points.pending) }) : "";
    const usable = coupons?.filter(({ state }) => state === "issued").sort((one, other) => (one.last_day || "9999").localeCompare(other.last_day || "9999") || one.coupon_id.localeCompare(other.coupon_id)); // what ends first is used first
    drawn.coupons.value.textContent = usable ? t("member.count", { n: usable.length }) : "—";
    const [{ exchanges }, { visits }] = await Promise.all([import("./exchange.js"), import("./visit.js")]);
    if (points) does.append(...visits(me, points, find, (balance) => { drawn.points.value.textContent = number(balance); }));
    const had = await exchanges(me, () => { if (shown?.sheet === sheet) { closeSheet(sheet); openDrawer(find); } });
    if (!sheet.box.isConnected) return;
    body.append(...standing(tier), ...rewards(usable ?? [], best), ...had, ...purchases(bought), ...agreed(consents, member));
  }

  async function recharge() {
    const { openRecharge } = await import("./recharge.js");
    openRecharge(customer.member_id, bag.view, () => { drawn.balance.value.textContent = bag.view.customer?.balance.text ?? ""; });
  }

  /** The member, or null after the body says why there is none. */
  async function asked() {
    try {
      return await get(me);
    } catch (problem) {
      const gone = problem instanceof Problem && problem.code === "member_unknown";
      if (gone) { // nothing of theirs stays on this page
        title.textContent = t("member.erased");
        more.textContent = "";
        get("/api/till/basket").then(applyBag, () => {});
      }
      body.replaceChildren(el("div.empty", { test: "drawer-gone", role: "alert" }, el("span.halo", {}, icon("person", "l")), el("b.b", {}, gone ? t("member.erased") : words(problem)), el("p.sm.mut", {}, t(gone ? "member.erased_do" : "member.lost_do"))));
      if (problem instanceof Problem || problem instanceof Lost) return null;
      throw problem;
    }
  }

  /** The chosen reason is journalled; what is shown goes away by itself. */
  function unmask() {
    const chips = REASONS.map((reason) => el("button.btn", { test: `unmask-${reason}`, onclick: () => show(reason) }, t(`unmask.${reason}`)));
    const why = openSheet({ name: "unmask", title: t("unmask.title"), body: el("div.body.pad.col", {}, el("p.sm.mut", {}, t("unmask.hint")), el("div.chips", {}, ...chips)) });
    async function show(reason) {
      for (const chip of chips) busy(chip, true);
      closeSheet(why);
      try {
        const body = { fields: HIDDEN, reason: t(`unmask.${reason}`) };
        const clear = await approved("member_unmask", (approval) => once(`unmask ${me} ${reason}`, (options) => post(`${me}/unmask`, approval ? { ...body, approval } : body, options)), { reason: body.reason });
        if (!clear) return;
        const before = [title, more].map((node) => node.textContent);
        setTimeout(() => { [title.textContent, more.textContent] = before; look.hidden = false; }, SHOWN_MS);
        look.hidden = true;
        title.textContent = clear.fields.name || clear.fields.phone;
        more.textContent = clear.fields.name ? clear.fields.phone ?? "" : "";
      } catch (problem) {
        toast(words(problem));
        if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
      }
    }
  }
}

function figure(name) {
  const value = el("div.b.num.xl", { test: `drawer-${name}` }, "…");
  const note = el("div.sm.dim.cut");
  return { node: el("div", {}, el("div.sm.mut", {}, t(`member.${name}`)), value, note), value, note };
}

const heading = (key) => el("h3", {}, t(key));

function lack(held, tier) {
  const bar = el("i");
  bar.style.width = `${Math.min(100, Math.floor((held.have * 100) / held.least))}%`;
  return el("div", { test: "drawer-next" }, el("div.row.sm", {}, el("span.mut.grow", {}, t("member.to_next", { tier, what: missing(held) })), el("span.num.dim", {}, `${held.have_text} / ${held.least_text}`)), el("div.meter", {}, bar));
}

const missing = (held) => t(`lack.${held.metric}`, { n: held.missing });

function standing(tier) {
  if (!tier) return [];
  const next = named(tier, "next");
  const stay = tier.to_stay.length ? el("div.note.warn", { test: "drawer-stay" }, icon("alert"), el("div", {}, t("member.to_stay", { day: tier.until, tier: named(tier, "tier"), what: tier.to_stay.map(missing).join(t("list.and")) }))) : null;
  return [stay, ...(next ? tier.to_next.map((each) => lack(each, next)) : []),
    !next && tier.tier ? el("p.sm.mut", { test: "drawer-top" }, t("member.top")) : null].filter(Boolean);
}

function purchases(bought) {
  if (!bought) return [];
  const rows = bought.purchases.map((each) => el("div.row.bought", { test: "bought" }, garment(each.garment, each.swatch, "th"),
    el("div.grow", {}, el("div.cut", {}, [each.name, each.variant].filter(Boolean).join(" ")), el("div.sm.mut.num", {}, [date(each.at_ms), each.pieces > 1 ? `× ${each.pieces}` : ""].filter(Boolean).join(" · "))), el("span.num", {}, each.amount.text)));
  const list = el("div.list", {}, ...rows.slice(0, SHOWN_MAX));
  const rest = rows.slice(SHOWN_MAX);
  const more = el("button.btn.block", { test: "bought-more", onclick: () => { list.append(...rest); more.remove(); } }, t("member.bought_more", { n: rest.length }));
  if (rest.length) return [heading("member.bought"), list, more];
  return [heading("member.bought"), rows.length ? list : el("p.sm.mut", { test: "bought-none" }, t("member.bought_none"))];
}

/** Each can be given and taken back for itself, at once. */
function agreed(consents, member) {
  if (!consents) return [];
  const rows = PURPOSES.map((purpose) => {
    const on = Boolean(consents.standing[purpose]);
    const toggle = el("button.sw", { role: "switch", "aria-checked": String(on), "aria-label": wording(purpose), test: `agreed-${purpose}`, onclick: change });
    async function change() {
      const next = toggle.getAttribute("aria-checked") !== "true";
      busy(toggle, true);
      try {
        const { standing: now } = await say(member.member_id, purpose, next);
        toggle.setAttribute("aria-checked", String(Boolean(now[purpose])));
      } catch (problem) {
        toast(words(problem));
        if (!(problem instanceof Problem || problem instanceof Lost)) throw problem;
      }
      busy(toggle, false);
    }
    return el("div.swrow", {}, el("span.grow", {}, wording(purpose)), toggle);
  });
  return [heading("consent.title"), el("div.list.card.parts", {}, ...rows)];
}
