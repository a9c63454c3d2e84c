// What was heard: each question's answer in words, with its confidence and its ranked alternatives.

import { bpm, clock, count, number, shortKey } from "./words.js";

/**
 * @typedef {{text: string, confidence: number|null|undefined, alternatives: {text: string, probability: number}[], remarks: string[]}} Heard
 *   `confidence` is undefined where the question has none or a person said it, null where none is calibrated.
 */

const WORDS = { tempo, key, beats, onsets, meter, content, features, labels, stems, sections, hits, groove, notes, chords, subdivision, confidence };

/** An answer in words, for the stretch `region` of the file. */
export function heard(question, result, region) {
  const told = (WORDS[question] ?? unknown)(result, region);
  const confidence = result.source === "user" ? undefined : result.confidence;
  return { confidence, alternatives: [], remarks: [], ...told };
}

/** The numbers of a sorted list that lie in a stretch. */
export function within(times, region) {
  return times.filter((time) => time >= region.start_s && time < region.end_s);
}

const SET = "set by you";

function tempo(result) {
  const remarks = [];
  if (result.unreliable) remarks.push(`not to be trusted: ${result.unreliable}`);
  if (result.source === "user") remarks.push(SET);
  const others = result.candidates ?? [];
  return {
    text: result.bpm === null ? "no steady tempo" : `${bpm(result.bpm)} BPM${felt(result)}`,
    alternatives: others
      .filter((one) => result.bpm === null || Math.abs(one.bpm / result.bpm - 1) > 0.015)
      .map((one) => ({ text: bpm(one.bpm), probability: one.probability })),
    remarks,
  };
}

const felt = (result) => (result.pulse_bpm && Math.abs(result.pulse_bpm - result.bpm) > 0.5 ? `, felt at ${bpm(result.pulse_bpm)}` : "");

function key(result) {
  const text = result.mode === "atonal" || !result.tonic ? "no key: atonal" : result.label;
  const alternatives = (result.alternatives ?? [])
    .filter((one) => one.tonic !== result.tonic || one.mode !== result.mode)
    .map((one) => ({ text: one.tonic ? shortKey(`${one.tonic} ${one.mode}`) : one.mode, probability: one.probability }));
  const tuned = result.tuning_hz ? [`tuned to A = ${result.tuning_hz.toFixed(1)} Hz`] : [];
  return { text, alternatives, remarks: tuned };
}

function beats(result, region) {
  const here = within(result.times, region);
  if (!here.length) return { text: "no beats" };
  const octaves = (result.octave_alternatives ?? []).map((one) => ({ text: factor(one.factor), probability: one.probability }));
  return { text: `${count(here.length, "beat")}${pulse(here)}`, alternatives: octaves };
}

const factor = (value) => ({ 0.5: "half as many", 2: "twice as many", [1 / 3]: "a third as many", 3: "three times as many" })[value] ?? `${number(value)} times as many`;

function pulse(times) {
  if (times.length < 3) return "";
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const middle = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
  return `, ${Math.round(middle * 1000)} ms apart`;
}

function onsets(result, region) {
  return { text: count(within(result.times, region).length, "onset") };
}

function meter(result, region) {
  const grouped = (grouping) => (grouping?.length > 1 ? ` (${grouping.join("+")})` : "");
  const bars = within(result.downbeat_times ?? [], region).length;
  const changes = (result.segments ?? []).length - 1;
  const remarks = result.source === "user" ? [SET] : [];
  if (bars) remarks.push(count(bars, "bar"));
  if ((result.downbeat_confidence ?? 1) < 0.5) remarks.push("where its bars begin is unsure");
  if (changes > 0) remarks.push(`changes ${changes === 1 ? "once" : `${changes} times`}`);
  if (result.ambiguous) remarks.push("may be heard in more than one way");
  return {
    text: result.meter ? `${result.meter}${grouped(result.grouping)}` : "no meter",
    alternatives: (result.alternatives ?? [])
      .filter((one) => one.meter !== result.meter || String(one.grouping) !== String(result.grouping))
      .map((one) => ({ text: one.meter + grouped(one.grouping), probability: one.probability })),
    remarks,
  };
}

function stretches(items, region, label = (item) => item.label) {
  const here = items.filter((item) => item.end_s > region.start_s && item.start_s < region.end_s);
  if (!here.length) return "nothing";
  if (here.length === 1 && here[0].start_s <= region.start_s + 0.05 && here[0].end_s >= region.end_s - 0.05) return `${label(here[0])} throughout`;
  const told = here.slice(0, 5).map((item) => `${label(item)} ${clock(item.start_s)} – ${clock(item.end_s)}`);
  return told.join(", ") + (here.length > 5 ? `, and ${here.length - 5} more` : "");
}

function content(result, region) {
  const segments = result.segments ?? [];
  return { text: stretches(segments, region), confidence: segments.length === 1 ? segments[0].confidence : undefined };
}

function sections(result, region) {
  return { text: stretches(result.sections ?? [], region), confidence: undefined };
}

function chords(result, region) {
  return { text: stretches(result.chords ?? [], region), confidence: undefined };
}

const tenths = (value) => value.toFixed(1).replace(/^-0\.0$/, "0.0");

function features(result) {
  const told = [
    result.rms_db !== null && `${tenths(result.rms_db)} dB RMS`,
    result.peak_db !== null && `peak ${tenths(result.peak_db)} dB`,
    result.loudness_lufs !== null && `${tenths(result.loudness_lufs)} LUFS`,
    result.spectral_centroid_hz !== null && `brightness ${Math.round(result.spectral_centroid_hz)} Hz`,
    result.tuning_cents !== null && `tuned ${result.tuning_cents > 0 ? "+" : ""}${number(result.tuning_cents)} cents`,
  ].filter(Boolean);
  return { text: told.join(", ").replaceAll("-", "−") || "digital silence", confidence: undefined };
}

function labels(result) {
  const ranked = [...(result.labels ?? [])].sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0));
  const names = [...new Set(ranked.map((one) => one.label))];
  return { text: names.slice(0, 6).join(", ") || "nothing it knows", confidence: undefined };
}

function stems(result) {
  return { text: (result.stems ?? []).map((stem) => stem.name).join(", ") || "none", confidence: undefined };
}

function hits(result, region) {
  const tally = {};
  for (const hit of result.hits ?? []) {
    if (hit.time_s >= region.start_s && hit.time_s < region.end_s) tally[hit.instrument] = (tally[hit.instrument] ?? 0) + 1;
  }
  const told = Object.entries(tally).sort((a, b) => b[1] - a[1]).map(([name, times]) => `${name} ${times}`);
  return { text: told.join(", ") || "no drum hits", confidence: result.confidence_score, remarks: [`heard in the ${result.source}`] };
}

function groove(result) {
  const swing = result.swing_ratio === null ? "" : `swing ${result.swing_ratio.toFixed(2)}${result.swing_level ? ` (${result.swing_level})` : ""}`;
  return { text: [result.label, swing].filter(Boolean).join(", ") || "no groove" };
}

function notes(result, region) {
  return { text: count(within((result.notes ?? []).map((note) => note.onset_s), region).length, "note"), confidence: undefined };
}

function subdivision(result) {
  const against = (result.polyrhythms ?? []).map((one) => `${one.ratio.join(":")} ${one.kind}`);
  return { text: [count((result.layers ?? []).length, "layer"), ...against].join(", "), confidence: undefined };
}

function confidence(result) {
  const dimensions = Object.entries(result).filter(([name, value]) => name.endsWith("_score") && typeof value === "number");
  const told = dimensions.filter(([name]) => name !== "overall_confidence_score").map(([name, value]) => `${name.replace("_score", "").replaceAll("_", " ")} ${value.toFixed(2)}`);
  return { text: told.join(", ") || "nothing to go by", confidence: result.overall_confidence_score };
}

/** A question this page does not know: what its answer holds, in brief. */
function unknown(result) {
  const brief = (value) => {
    if (Array.isArray(value)) return count(value.length, "item");
    if (value && typeof value === "object") return Array.isArray(value.shape) ? `frames ${value.shape.join(" × ")}` : "{…}";
    return typeof value === "number" ? number(value) : String(value);
  };
  const fields = Object.entries(result).filter(([name]) => name !== "confidence");
  return { text: fields.map(([name, value]) => `${name.replaceAll("_", " ")} ${brief(value)}`).join(", ").slice(0, 240) || "answered" };
}
