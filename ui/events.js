// What the server tells while it happens: one event stream a page, and whether the server is there at all.

const NAMES = ["job", "progress", "outcome", "done", "resync"];
const PAUSES = [300, 600, 1200, 2500, 5000];

const listeners = new Map();
let source = null;
let missed = 0;
let timer = 0;
let gone = false;

/** Calls `listener(data)` at job, progress, outcome, done, resync; and at `open`, `gone`, `back`. Returns how to stop. */
export function listen(name, listener) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  return () => listeners.get(name).delete(listener);
}

function tell(name, data) {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(data);
}

/** Opens the stream, and keeps it open as long as the page lives. */
export function connect() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource("/events");
  source.onopen = opened;
  source.onerror = lost;
  for (const name of NAMES) source.addEventListener(name, (event) => tell(name, JSON.parse(event.data)));
}

function opened() {
  missed = 0;
  if (!gone) return tell("open");
  gone = false;
  return tell("back");
}

/** The browser's own retry gives up on some answers; this one does not. */
function lost() {
  source.close();
  missed += 1;
  if (missed >= 2 && !gone) {
    gone = true;
    tell("gone");
  }
  timer = setTimeout(connect, PAUSES[Math.min(missed - 1, PAUSES.length - 1)]);
}

/** Looks for the server now instead of at the end of the pause. */
export function lookNow() {
  if (missed) connect();
}

addEventListener("online", lookNow);
addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookNow());
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && connect());
