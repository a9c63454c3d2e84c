// An example made by the page itself: two short takes of drums and chords, for whoever has no recording at hand.

const RATE = 44100;
const GAP_S = 6;

const TAKES = [
  { bpm: 100, beats: 4, bars: 6, chords: [[220, 261.63, 329.63], [174.61, 220, 261.63], [130.81, 196, 329.63], [196, 246.94, 293.66]] },
  { bpm: 132, beats: 3, bars: 8, chords: [[146.83, 220, 369.99], [196, 246.94, 293.66], [220, 277.18, 329.63], [146.83, 220, 369.99]] },
];

/** The example as a WAV file. */
export function example() {
  const lengths = TAKES.map((take) => (60 / take.bpm) * take.beats * take.bars + 1.2);
  const total = lengths.reduce((sum, length) => sum + length, 0) + GAP_S * (TAKES.length - 1) + 1;
  const samples = new Float32Array(Math.ceil(total * RATE));
  const noise = chance(7);
  let start = 0.5;
  TAKES.forEach((take, index) => {
    play(take, start, samples, noise);
    start += lengths[index] + GAP_S;
  });
  for (let i = 0; i < samples.length; i += 1) samples[i] += 0.0002 * noise(); // a room is never digitally silent
  return new File([wav(samples)], "hemiola-example.wav", { type: "audio/wav" });
}

function play(take, start, samples, noise) {
  const beat = 60 / take.bpm;
  for (let bar = 0; bar < take.bars; bar += 1) {
    const at = start + bar * take.beats * beat;
    for (const pitch of take.chords[bar % take.chords.length]) string(samples, at, pitch, beat * take.beats);
    for (let i = 0; i < take.beats; i += 1) {
      if (i === 0 || (take.beats === 4 && i === 2)) kick(samples, at + i * beat);
      else snare(samples, at + i * beat, noise, 0.22);
      for (const half of [0, 0.5]) hat(samples, at + (i + half) * beat, noise, half ? 0.06 : 0.1);
    }
  }
}

/** Adds `make(t)` for `length` seconds from `at`. */
function add(samples, at, length, make) {
  const first = Math.round(at * RATE);
  const last = Math.min(samples.length, first + Math.round(length * RATE));
  for (let i = first; i < last; i += 1) samples[i] += make((i - first) / RATE);
}

function string(samples, at, pitch, length) {
  add(samples, at, length, (t) => {
    const decay = Math.exp(-2.2 * t) * Math.min(1, t * 400) * Math.min(1, (length - t) * 40);
    let sum = 0;
    for (let partial = 1; partial <= 6; partial += 1) sum += (Math.sin(2 * Math.PI * pitch * partial * t) / partial ** 1.4) * Math.exp(-0.8 * partial * t);
    return 0.09 * decay * sum;
  });
}

function kick(samples, at) {
  add(samples, at, 0.25, (t) => 0.6 * Math.exp(-14 * t) * Math.sin(2 * Math.PI * (48 * t + 2.2 * (1 - Math.exp(-40 * t)))));
}

function snare(samples, at, noise, level) {
  add(samples, at, 0.16, (t) => level * Math.exp(-24 * t) * (noise() + 0.6 * Math.sin(2 * Math.PI * 190 * t)));
}

function hat(samples, at, noise, level) {
  let before = 0;
  add(samples, at, 0.05, (t) => {
    const now = noise();
    const bright = now - before;
    before = now;
    return level * Math.exp(-80 * t) * bright;
  });
}

/** Noise between -1 and 1, the same every time. */
function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** 16-bit mono WAV. */
function wav(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at, letters) => [...letters].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((value, i) => view.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, value)) * 32767, true));
  return view.buffer;
}
