// The takes as bands under the overview: each is a button.

import { fill, h, on } from "./dom.js";
import { regionName, span } from "./words.js";

/** @param {function(object): void} choose */
export function takeBands(choose) {
  const element = h("div", { class: "takes", role: "group", "aria-label": "Takes" });
  let shown = null;
  let buttons = [];

  function band(take, whole) {
    const named = `${regionName(take)}, ${span(take.start_s, take.end_s)}`;
    const place = { left: `${(100 * take.start_s) / whole}%`, width: `${(100 * (take.end_s - take.start_s)) / whole}%` };
    const button = h("button", { type: "button", "aria-label": named, title: named, style: place }, h("span", { text: String(take.number) }));
    on(button, "click", () => choose(take));
    return button;
  }

  return {
    element,
    show(of, chosen) {
      if (of !== shown) buttons = of.takes.map((take) => band(take, of.file.duration_s || 1));
      if (of !== shown) fill(element, buttons);
      shown = of;
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(chosen?.take === of.takes[index])));
    },
  };
}
