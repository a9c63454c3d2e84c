// Sets the theme before the first paint; a classic script, because modules run after it.
"use strict";

{
  let chosen = null;
  try {
    chosen = localStorage.getItem("hemiola.theme");
  } catch {
    // Storage is switched off: the system's theme holds.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : system;
}
