// The pane of the waveform: overview, takes, close-up, lanes and transport of one file, moving together.

import * as api from "./api.js";
import { skeleton } from "./begin.js";
import { fill, h, on } from "./dom.js";
import { lanes } from "./lanes.js";
import { Player } from "./player.js";
import { complain } from "./say.js";
import { takeBands } from "./takes.js";
import { onTheme } from "./theme.js";
import { transport } from "./transport.js";
import { draw, loadLibraries, points } from "./waveform.js";

const SEGMENTS_MAX = 2000; // more of them than this are seen in the lanes only

/**
 * @param {object} file with its links
 * @param {{choose: function(object, boolean): void, nextTake: function(number): void, lost: function(Error): void}} does
 */
export function pane(file, does) {
  const stop = new AbortController();
  const player = new Player(file.links.processed_audio, file.duration_s);
  const overview = h("div", { class: "overview" });
  const zoom = h("div", { class: "zoom" });
  const head = h("div", { class: "lane-head", hidden: true });
  const wait = skeleton(2);
  let score = null;
  let chosen = null;
  let view = null;
  let data = null;

  const bands = takeBands((take) => does.choose(take, true));
  const lane = lanes({ choose: (region) => does.choose(region, true), seek: (time) => player.seek(time) });
  lane.window(0, file.duration_s);
  const controls = transport(player, { score: () => score, chosen: () => chosen, view: () => view, nextTake: does.nextTake });
  const element = h("section", { class: "wave", "aria-label": "Waveform" },
    h("div", { class: "drawn" }, wait, overview, bands.element, h("div", { class: "close-up" }, zoom, lane.element, head)), controls.element);

  player.watch((what) => {
    moveHead();
    if (what === "error") unheard();
  });

  async function unheard() {
    const why = await api.playable(file.links.processed_audio);
    if (why !== true && !stop.signal.aborted) does.lost(why);
  }

  function moveHead() {
    if (!view) return;
    const { from, to } = view.range();
    const part = (player.getCurrentTime() - from) / (to - from);
    head.hidden = part < 0 || part > 1;
    head.style.transform = `translateX(${Math.round(part * zoom.clientWidth)}px)`;
  }

  async function start() {
    const [, got] = await Promise.all([loadLibraries(), points(file, zoom.clientWidth || 900, stop.signal)]);
    data = got;
    wait.remove();
    await redraw();
  }

  async function redraw() {
    if (!data || stop.signal.aborted) return;
    view?.destroy();
    fill(overview);
    fill(zoom);
    view = await draw({ overview, zoom }, data, player);
    if (stop.signal.aborted) return view.destroy();
    view.peaks.on("zoomview.update", moved);
    // The same click seeks: the view must stay where it is until then.
    view.peaks.on("segments.click", ({ segment }) => score?.byId.has(segment.id) && does.choose(score.byId.get(segment.id), false));
    moved();
    return show();
  }

  function moved() {
    const { from, to } = view.range();
    lane.window(from, to);
    moveHead();
  }

  function show() {
    if (!score) return;
    lane.set(score, chosen);
    showChosen();
  }

  function showChosen() {
    lane.choose(chosen);
    bands.show(score, chosen);
    controls.show();
    const regions = score.regions.filter((region) => region.level === "region");
    view?.segments(regions.length <= SEGMENTS_MAX ? regions : [], chosen?.id);
  }

  const themes = onTheme(() => redraw().catch(complain));
  on(window, "pagehide", () => player.pause(), { signal: stop.signal });

  return {
    element,
    start,
    player,
    set(of, region) {
      score = of;
      chosen = region;
      show();
    },
    /** Shows a region as chosen; `go` moves the close-up and the cursor to it. */
    choose(region, go) {
      chosen = region;
      controls.chose(region);
      showChosen();
      if (!go || !view || !region) return;
      const { from, to } = view.range();
      const wide = to - from;
      if (region.start_s < from || region.end_s > to || region.end_s - region.start_s < wide / 8) view.show(region.start_s, region.end_s);
      if (!player.isPlaying() || player.loop) player.seek(region.start_s);
    },
    close() {
      stop.abort();
      themes();
      controls.close();
      player.close();
      view?.destroy();
    },
  };
}
