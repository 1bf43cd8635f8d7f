// Garment drawings: one body and its seams for each kind, on a 64 x 64 ground.
const KNIT = "M18 12l7-4 7 10 7-10 7 4 8 34-8 2-4-18v24H22V30l-4 18-8-2z";
const SHAPES = {
  cardigan: [KNIT, "M32 18v38M18 50h28"],
  jeans: ["M20 8h24l4 48H36l-4-32-4 32H16z", "M20 14h24M32 14v10"],
  tee: ["M16 12l8-4c2 4 14 4 16 0l8 4 8 10-8 6-3-4v30H19V24l-3 4-8-6z", ""],
  dress: ["M24 6h3c1 4 9 4 10 0h3l2 14-3 6 11 28c-10 4-26 4-36 0l11-28-3-6z", "M25 26h14"],
  shirt: ["M18 12l8-5 6 6 6-6 8 5 8 32-7 2-4-12v22H21V34l-4 12-7-2z", "M32 13v43M22 56h20"],
  coat: ["M18 10l8-4 6 8 6-8 8 4 8 36-8 2-2-10v18H20V38l-2 10-8-2z", "M32 14v42M24 40h4M36 40h4"],
  skirt: ["M22 12h20l10 40c-12 5-28 5-40 0z", "M21 18h22"],
  sock: ["M24 6h14v24l10 10c6 8-6 16-12 10L24 38z", "M24 13h14"],
  bag: ["M14 24h36l4 30H10z", "M24 24c0-16 16-16 16 0"],
  trousers: ["M21 8h22l3 48H36l-4-34-4 34H18z", "M21 13h22M32 13v9M25 13l-1 40M39 13l1 40"],
  shorts: ["M20 14h24l6 30H36l-4-14-4 14H14z", "M20 20h24M32 20v10"],
  sweater: ["M18 13l7-4c3 4 11 4 14 0l7 4 8 32-8 2-4-16v23H22V31l-4 16-8-2z", "M25 9c3 6 11 6 14 0M22 49h20M11 40l8 2M53 40l-8 2"],
  jacket: ["M18 12l8-4 6 5 6-5 8 4 8 30-8 2-3-12v18H21V32l-3 12-8-2z", "M32 13v37M21 45h22M25 30h4M35 30h4"],
  scarf: ["M24 8h16v40H24z", "M24 40h16M26 48v6M30 48v6M34 48v6M38 48v6M24 16h16"],
  hat: ["M20 36c0-24 24-24 24 0l12 4c0 8-48 8-48 0z", "M20 35c6 3 18 3 24 0"],
  belt: ["M8 28h48v9H8z", "M14 25h12v15H14zM20 32h8M36 32h1M42 32h1M48 32h1"],
  shoe: ["M8 26c6 4 12 2 14-4l14 12c6 4 18 2 20 10v6H8z", "M8 45h48M26 30l4-3M31 34l4-3"],
};
const ALIAS = {
  tshirt: "tee", "t-shirt": "tee", pants: "trousers", blouse: "shirt", knit: "sweater", jumper: "sweater",
  down: "jacket", blazer: "jacket", tote: "bag", cap: "hat", socks: "sock", shoes: "shoe", polo: "tee", vest: "tee", top: "tee",
};
const SVG = "http://www.w3.org/2000/svg";
const SWATCHES = new Set(["mist", "denim", "white", "sand", "black", "rose", "olive", "brick"]);

/** The class that carries a colour; an unknown colour is drawn in the neutral one. */
export const swatchClass = (swatch) => (SWATCHES.has(swatch) ? `sw-${swatch}` : "sw-none");

/** Few nodes: a long bag and the catalogue hold many. `name` is the class of the drawing. */
export function garment(kind, swatch, name = "") {
  const [body, seams] = SHAPES[kind] ?? SHAPES[ALIAS[kind]] ?? SHAPES.tee;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("aria-hidden", "true");
  if (name) svg.setAttribute("class", name);
  for (const [d, name] of [[body, `g-b g-line ${swatchClass(swatch)}`], [seams, "g-line"]]) {
    if (!d) continue;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("class", name);
    svg.append(path);
  }
  return svg;
}
