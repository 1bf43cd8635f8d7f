// The back office: a manager signs on, the address names the section, its script is loaded when it is opened.
import { $, el, icon } from "./dom.js";
import { Lost, del, get, setCsrf, whenSignedOut } from "./api.js";
import { choice } from "./choice.js";
import { pinKey, showPin } from "./pin.js";
import { expected, failed, route, skeleton } from "./section.js";
import { remembered, setTheme } from "./settings.js";
import { closeAll, closeSheet, openSheet, topSheet } from "./sheet.js";
import { lang, setLanguage, t } from "./words.js";

const { till, twins } = document.body.dataset;
const SKELETON_MS = 300;
const links = [...document.querySelectorAll("#nav a[data-section]")];
const store = document.title;
let signedOn = null;
let turn = 0;
let tries = 0;
let leave = null; // of the section that is open

/** Opens what the address names; a first visit opens the first section. */
async function open(moved = true) {
  const { key, path, query } = route();
  const link = links.find((each) => each.dataset.section === key);
  if (!link) return location.replace(links[0].hash);
  const mine = ++turn;
  closeAll();
  leave?.();
  leave = null;
  for (const each of links) each === link ? each.setAttribute("aria-current", "page") : each.removeAttribute("aria-current");
  $("more").classList.toggle("on", link.classList.contains("x"));
  document.title = `${link.textContent} · ${store}`;
  // A place of its own: what a section that was left draws late is drawn nowhere.
  const page = el("main.page", { id: "page", tabindex: "-1" });
  $("page").replaceWith(page);
  scrollTo(0, 0);
  if (moved) page.focus({ preventScroll: true });
  const slow = setTimeout(() => page.replaceChildren(skeleton()), SKELETON_MS);
  try {
    let section = null;
    try {
      section = await import(`./office/${key}.js${tries ? `?again=${tries}` : ""}`);
    } catch (problem) {
      tries += 1; // a browser remembers that a script could not be had
      throw new Lost(problem.message);
    }
    clearTimeout(slow);
    if (mine !== turn) return;
    page.replaceChildren();
    const left = await section.show(page, { path, query });
    if (mine === turn) leave = left ?? null;
    else left?.();
  } catch (problem) {
    clearTimeout(slow);
    if (mine !== turn) return;
    page.replaceChildren(failed(problem, () => open()));
    if (!expected(problem)) throw problem;
  }
}

function openMenu() {
  const rest = matchMedia("(max-width: 900px)").matches ? links.filter((link) => link.classList.contains("x")) : [];
  const row = (href, name, words, test) => el("a.swrow.go", { href, test, onclick: () => closeSheet(sheet) }, icon(name), el("span.grow", {}, words));
  const sheet = openSheet({
    name: "menu", title: signedOn.staff.name, body: el("div.body.list", {},
      ...rest.map((link) => row(link.hash, link.dataset.icon, link.textContent, `menu-${link.dataset.section}`)),
      row(`/till/${till}`, "cash", t("till.title"), "menu-till"), row("/technician", "bolt", t("menu.technician"), "menu-technician"),
      twins === "yes" ? row("/counter", "scanner", t("menu.counter"), "menu-counter") : null,
      choice(t("menu.language"), "language", [["zh", "中文"], ["en", "English"]], lang, setLanguage),
      choice(t("menu.theme"), "theme", [["", t("theme.system")], ["light", t("theme.light")], ["dark", t("theme.dark")]], remembered("theme"), setTheme),
      el("div.pad", {}, el("button.btn.l.block", { test: "sign-off", onclick: () => { closeSheet(sheet); signOff(); } }, icon("exit"), t("menu.sign_off")))),
  });
}

async function signOff() {
  try { await del("/api/session", { quiet: true }); } catch { /* the PIN page follows */ }
  turn += 1;
  leave?.();
  leave = null;
  signedOn = null;
  $("page").replaceChildren();
  askPin();
}

function askPin() {
  closeAll();
  $("office").hidden = true;
  $("pin").hidden = false;
  showPin({ till, roles: ["manager"], done: signOn });
}

/** The same manager finds the page as it was left; another one finds it opened anew. */
function signOn(session) {
  if (session.staff.role !== "manager") return askPin();
  const same = signedOn?.staff.staff_id === session.staff.staff_id && $("page").childElementCount && !$("page").querySelector('[data-test="failed"]');
  signedOn = session;
  setCsrf(session.csrf);
  $("who").textContent = `${session.staff.name} · ${t(`role.${session.staff.role}`)}`;
  $("pin").hidden = true;
  $("office").hidden = false;
  if (!same) open(false);
}

function start() {
  whenSignedOut(askPin);
  addEventListener("hashchange", () => { if (signedOn) open(); });
  $("more").addEventListener("click", openMenu);
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("page").focus(); });
  document.addEventListener("keydown", (event) => { if (!$("pin").hidden && !topSheet() && pinKey(event.key)) event.preventDefault(); });
  get("/api/session", { quiet: true }).then(signOn, askPin);
}

start();
