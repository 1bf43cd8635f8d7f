// Measures what eyes overlook; returns one line for each thing found.
() => {
  const seen = (node) => node.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !node.closest('[inert],.vh');
  const name = (node) => `${node.dataset.test ?? node.id ?? ''} ${node.getAttribute('aria-label') ?? node.textContent.trim().slice(0, 20)}`;
  const found = [];
  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth) found.push(`sideways ${root.scrollWidth} > ${innerWidth}`);
  for (const node of document.querySelectorAll('button,a[href],input,[role=radio],[role=switch]')) {
    if (!seen(node)) continue;
    const box = (node.closest('label') ?? node).getBoundingClientRect();
    const grown = node.classList.contains('sw') ? 16 : 0; // its hit area is higher than its picture
    if (box.width < 47.5 || box.height + grown < 47.5) found.push(`target ${Math.round(box.width)}x${Math.round(box.height)} ${name(node)}`);
    if (box.left < -1 || box.right > innerWidth + 1 && !node.closest('.tabs,.scroll-x')) found.push(`outside ${name(node)}`);
  }
  for (const node of document.querySelectorAll('button,h1,h2,b,.num,.pill,.stat,.k,.v,dt,dd')) {
    if (!seen(node) || node.closest('.cut,.tabs,.paper') || node.querySelector('.cut')) continue;
    if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth && getComputedStyle(node).display !== 'inline') found.push(`cut ${name(node)}`);
  }
  const pay = document.querySelector('#pay');
  if (pay && seen(pay) && pay.getBoundingClientRect().bottom > innerHeight) found.push('pay bar is below the screen');
  const nodes = document.querySelectorAll('*').length;
  if (nodes > 1500) found.push(`${nodes} nodes`);
  return found;
}
