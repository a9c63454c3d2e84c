// A file's document as the page uses it: takes with their regions, numbered, and every beat and bar in order.

/**
 * Reads a document.
 *
 * @returns {{file: object, regions: object[], takes: object[], whole: object|null, byId: Map}} Regions gain `number` (from 1 among
 *   their like), `take` (themselves or their take) and `inside` (the regions of a take).
 */
export function score(document) {
  const byId = new Map(document.regions.map((region) => [region.id, region]));
  const inOrder = [...document.regions].sort((a, b) => a.start_s - b.start_s || b.end_s - a.end_s);
  const takes = inOrder.filter((region) => region.level === "take");
  takes.forEach((take, index) => Object.assign(take, { number: index + 1, take, inside: [] }));
  for (const region of inOrder) {
    if (region.level !== "region") continue;
    region.take = byId.get(region.parent) ?? takes[0];
    region.take?.inside.push(region);
    region.number = region.take?.inside.length ?? 1;
  }
  const whole = document.regions.find((region) => region.level === "file") ?? null;
  return { file: document.file, regions: inOrder, takes, whole, byId };
}

/** A document of what is known while the first job still runs: the regions that were asked about, and what became of it. */
export function soFar(file, outcomes) {
  const regions = new Map();
  for (const { region: id, level, start_s, end_s, ...outcome } of outcomes) {
    if (!id) continue;
    if (!regions.has(id)) regions.set(id, { id, level, start_s, end_s, parent: null, results: {}, inherited: {}, outcomes: new Map() });
    regions.get(id).outcomes.set(`${outcome.plugin} ${outcome.question}`, { rank: 0, ...outcome }); // told again after a server's restart
  }
  const all = [...regions.values()].map((region) => ({ ...region, outcomes: [...region.outcomes.values()] }));
  for (const region of all) {
    if (region.level !== "region") continue;
    const take = all.find((one) => one.level === "take" && one.start_s <= region.start_s && one.end_s >= region.end_s);
    region.parent = take?.id ?? null;
  }
  return { file, regions: all.filter((one) => one.level !== "region" || one.parent), notices: [] };
}

/** The region where a file is best begun: its first take, else the whole file. */
export const firstChoice = (of) => of.takes[0] ?? of.whole;

/** The take that sounds at a time, or null. */
export function takeAt(of, time) {
  return of.takes.find((take) => time >= take.start_s && time < take.end_s) ?? null;
}

/** An answer to a question about a region: its own, or the one it inherits; {result, from} or null. */
export function answerOf(of, region, question) {
  if (region.results[question]) return { result: region.results[question], from: region };
  const from = of.byId.get(region.inherited?.[question]);
  return from?.results[question] ? { result: from.results[question], from } : null;
}

/**
 * Every beat of the file, with the downbeats where a meter is known.
 *
 * @returns {{times: number[], downbeats: number[]}}
 */
export function pulse(of) {
  of.pulse ??= gathered(of);
  return of.pulse;
}

function gathered(of) {
  const times = [];
  const downbeats = [];
  for (const take of of.takes) {
    const { meter, beats } = take.results;
    times.push(...(meter?.beat_times?.length ? meter.beat_times : (beats?.times ?? [])));
    downbeats.push(...(meter?.downbeat_times ?? []));
  }
  return { times: times.sort((a, b) => a - b), downbeats: downbeats.sort((a, b) => a - b) };
}

/** Where a time falls: "bar 7 beat 3", "beat 23", or nothing. */
export function place(of, time) {
  const take = takeAt(of, time + 0.02);
  if (!take) return "";
  const { meter, beats } = take.results;
  const times = meter?.beat_times?.length ? meter.beat_times : (beats?.times ?? []);
  const beat = after(times, time + 0.02);
  if (!times.length || !beat) return "";
  const downs = meter?.downbeat_times ?? [];
  const bar = after(downs, time + 0.02);
  if (!downs.length) return `beat ${beat}`;
  return bar ? `bar ${bar} beat ${beat - after(times, downs[bar - 1] - 0.02)}` : "pickup";
}

/** How many of a sorted list lie at or before a value. */
export function after(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next (`steps` 1) or previous (-1) of a sorted list from a time; null at its ends. */
export function neighbour(sorted, time, steps) {
  const index = steps > 0 ? after(sorted, time + 0.005) : after(sorted, time - 0.005) - 1;
  return sorted[index] ?? null;
}
