// The theme: the system's until one is chosen, then the chosen one.

import { h, on } from "./dom.js";
import { picture } from "./shapes.js";

const KEY = "hemiola.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

/** The theme in force: "light" or "dark". */
export function theme() {
  return document.documentElement.dataset.theme;
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

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function set(name) {
  document.documentElement.dataset.theme = name;
  for (const listener of listeners) listener();
}

system.addEventListener("change", () => stored() ?? set(system.matches ? "dark" : "light"));

/** The button that switches between light and dark. */
export function themeButton() {
  const button = h("button", { type: "button", class: "quiet icon" });
  const other = () => (theme() === "dark" ? "light" : "dark");
  const show = () => {
    button.replaceChildren(picture(other() === "light" ? "sun" : "moon"));
    button.setAttribute("aria-label", `Use the ${other()} theme`);
    button.title = `Use the ${other()} theme`;
  };
  on(button, "click", () => {
    const chosen = other();
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
    set(chosen);
  });
  onTheme(show);
  show();
  return button;
}
