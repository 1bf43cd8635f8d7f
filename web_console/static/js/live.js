// The event stream: one a page, and the watch that says when the gateway is silent.
const SILENT_MS = 4000; // no tick for so long = the gateway cannot be reached
const RETRY_MS = [1000, 2000, 4000, 8000, 10000];
const NAMES = ["basket", "scan", "health", "job", "parked"];

let source = null;
let heardAt = 0; // performance.now() of the last event
let tries = 0;
let retryAt = 0;
let skewMs = 0; // gateway clock minus this tablet's
let handlers = {};
let watch = 0;
let wasLost = false;
let begun = false;

export const lost = () => begun && performance.now() - heardAt > SILENT_MS;
export const retryInS = () => Math.max(0, Math.ceil((retryAt - performance.now()) / 1000));
export const gatewayNow = () => Date.now() + skewMs;

function heard() {
  heardAt = performance.now();
  tries = 0;
  if (wasLost) {
    wasLost = false;
    handlers.found?.();
  }
}

function open() {
  source?.close();
  source = new EventSource("/api/live");
  retryAt = performance.now() + RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
  source.addEventListener("tick", (event) => {
    skewMs = JSON.parse(event.data).now_ms - Date.now();
    heard();
  });
  for (const name of NAMES)
    source.addEventListener(name, (event) => {
      heard();
      handlers[name]?.(JSON.parse(event.data));
    });
  source.addEventListener("error", () => source?.close());
}

function check() {
  const now = performance.now();
  const closed = !source || source.readyState === EventSource.CLOSED;
  if ((closed || now - heardAt > SILENT_MS) && now >= retryAt) {
    tries += 1;
    handlers.retry?.();
    open();
  }
  if (lost()) {
    wasLost = true;
    handlers.lost?.();
  }
}

export function retryNow() {
  retryAt = 0;
  check();
}

export function start(next) {
  stop();
  handlers = next;
  heardAt = performance.now();
  begun = true;
  tries = 0;
  open();
  watch = setInterval(check, 250);
}

export function stop() {
  clearInterval(watch);
  source?.close();
  source = null;
  begun = false;
  wasLost = false;
}
