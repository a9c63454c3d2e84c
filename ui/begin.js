// What stands where no file is open: how to begin, or what the library holds.

import * as api from "./api.js";
import { chooseButton } from "./drop.js";
import { fill, h, on, svg } from "./dom.js";
import { example } from "./example.js";
import { send } from "./upload.js";
import { count } from "./words.js";

/** How to begin, with an example that the page makes itself. */
export function nothingYet() {
  const make = h("button", { type: "button", text: "Make an example and listen" });
  on(make, "click", () => {
    make.disabled = true;
    make.textContent = "Playing it into a file …";
    setTimeout(() => send([example()]), 30);
  });
  return h("section", { class: "begin", "aria-labelledby": "begin" },
    drawing(),
    h("h1", { id: "begin", text: "Nothing here yet" }),
    h("p", { text: "Drop a recording anywhere on this page: a rehearsal tape, a drum take, a loop. It is cut at its silences, and every take is asked what is in it." }),
    h("p", { text: "A path works too: paste it into the box above and press enter. The recording stays where it is." }),
    h("div", { class: "buttons" }, chooseButton("Choose recordings", "main"), make),
    h("p", { class: "muted", text: "Nothing leaves this machine. The example is half a minute of drums and chords that the page plays into a file." }));
}

/** What shows until the first file can be opened. */
export function firstUnderWay() {
  return h("section", { class: "begin", "aria-labelledby": "begin" },
    drawing(),
    h("h1", { id: "begin", text: "Listening" }),
    h("p", { text: "Your recording is decoded and cut at its silences. It opens here by itself; the answers arrive one by one." }),
    h("p", { class: "muted", text: "The first one takes a little longer: the plugins are being warmed up." }));
}

/** What the library holds, when no file is open. */
export function noFileOpen() {
  const sums = h("p", { class: "sums" });
  const element = h("section", { class: "begin filled", "aria-labelledby": "begin" },
    drawing(),
    h("h1", { id: "begin", text: "Choose a recording" }),
    sums,
    h("p", { text: "Or drop more anywhere on this page, paste a path above, or" }),
    h("div", { class: "buttons" }, chooseButton("Choose recordings", "main")));
  api.stats().then((stats) => fill(sums, `${count(stats.files, "file")}, ${count(stats.takes, "take")}, ${count(stats.regions, "region")}.`), () => {});
  return element;
}

/** A waveform cut at its silences. */
function drawing() {
  const bars = [];
  for (let i = 0; i < 60; i += 1) {
    const quiet = (i > 17 && i < 22) || (i > 40 && i < 46);
    const height = quiet ? 1.5 : 6 + 30 * Math.abs(Math.sin(i * 1.7) * Math.sin(i * 0.43 + 1));
    bars.push(svg("rect", { x: i * 6, y: 40 - height, width: 3, height: 2 * height, rx: 1.5, class: quiet ? "silent" : "sound" }));
  }
  const takes = [[0, 18], [22, 41], [46, 60]].map(([from, to]) => svg("rect", { x: from * 6, y: 86, width: (to - from) * 6 - 3, height: 5, rx: 2.5, class: "take" }));
  return svg("svg", { viewBox: "0 0 357 96", class: "drawing", "aria-hidden": "true" }, ...bars, ...takes);
}

/** Rows of the shape of what comes, while it is loading. */
export function skeleton(lines) {
  return h("div", { class: "skeleton", "aria-hidden": "true" }, Array.from({ length: lines }, () => h("span")));
}
