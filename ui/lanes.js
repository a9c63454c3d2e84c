// What was heard, drawn in lanes under the close-up: regions, beats, onsets, hits, stretches. Only what is in sight is drawn.

import { fill, h, on, once } from "./dom.js";
import { after, pulse } from "./score.js";
import { colour } from "./theme.js";
import { regionName } from "./words.js";

const HEIGHTS = { regions: 22, beats: 24, onsets: 14, content: 18, sections: 18, chords: 18, hits: 16 };
const GAP = 3;
const INSTRUMENTS = ["kick", "snare", "hihat", "ride", "tom", "crash"];

/**
 * The lanes of a file.
 *
 * @param {{choose: function(object): void, seek: function(number): void}} does
 */
export function lanes({ choose, seek }) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const names = h("div", { class: "lane-names" });
  const element = h("div", { class: "lanes" }, canvas, names);
  let rows = [];
  let chosen = null;
  let range = { from: 0, to: 1 };

  const height = () => rows.reduce((sum, row) => sum + row.height + GAP, GAP);
  const draw = once(() => {
    const width = element.clientWidth;
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height() * ratio);
    canvas.style.height = `${height()}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const x = (time) => ((time - range.from) / (range.to - range.from)) * width;
    let y = GAP;
    for (const row of rows) {
      row.top = y;
      (row.spans ? drawSpans : drawTicks)(pen, row, x, y, width, range, chosen);
      y += row.height + GAP;
    }
  });

  on(canvas, "click", (event) => {
    const time = range.from + (event.offsetX / element.clientWidth) * (range.to - range.from);
    const row = rows.find((one) => event.offsetY >= one.top && event.offsetY < one.top + one.height);
    const span = row?.spans?.find((one) => time >= one.start_s && time < one.end_s);
    if (span?.region) choose(span.region);
    else seek(time);
  });
  new ResizeObserver(draw).observe(element);

  return {
    element,
    draw,
    /** Shows a score, with a region chosen. */
    set(of, region) {
      rows = rowsOf(of);
      chosen = region;
      canvas.style.height = `${height()}px`;
      fill(names, rows.map((row) => h("span", { text: row.name, style: { height: `${row.height}px` } })));
      draw();
    },
    choose(region) {
      chosen = region;
      draw();
    },
    window(from, to) {
      range = { from, to };
      draw();
    },
  };
}

function rowsOf(of) {
  const { times, downbeats } = pulse(of);
  const gather = (question, field) => of.takes.flatMap((take) => take.results[question]?.[field] ?? []);
  const content = gather("content", "segments");
  const onsets = of.regions.flatMap((region) => region.results.onsets?.times ?? []).sort((a, b) => a - b);
  const rows = [
    { name: "regions", spans: of.regions.filter((one) => one.level === "region").map((region) => ({ ...region, region, label: regionName(region), short: String(region.number) })) },
    times.length && { name: "beats", times, tall: downbeats, hue: "hue-beat" },
    onsets.length && { name: "onsets", times: onsets, hue: "hue-onset" },
    ...hitRows(gather("hits", "hits")),
    content.length > 1 && { name: "content", spans: content, hue: "hue-content" },
    { name: "sections", spans: gather("sections", "sections"), hue: "hue-section" },
    { name: "chords", spans: gather("chords", "chords"), hue: "hue-section" },
  ];
  return rows.filter((row) => row && (row.times ?? row.spans).length).map((row) => ({ height: HEIGHTS[row.name] ?? HEIGHTS.hits, ...row }));
}

function hitRows(hits) {
  const names = [...new Set(hits.map((hit) => hit.instrument))].sort((a, b) => rank(a) - rank(b));
  return names.map((name) => ({ name, times: hits.filter((hit) => hit.instrument === name).map((hit) => hit.time_s).sort((a, b) => a - b), hue: rank(name) < 9 ? `hue-${name}` : "hue-onset" }));
}

function rank(name) {
  const index = INSTRUMENTS.indexOf(name);
  return index < 0 ? 9 : index;
}

/** Ticks closer than two pixels are drawn as one. */
function drawTicks(pen, row, x, top, width, { from, to }, chosen) {
  const hue = colour(row.hue);
  const tall = new Set(row.tall ?? []);
  let last = -9;
  const first = Math.max(0, after(row.times, from) - 1);
  for (let i = first; i < row.times.length && row.times[i] <= to; i += 1) {
    const at = x(row.times[i]);
    const down = tall.has(row.times[i]) || (row.tall?.length && isNear(row.tall, row.times[i]));
    if (at - last < 2 && !down) continue;
    const short = row.tall?.length && !down ? 0.45 : 0;
    pen.fillStyle = hue;
    pen.globalAlpha = outside(chosen, row.times[i]) ? 0.35 : 1;
    pen.fillRect(Math.round(at) - (down ? 1 : 0), top + row.height * short, down ? 2 : 1, row.height * (1 - short));
    last = at;
  }
  pen.globalAlpha = 1;
}

function isNear(sorted, time) {
  const before = sorted[after(sorted, time + 0.02) - 1];
  return before !== undefined && time - before < 0.02;
}

const outside = (chosen, time) => chosen && (time < chosen.start_s - 0.05 || time > chosen.end_s);

function drawSpans(pen, row, x, top, width, { from, to }, chosen) {
  const hue = row.hue && colour(row.hue);
  const [strong, plain, edge, ink] = ["band-strong", "band-plain", "accent", "text"].map(colour);
  pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  pen.textBaseline = "middle";
  for (const span of row.spans) {
    if (span.end_s < from || span.start_s > to) continue;
    const left = Math.max(-4, x(span.start_s));
    const right = Math.min(width + 4, x(span.end_s));
    const here = chosen && (span.id === chosen.id || (span.region && chosen.level === "take" && span.parent === chosen.id));
    pen.fillStyle = hue || (here ? strong : plain);
    pen.globalAlpha = hue ? 0.28 : 1;
    pen.beginPath();
    pen.roundRect(left, top, Math.max(1.5, right - left - 1), row.height, 3);
    pen.fill();
    pen.globalAlpha = 1;
    if (span.id && span.id === chosen?.id) {
      pen.strokeStyle = edge;
      pen.lineWidth = 1.5;
      pen.stroke();
    }
    pen.fillStyle = ink;
    label(pen, [span.label, span.short], Math.max(left, 0), right, top, row.height);
  }
}

/** The longest of the texts that has room. */
function label(pen, texts, left, right, top, height) {
  const text = texts.find((one) => one && right - left > pen.measureText(one).width + 12);
  if (text) pen.fillText(text, left + 6, top + height / 2 + 0.5);
}
