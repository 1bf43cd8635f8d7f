// Devices and headquarters in rows: what each is doing, since when, and what to do.
import { dot, el, icon } from "./dom.js";
import { gatewayNow } from "./live.js";
import { troubled } from "./notices.js";
import { openSheet } from "./sheet.js";
import { deviceWord, first, number, span, t } from "./words.js";

export function deviceRow({ kind, icon: name, title, level, word, facts, code }) {
  return el(`div.dev${troubled(level) ? `.${level}` : ""}`, { test: `device-${kind}`, data: { code } },
    el("span.ic", {}, icon(name)), el("div.min0", {}, el("div.b.cut", {}, title), el("div.sm.mut", {}, facts)),
    el("span.pill", { class: `pill ${level === "off" ? "" : level}` }, dot(level !== "ok"), word));
}

export function deviceRows(view) {
  const rows = view.devices.map((each) => deviceRow({
    kind: each.kind, code: each.code, icon: each.kind, level: each.level, title: t(`kind.${each.kind}`),
    word: deviceWord(each.kind, each.code),
    facts: [t("dev.since", { since: span(gatewayNow() - each.since_ms) }), troubled(each.level) ? first([`do.${each.kind}.${each.code}`, `do.${each.kind}`]) : null, each.twin ? t("dev.twin") : null].filter(Boolean).join(" · "),
  }));
  const { hq } = view;
  rows.push(deviceRow({
    kind: "hq", code: hq.code, icon: troubled(hq.level) ? "hq-off" : "hq", level: hq.level, title: t("kind.hq"),
    word: first([`health.hq.${hq.code}`, "health.hq.away"]),
    facts: [t("dev.since", { since: span(gatewayNow() - hq.since_ms) }), t("dev.waiting", { n: number(hq.waiting) }),
      hq.acknowledged_at_ms ? t("dev.acknowledged", { since: span(gatewayNow() - hq.acknowledged_at_ms) }) : null].filter(Boolean).join(" · "),
  }));
  return rows;
}

export function openHealth(health) {
  openSheet({ name: "health", title: t("health.title"), body: el("div.body.list", {}, ...deviceRows(health), el("div.pad.sm.mut", {}, t("health.explain"))) });
}
