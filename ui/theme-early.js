// Sets the chosen theme before the first paint; a classic script, because modules run after it.
"use strict";

try {
  const chosen = localStorage.getItem("hemiola.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is switched off: the system's theme holds.
}
