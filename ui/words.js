// Words: numbers, times, statuses and verdicts as a musician reads them.

/** The ledger's statuses in words. */
export const STATUS = {
  ok: "ok",
  skipped: "skipped",
  failed: "failed",
  crashed: "crashed",
  timed_out: "timed out",
  out_of_memory: "out of memory",
  invalid: "invalid",
  blocked: "blocked",
  cancelled: "cancelled",
  quarantined: "quarantined",
  unavailable: "unavailable",
};

/** Statuses of a provider that ran and did not answer. */
export const HARM = ["failed", "crashed", "timed_out", "out_of_memory", "invalid"];

/** Statuses that asking again may change. */
export const RETRIED = [...HARM, "blocked", "quarantined", "unavailable"];

/** Whether asking a provider again may change its outcome: not where what it needs was skipped for cause. */
export const retriable = (outcome) => RETRIED.includes(outcome.status) && outcome.code !== "needs_skipped";

/** The order in which statuses want attention. */
export const ATTENTION = [...HARM, "blocked", "quarantined", "unavailable", "cancelled", "skipped", "ok"];

const two = (value) => String(Math.floor(value)).padStart(2, "0");

/** 250.4 as "4:10", 3850 as "1:04:10". */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** 12.48 as "00:12.480": the time readout. */
export function readout(seconds) {
  const thousandths = Math.max(0, Math.round(seconds * 1000));
  const whole = Math.floor(thousandths / 1000);
  const hours = Math.floor(whole / 3600);
  const rest = `${two((whole / 60) % 60)}:${two(whole % 60)}.${String(thousandths % 1000).padStart(3, "0")}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** How long something took or will take: "0.4 s", "12 s", "3 min". */
export function took(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(seconds < 0.1 ? 2 : 1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** 44100 as "44.1 kHz". */
export const rate = (hertz) => `${Number((hertz / 1000).toFixed(3))} kHz`;

/** 1 as "mono", 2 as "stereo". */
export const channels = (count) => ({ 1: "mono", 2: "stereo" })[count] ?? `${count} ch`;

/** 3 "take" as "3 takes". */
export const count = (number, noun, plural = `${noun}s`) => `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;

/** 3355443 as "3.2 MB". */
export function bytes(size) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = size < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(size) / 3));
  const value = size / 1000 ** power;
  return `${power && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** A probability in two digits: ".86". */
export function digits(probability) {
  const hundredths = Math.round(probability * 100);
  return hundredths >= 100 ? "1.0" : `.${String(Math.max(0, hundredths)).padStart(2, "0")}`;
}

/** Beats a minute: 118 as "118", 142.31 as "142.3". */
export const bpm = (value) => String(Number(value.toFixed(1)));

/** Shortest sensible text of a number. */
export const number = (value) => String(Number(value.toPrecision(3)));

/** A note name and mode, short: "A minor" as "Am", "G major" as "G". */
export function shortKey(label) {
  const [tonic, mode] = label.split(" ");
  if (mode === "minor") return `${tonic}m`;
  return mode === "major" ? tonic : label;
}

/** What became of a file, as a status for its shape, a word and a sentence. */
export function verdict(of, summary, state = "done") {
  if (state === "cancelled" && of !== "complete") return { status: "cancelled", word: "cancelled", sentence: "cancelled before it was finished" };
  if (of === "none") return { status: "failed", word: "not read", sentence: "could not be read" };
  if (!of) return { status: "cancelled", word: "unfinished", sentence: "not analysed to its end" };
  const counts = summary?.counts ?? {};
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  if (of === "complete") return { status: "ok", word: "complete", sentence: complete(counts, total) };
  return { status: "degraded", word: "partial", sentence: `partial: ${partial(counts, total)}` };
}

function complete(counts, total) {
  if (!total) return "complete: nothing but silence";
  const skipped = counts.skipped ? `, ${counts.skipped} skipped for cause` : "";
  return `complete: ${count(counts.ok ?? 0, "answer")}${skipped}`;
}

function partial(counts, total) {
  const failed = HARM.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
  if (failed) return `${failed} of ${total} failed`;
  const rest = RETRIED.filter((status) => counts[status]).map((status) => `${counts[status]} ${STATUS[status]}`);
  return rest.length ? `of ${total}, ${rest.join(", ")}` : "not everything was answered";
}

/** A region's name: "take 3", "take 3, region 2", "whole file". */
export function regionName(region) {
  if (region.level === "file") return "whole file";
  if (region.level === "take") return `take ${region.number}`;
  return `take ${region.take.number}, region ${region.number}`;
}

/** "4:10 – 7:55"; tenths where it is short. */
export function span(start, end) {
  if (end - start >= 10) return `${clock(start)} – ${clock(end)}`;
  const tenths = (at) => readout(Math.round(at * 10) / 10).replace(/^0(?=\d:)/, "").slice(0, -2);
  return `${tenths(start)} – ${tenths(end)}`;
}

/** A reason as a sentence about the plugin: "it stopped" becomes "key.essentia stopped". */
export const about = (plugin, reason) => reason.replace(/^it (?=\w)/, `${plugin} `).replace(/^(\S+): it (?=\w)/, "$1 ").replace(/[.;\s]+$/, "");
