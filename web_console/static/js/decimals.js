// Decimal figures as people type them, and whole units of the smallest part.

/** Whole units of the smallest part from decimal figures: "80.5" with 2 is 8050; null for anything else. */
export function parsed(text, decimals) {
  const found = /^\s*(\d{1,12})(?:[.。](\d*))?\s*$/.exec(text.replace(/[,，]/g, ""));
  if (!found || (found[2] ?? "").length > decimals) return null;
  return Number(found[1] + (found[2] ?? "").padEnd(decimals, "0"));
}

/** The same backwards. */
export function written(value, decimals) {
  const digits = String(value).padStart(decimals + 1, "0");
  return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
}
