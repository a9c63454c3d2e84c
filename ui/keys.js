// Keys: which key does what, and the list of them behind `?`. No key acts while something is being typed.

import { fill, h, on } from "./dom.js";
import { openDialog } from "./dialog.js";

const NAMES = { " ": "space", ArrowLeft: "←", ArrowRight: "→", Home: "home", End: "end", Escape: "esc", Enter: "enter" };
const groups = new Map();

/**
 * Binds keys until the returned function is called.
 *
 * @param {string} group What they belong to: a heading of the list.
 * @param {{keys: string[], shift?: boolean, says: string, does: function(KeyboardEvent): void}[]} bindings
 */
export function bind(group, bindings) {
  groups.set(group, bindings);
  return () => {
    if (groups.get(group) === bindings) groups.delete(group);
  };
}

const SYMBOL = /^[^\p{L}\p{N} ]$/u;

function matches(binding, event) {
  if (!binding.keys.includes(event.key)) return false;
  return SYMBOL.test(event.key) || event.key.length > 1 ? !binding.shift === !event.shiftKey || SYMBOL.test(event.key) : true;
}

function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether the focused control has its own use for the key. */
function spoken(event) {
  if (event.key === "Enter") return Boolean(event.target.closest?.("button, a, summary"));
  return event.key === " " && Boolean(event.target.closest?.("button, summary"));
}

/** A button pressed with the mouse does not keep the space bar to itself. */
function release(event) {
  if (event.detail > 0) event.target.closest?.("button, summary")?.blur();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (typing(event.target) || spoken(event) || document.querySelector("dialog[open]")) return;
  for (const bindings of groups.values()) {
    const found = bindings.find((binding) => matches(binding, event));
    if (!found) continue;
    event.preventDefault();
    found.does(event);
    return;
  }
}

on(document, "keydown", pressed);
on(document, "click", release);

/** Shows the list of keys. */
export function showKeys() {
  const list = h("div", { class: "key-list" });
  const parts = [...groups].map(([group, bindings]) => [
    h("h3", { text: group }),
    h("dl", {}, bindings.map((binding) => h("div", {}, h("dt", {}, keyCaps(binding)), h("dd", { text: binding.says })))),
  ]);
  openDialog("Keys", fill(list, parts));
}

function keyCaps({ keys, shift }) {
  const cap = (key) => h("kbd", { text: (shift ? "⇧" : "") + (NAMES[key] ?? key) });
  return keys.filter((key, index) => !(key === "=" && keys[index - 1] === "+")).map(cap);
}
