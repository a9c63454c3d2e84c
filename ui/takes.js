// The takes as bands under the overview: each is a button.

import { fill, h, on } from "./dom.js";
import { regionName, span } from "./words.js";

/** @param {function(object): void} choose */
export function takeBands(choose) {
  const element = h("div", { class: "takes", role: "group", "aria-label": "Takes" });
  return {
    element,
    show(of, chosen) {
      const whole = of.file.duration_s || 1;
      fill(element, of.takes.map((take) => {
        const button = h("button", {
          type: "button",
          "aria-pressed": String(chosen?.take === take),
          "aria-label": `${regionName(take)}, ${span(take.start_s, take.end_s)}`,
          title: `${regionName(take)}, ${span(take.start_s, take.end_s)}`,
          style: { left: `${(100 * take.start_s) / whole}%`, width: `${(100 * (take.end_s - take.start_s)) / whole}%` },
        }, h("span", { text: String(take.number) }));
        on(button, "click", () => choose(take));
        return button;
      }));
    },
  };
}
