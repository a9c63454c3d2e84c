// What the page says in passing: a line at the bottom that a screen reader hears, and the strips under the header.

import { fill, h, on } from "./dom.js";
import { picture } from "./shapes.js";

const STAYS_MS = 9000;
let spoken = null;
let strips = null;
let timer = 0;

/** Makes the places where the page speaks. */
export function places() {
  spoken = h("div", { class: "said", role: "status", "aria-live": "polite" });
  strips = h("div", { class: "strips", "aria-live": "polite" });
  return { spoken, strips };
}

/** Says a sentence; an error stays until it is closed. */
export function say(sentence, { wrong = false } = {}) {
  clearTimeout(timer);
  const close = h("button", { type: "button", class: "quiet icon", "aria-label": "Close" }, picture("close"));
  on(close, "click", quiet);
  fill(spoken, h("p", { class: wrong ? "wrong" : "" }, h("span", { text: sentence }), close));
  if (!wrong) timer = setTimeout(quiet, STAYS_MS);
}

/** Takes back what was said last. */
export function quiet() {
  fill(spoken);
}

/** Says what an error says; nothing when it was given up on purpose. */
export function complain(error) {
  if (error?.name === "AbortError") return;
  say(error.message, { wrong: true });
}

/** Shows a strip under the header; returns how to take it away. */
export function strip(name, sentence, ...more) {
  const shown = h("div", { class: "strip", data: { strip: name } }, h("p", { text: sentence }), more);
  strips.querySelector(`[data-strip="${name}"]`)?.remove();
  strips.append(shown);
  return () => shown.remove();
}
