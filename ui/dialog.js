// Dialogs: something to read, or a question with two answers.

import { fill, h, on } from "./dom.js";

/** Shows a dialog; returns it. Escape, the button and a click beside it close it. */
export function openDialog(title, body, buttons = [h("button", { type: "submit", class: "main", text: "Close" })]) {
  const heading = h("h2", { text: title, id: "dialog-title" });
  const form = h("form", { method: "dialog" }, heading, body, h("div", { class: "buttons" }, buttons));
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
  on(dialog, "close", () => dialog.remove());
  on(dialog, "click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks, and waits for the answer.
 *
 * @returns {Promise<boolean>} whether `yes` was chosen
 */
export function ask(title, sentences, yes) {
  return new Promise((answered) => {
    const no = h("button", { type: "submit", value: "no", text: "Keep it" });
    const go = h("button", { type: "submit", value: "yes", class: "danger", text: yes });
    const body = fill(h("div"), sentences.map((text) => h("p", { text })));
    const dialog = openDialog(title, body, [no, go]);
    no.focus();
    on(dialog, "close", () => answered(dialog.returnValue === "yes"));
  });
}
