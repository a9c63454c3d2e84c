// The line under the waveform: where it is, play, loop, zoom; and the keys for them.

import { fill, h, on } from "./dom.js";
import { bind } from "./keys.js";
import { neighbour, place, pulse } from "./score.js";
import { picture } from "./shapes.js";
import { readout, regionName } from "./words.js";

/**
 * @param {import("./player.js").Player} player
 * @param {{score: function(): object|null, chosen: function(): object|null, view: function(): object|null, nextTake: function(number): void}} of
 */
export function transport(player, of) {
  const time = h("output", { class: "time", "aria-label": "Time", text: readout(0) });
  const where = h("span", { class: "where", "aria-label": "Bar and beat" });
  const play = h("button", { type: "button", class: "play", "aria-label": "Play" }, picture("play"), h("span", { text: "Play" }));
  const loop = h("button", { type: "button", class: "toggle", "aria-pressed": "false", title: "Play the chosen take or region over and over (l)" }, picture("loop"), h("span", { text: "Loop" }));
  const zoom = (name, label, does) => h("button", { type: "button", class: "icon", "aria-label": label, title: label, on: { click: does } }, picture(name));
  const element = h("div", { class: "transport", role: "group", "aria-label": "Playing" },
    h("span", { class: "reading" }, time, where), play, loop,
    h("span", { class: "zooms" },
      zoom("minus", "Zoom out (-)", () => of.view()?.zoomOut()),
      zoom("plus", "Zoom in (+)", () => of.view()?.zoomIn()),
      zoom("fit", "Show all (0)", () => of.view()?.fit())));

  function show() {
    const now = player.getCurrentTime();
    time.textContent = readout(now);
    where.textContent = of.score() ? place(of.score(), now) : "";
  }

  function showPlaying() {
    const playing = player.isPlaying();
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    fill(play, picture(playing ? "pause" : "play"), h("span", { text: playing ? "Pause" : "Play" }));
    play.disabled = player.silent;
  }

  function setLoop(region) {
    player.loop = region;
    loop.setAttribute("aria-pressed", String(Boolean(region)));
    fill(loop, picture("loop"), h("span", { text: region ? `Looping ${regionName(region)}` : "Loop" }));
    if (region && player.isPlaying() && (player.getCurrentTime() < region.start_s || player.getCurrentTime() > region.end_s)) player.seek(region.start_s);
  }

  const toggleLoop = () => setLoop(player.loop ? null : of.chosen());
  on(play, "click", () => player.toggle());
  on(loop, "click", toggleLoop);
  player.watch((what) => (what === "time" ? show() : (showPlaying(), show())));

  /** To the next beat or bar; without them by a second or five. */
  function step(direction, byBar) {
    const now = player.getCurrentTime();
    const { times, downbeats } = of.score() ? pulse(of.score()) : { times: [], downbeats: [] };
    const aims = byBar ? bars(times, downbeats) : times;
    const to = neighbour(aims, now, direction);
    player.seek(aims.length ? (to ?? (direction > 0 ? now : 0)) : now + direction * (byBar ? 5 : 1));
  }

  const unbind = bind("Playing", [
    { keys: [" "], says: "play, pause", does: () => player.toggle() },
    { keys: ["ArrowLeft", "ArrowRight"], says: "a beat back, on (a second where there are none)", does: (event) => step(event.key === "ArrowLeft" ? -1 : 1, false) },
    { keys: ["ArrowLeft", "ArrowRight"], shift: true, says: "a bar back, on (five seconds)", does: (event) => step(event.key === "ArrowLeft" ? -1 : 1, true) },
    { keys: ["Home"], says: "to the beginning", does: () => player.seek(0) },
    { keys: ["End"], says: "to the end", does: () => player.seek(player.duration) },
    { keys: ["l"], says: "loop the chosen take or region", does: toggleLoop },
    { keys: ["+", "="], says: "zoom in", does: () => of.view()?.zoomIn() },
    { keys: ["-"], says: "zoom out", does: () => of.view()?.zoomOut() },
    { keys: ["0"], says: "show all", does: () => of.view()?.fit() },
    { keys: ["t"], says: "next take", does: () => of.nextTake(1) },
  ]);
  showPlaying();

  return {
    element,
    show,
    close: unbind,
    /** The loop follows what is chosen. */
    chose: (region) => player.loop && setLoop(region),
  };
}

/** Downbeats, or every fourth beat where there are none. */
function bars(times, downbeats) {
  return downbeats.length ? downbeats : times.filter((_, index) => index % 4 === 0);
}
