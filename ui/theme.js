// The theme: the system's until one is chosen, then the chosen one.

import { h, on } from "./dom.js";
import { picture } from "./shapes.js";

const KEY = "hemiola.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

/** The theme in force: "light" or "dark". */
export function theme() {
  return document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");
}

/** Calls `listener` whenever colours change; returns how to stop. */
export function onTheme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A colour of the style sheet, as what is drawn on a canvas needs it. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The button that switches between light and dark. */
export function themeButton() {
  const button = h("button", { type: "button", class: "quiet icon" });
  const show = () => {
    const other = theme() === "dark" ? "light" : "dark";
    button.replaceChildren(picture(other === "light" ? "sun" : "moon"));
    button.setAttribute("aria-label", `Use the ${other} theme`);
    button.title = `Use the ${other} theme`;
  };
  const changed = () => {
    show();
    for (const listener of listeners) listener();
  };
  on(button, "click", () => {
    const next = theme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
    changed();
  });
  system.addEventListener("change", changed);
  show();
  return button;
}
