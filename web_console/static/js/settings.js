// What this tablet remembers. A private window forgets, and nothing breaks.
export function remembered(key, fallback = "") {
  try { return localStorage.getItem(key) ?? fallback; } catch { return fallback; }
}

export function remember(key, value) {
  try { value === "" ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* private window */ }
}

export function setTheme(theme) {
  remember("theme", theme);
  dispatchEvent(new Event("theme"));
}
