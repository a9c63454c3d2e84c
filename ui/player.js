// Plays a file through an audio element, in the form that Peaks.js asks of a player. Without its audio there is still a cursor.

import { on } from "./dom.js";

const FETCHED_S = 120; // a longer file is fetched as it is played

/** A player of the audio at `address`, `duration` seconds long. */
export class Player {
  constructor(address, duration) {
    this.audio = new Audio();
    this.audio.preload = duration > FETCHED_S ? "metadata" : "auto";
    this.audio.src = address;
    this.duration = duration;
    this.cursor = 0;
    this.silent = false;
    this.loop = null;
    this.peaks = null;
    this.watchers = new Set();
    this.stops = [
      ...["play", "playing", "pause", "seeked", "timeupdate", "ended"].map((name) => on(this.audio, name, () => this.tell(name))),
      on(this.audio, "error", () => this.fail()),
    ];
  }

  /** Calls `watcher(what)` at play, pause, time, error; returns how to stop. */
  watch(watcher) {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  emit(what) {
    for (const watcher of this.watchers) watcher(what);
  }

  tell(name) {
    const time = this.getCurrentTime();
    const forPeaks = { playing: "player.playing", pause: "player.pause", seeked: "player.seeked", timeupdate: "player.timeupdate", ended: "player.ended" };
    if (forPeaks[name]) this.peaks?.emit(forPeaks[name], time);
    if (name === "seeked") this.peaks?.emit("player.timeupdate", time);
    if (name === "play") this.frame();
    this.emit({ play: "play", playing: "play", pause: "pause", ended: "pause" }[name] ?? "time");
  }

  /** While it plays: the loop's end must be met sooner than four times a second. */
  frame() {
    if (!this.isPlaying()) return;
    const time = this.getCurrentTime();
    if (this.loop && time >= this.loop.end_s - 0.01) this.seek(this.loop.start_s);
    this.emit("time");
    requestAnimationFrame(() => this.frame());
  }

  fail() {
    this.silent = true;
    this.emit("error");
  }

  init(peaks) {
    this.peaks = peaks;
    return Promise.resolve();
  }

  destroy() {
    this.peaks = null;
  }

  /** Lets the audio go. */
  close() {
    for (const stop of this.stops) stop();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.watchers.clear();
  }

  play() {
    if (this.silent) return Promise.resolve();
    const { loop } = this;
    const time = this.getCurrentTime();
    if (loop && (time < loop.start_s || time >= loop.end_s)) this.seek(loop.start_s);
    else if (time >= this.duration - 0.02) this.seek(0);
    return this.audio.play().catch((error) => error.name === "AbortError" || this.fail());
  }

  pause() {
    this.audio.pause();
  }

  toggle() {
    if (this.isPlaying()) this.pause();
    else this.play();
  }

  isPlaying() {
    return !this.silent && !this.audio.paused && !this.audio.ended;
  }

  isSeeking() {
    return this.audio.seeking;
  }

  getCurrentTime() {
    return this.silent || this.audio.readyState === 0 ? this.cursor : this.audio.currentTime;
  }

  getDuration() {
    return this.duration;
  }

  seek(time) {
    this.cursor = Math.min(this.duration, Math.max(0, time));
    if (!this.silent) this.audio.currentTime = this.cursor;
    if (this.silent || this.audio.readyState === 0) this.peaks?.emit("player.timeupdate", this.cursor);
    this.emit("time");
  }
}
