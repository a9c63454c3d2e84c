// The waveform, drawn by Peaks.js: an overview of the whole file, and a part of it close up.

import * as api from "./api.js";
import { h, later } from "./dom.js";
import { colour } from "./theme.js";
import { clock, readout } from "./words.js";

const VENDOR = ["konva-9.3.22.min.js", "waveform-data-4.5.2.min.js", "peaks.ext-4.0.0.min.js"];
const BLOCK = 256; // the server keeps the waveform at this many samples a point
const SHORT_S = 90; // up to here the audio itself is fetched, to draw it finer than that
let loading = null;

/** Loads the drawing libraries once; classic scripts, each needing the one before. */
export function loadLibraries() {
  loading ??= VENDOR.reduce((before, name) => before.then(() => script(name)), Promise.resolve());
  return loading;
}

function script(name) {
  return new Promise((loaded, failed) => {
    const element = h("script", { src: `/ui/vendor/${name}` });
    element.onload = loaded;
    element.onerror = () => {
      loading = null;
      failed(new Error(`The waveform cannot be drawn: ${name} did not load.`));
    };
    document.head.append(element);
  });
}

/** The waveform's points as an 8-bit .dat, as fine as the width asks. */
export async function points(file, width, signal) {
  const samples = file.duration_s * file.rate;
  const coarse = await api.waveform(file.id, Math.max(BLOCK, BLOCK * Math.ceil(samples / BLOCK / 4e6)), signal);
  if (samples / BLOCK > 4 * width || file.duration_s > SHORT_S) return coarse;
  try {
    return finer(await (await fetch(file.links.processed_audio, { signal })).arrayBuffer(), width) ?? coarse;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return coarse;
  }
}

/** Points from 16-bit WAV at a quarter of what fills the width; null when it is something else. */
export function finer(buffer, width) {
  const view = new DataView(buffer);
  const found = wavData(view);
  if (!found) return null;
  const { channels, rate, at, frames } = found;
  const per = Math.max(1, Math.min(BLOCK, 2 ** Math.floor(Math.log2(frames / (4 * width)))));
  const length = Math.ceil(frames / per);
  const out = new DataView(new ArrayBuffer(20 + 2 * length));
  [1, 1, rate, per, length].forEach((value, index) => out.setInt32(4 * index, value, true));
  const values = new Int16Array(buffer.slice(at, at + 2 * channels * frames));
  for (let i = 0; i < length; i += 1) {
    let low = 32767;
    let high = -32768;
    for (let j = i * per * channels; j < Math.min(values.length, (i + 1) * per * channels); j += 1) {
      if (values[j] < low) low = values[j];
      if (values[j] > high) high = values[j];
    }
    out.setInt8(20 + 2 * i, Math.floor(low / 256));
    out.setInt8(21 + 2 * i, Math.floor(high / 256));
  }
  return out.buffer;
}

function wavData(view) {
  const tag = (at) => String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
  if (view.byteLength < 44 || tag(0) !== "RIFF" || tag(8) !== "WAVE") return null;
  let format = null;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === "fmt ") format = { channels: view.getUint16(at + 10, true), rate: view.getUint32(at + 12, true), bits: view.getUint16(at + 22, true) };
    if (tag(at) === "data") {
      if (format?.bits !== 16) return null;
      const bytes = Math.min(size, view.byteLength - at - 8);
      return { ...format, at: at + 8, frames: Math.floor(bytes / 2 / format.channels) };
    }
    at += 8 + size + (size % 2);
  }
  return null;
}

function look(places) {
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11 };
  const common = { playheadColor: colour("accent"), playheadWidth: 1, axisGridlineColor: colour("line"), axisLabelColor: colour("muted"), playedWaveformColor: colour("wave-played"), enablePoints: false, formatAxisTime: clock, ...font };
  return {
    zoomview: { ...common, container: places.zoom, waveformColor: colour("wave"), wheelMode: "scroll", axisTopMarkerHeight: 0, axisBottomMarkerHeight: 6, formatPlayheadTime: readout },
    overview: { ...common, container: places.overview, waveformColor: colour("wave"), enableSegments: false, showAxisLabels: false, axisTopMarkerHeight: 0, axisBottomMarkerHeight: 0, highlightColor: colour("window"), highlightStrokeColor: colour("window-edge"), highlightOpacity: 1, highlightOffset: 0, highlightCornerRadius: 3 },
    segmentOptions: { overlay: true, markers: false, overlayColor: colour("band"), overlayOpacity: 1, overlayBorderColor: "transparent", overlayBorderWidth: 0, overlayCornerRadius: 2, overlayOffset: 0, overlayLabelColor: "transparent" },
  };
}

/**
 * Draws.
 *
 * @param {{overview: HTMLElement, zoom: HTMLElement}} places
 * @param {ArrayBuffer} data the points
 * @returns what can be done with the drawing
 */
export async function draw(places, data, player) {
  await loadLibraries();
  const peak = loudest(data);
  const header = new DataView(data);
  const samples = header.getInt32(12, true) * header.getUint32(16, true);
  const finest = header.getInt32(12, true);
  const fit = () => Math.max(finest, Math.ceil(samples / Math.max(1, places.zoom.clientWidth)));
  const first = fit();
  const peaks = await new Promise((made, failed) => {
    window.peaks.init({ ...look(places), player, keyboard: false, waveformData: { arraybuffer: data }, zoomLevels: [first], waveformCache: true }, (error, made_) => (error ? failed(error) : made(made_)));
  });
  const zoomview = peaks.views.getView("zoomview");
  const overview = peaks.views.getView("overview");
  const louder = Math.min(6, Math.max(1, 0.94 / peak));
  for (const view of [zoomview, overview]) view.setAmplitudeScale(louder);
  let scale = first;
  const zoomTo = (wanted) => {
    scale = Math.min(fit(), Math.max(finest, wanted));
    zoomview.setZoom({ scale });
  };
  const refit = later(() => {
    if (!places.zoom.clientWidth) return;
    const whole = scale >= first;
    zoomview.fitToContainer();
    overview.fitToContainer();
    zoomTo(whole ? fit() : scale);
  }, 60);
  const watcher = new ResizeObserver(refit);
  watcher.observe(places.zoom);
  return {
    peaks,
    finest,
    zoomIn: () => zoomTo(Math.floor(scale / 2)),
    zoomOut: () => zoomTo(scale * 2),
    fit: () => zoomTo(fit()),
    /** Shows a stretch with some room at its sides. */
    show(from, to) {
      const room = Math.max(0.2, (to - from) * 0.04);
      const width = Math.max(1, places.zoom.clientWidth);
      zoomTo(Math.ceil(((to - from + 2 * room) * (samples / player.duration)) / width));
      zoomview.setStartTime(Math.max(0, from - room));
    },
    range: () => ({ from: zoomview.getStartTime(), to: zoomview.getStartTime() + (zoomview.getEndTime() - zoomview.getStartTime()) }),
    segments(of, chosen) {
      peaks.segments.removeAll();
      peaks.segments.add(of.map((one) => ({ id: one.id, startTime: one.start_s, endTime: Math.max(one.end_s, one.start_s + 0.001), color: colour(one.id === chosen ? "band-chosen" : "band"), labelText: "" })));
    },
    destroy() {
      refit.stop();
      watcher.disconnect();
      peaks.destroy();
    },
  };
}

function loudest(data) {
  let peak = 1;
  for (const value of new Int8Array(data, 20)) peak = Math.max(peak, Math.abs(value));
  return peak / 128;
}
