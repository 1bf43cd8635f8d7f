// Keys: tells a keyboard-type scanner from a person, and passes a person's keys on.
//
// A scanner types faster than 35 ms a key, at least 6 characters, and ends with Enter. In a field the
// text is put back as it was before the burst; elsewhere a printable key waits 40 ms to show what it is.
const GAP_MS = 35;
const LENGTH_MIN = 6;
const HOLD_MS = 40;

let onScan = () => {};
let onKey = () => {};
let listening = () => true;
let burst = "";
let lastAt = 0;
let held = [];
let timer = 0;
let snapshot = null;

const isField = (node) => node instanceof HTMLInputElement && node.type !== "button";

function release() {
  clearTimeout(timer);
  const keys = held;
  held = [];
  for (const key of keys) onKey(key, null);
}

function restore() {
  if (!snapshot) return;
  const { field, value, start, end } = snapshot;
  if (field.value !== value) {
    field.value = value;
    field.setSelectionRange(start, end);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function down(event) {
  if (event.isComposing || event.key === "Process") return;
  const { key } = event;
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  const field = isField(event.target) ? event.target : null;
  const fast = event.timeStamp - lastAt < GAP_MS;

  if (key === "Enter" && fast && burst.length >= LENGTH_MIN && listening()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(timer);
    held = [];
    if (field) restore();
    const code = burst;
    burst = "";
    onScan(code);
    return;
  }
  if (key.length === 1 && !modified) {
    if (!fast || !burst) {
      release();
      burst = "";
      snapshot = field && { field, value: field.value, start: field.selectionStart, end: field.selectionEnd };
    }
    burst += key;
    lastAt = event.timeStamp;
    if (field || (key === " " && burst.length === 1)) return;
    event.preventDefault();
    held.push(key);
    clearTimeout(timer);
    timer = setTimeout(release, HOLD_MS);
    return;
  }
  if (key === "Shift") return;
  release();
  burst = "";
  onKey(key, event);
}

export function listen({ scan, key, when }) {
  onScan = scan;
  onKey = key;
  listening = when;
  document.addEventListener("keydown", down, true);
}

export const inField = () => isField(document.activeElement);
