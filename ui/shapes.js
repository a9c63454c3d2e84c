// Shapes: every status has one of its own, so that none is told by colour alone; and the pictures on buttons.

import { svg } from "./dom.js";

const line = { fill: "none", stroke: "currentColor", "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round" };
const path = (d, more = {}) => () => svg("path", { d, ...line, ...more });
const solid = (d) => () => svg("path", { d, fill: "currentColor" });
const ring = (r, more = {}) => () => svg("circle", { cx: 8, cy: 8, r, ...line, ...more });

const SHAPES = {
  ok: [() => svg("circle", { cx: 8, cy: 8, r: 4.2, fill: "currentColor" })],
  degraded: [ring(4.2), solid("M8 3.8a4.2 4.2 0 0 1 0 8.4z")],
  skipped: [path("M3.5 8h9")],
  failed: [path("M4 4l8 8M12 4l-8 8")],
  crashed: [solid("M9.5 1 3.5 9h3.6L6 15l6.5-8.4H8.6z")],
  timed_out: [ring(6), path("M8 4.6V8l2.4 1.6")],
  out_of_memory: [() => svg("rect", { x: 3.5, y: 3.5, width: 9, height: 9, fill: "currentColor" })],
  invalid: [path("M5.4 5.6a2.6 2.6 0 1 1 3.9 2.3c-.9.5-1.3 1-1.3 1.9"), () => svg("circle", { cx: 8, cy: 13, r: 1.1, fill: "currentColor" })],
  blocked: [() => svg("rect", { x: 6.2, y: 2.5, width: 3.6, height: 11, rx: 1, fill: "currentColor" })],
  cancelled: [() => svg("rect", { x: 4, y: 4, width: 8, height: 8, rx: 1, ...line })],
  unavailable: [ring(4.6, { "stroke-dasharray": "2.4 1.9", "stroke-linecap": "butt" })],
  quarantined: [() => svg("rect", { x: 3.5, y: 7, width: 9, height: 6.5, rx: 1, fill: "currentColor" }), path("M5.5 7V5a2.5 2.5 0 0 1 5 0v2")],
  running: [solid("M5 3.2v9.6L12.6 8z")],
  queued: [() => svg("circle", { cx: 3.4, cy: 8, r: 1.3, fill: "currentColor" }), () => svg("circle", { cx: 8, cy: 8, r: 1.3, fill: "currentColor" }), () => svg("circle", { cx: 12.6, cy: 8, r: 1.3, fill: "currentColor" })],
};

const PICTURES = {
  play: [solid("M4.5 2.8v10.4L13 8z")],
  pause: [solid("M4 3h3v10H4zM9 3h3v10H9z")],
  loop: [path("M3 9.5V7.8A2.8 2.8 0 0 1 5.8 5H13M10.8 2.7 13 5l-2.2 2.2M13 6.5v1.7a2.8 2.8 0 0 1-2.8 2.8H3M5.2 8.8 3 11l2.2 2.3")],
  plus: [path("M8 3v10M3 8h10")],
  minus: [path("M3 8h10")],
  fit: [path("M2 3v10M14 3v10M4.5 8h7M6.5 6l-2 2 2 2M9.5 6l2 2-2 2")],
  previous: [path("M10 3.5 5.5 8l4.5 4.5")],
  next: [path("M6 3.5 10.5 8 6 12.5")],
  close: [path("M4 4l8 8M12 4l-8 8")],
  bin: [path("M3 4.5h10M6.2 4.5V3h3.6v1.5M4.4 4.5l.6 8.7h6l.6-8.7M6.7 7v4M9.3 7v4", { "stroke-width": "1.4" })],
  sun: [ring(2.8, { "stroke-width": "1.5" }), path("M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1", { "stroke-width": "1.5" })],
  moon: [path("M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z", { "stroke-width": "1.5" })],
  back: [path("M9.5 3.5 5 8l4.5 4.5M5.4 8H14")],
  again: [path("M13 8a5 5 0 1 1-1.6-3.7M13 2.4v2.7h-2.7", { "stroke-width": "1.6" })],
};

function draw(parts, label) {
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, class: "shape", ...named }, ...parts.map((part) => part()));
}

/** The shape of a status; decoration, its word stands beside it unless `label` is given. */
export function shape(status, label = "") {
  const drawn = draw(SHAPES[status] ?? SHAPES.queued, label);
  drawn.dataset.status = status;
  return drawn;
}

/** A button's picture. */
export function picture(name) {
  return draw(PICTURES[name]);
}
