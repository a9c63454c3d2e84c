// The view of one file: title, waveform, answers, ledger; kept up to date while a job works on it.

import { answers } from "./answers.js";
import * as api from "./api.js";
import { skeleton } from "./begin.js";
import { fill, h, later, on, once } from "./dom.js";
import { listen } from "./events.js";
import { jobOf, onJobs } from "./jobs.js";
import { ledger } from "./ledger.js";
import { pane } from "./pane.js";
import { note } from "./router.js";
import { complain, say } from "./say.js";
import { firstChoice, score, soFar } from "./score.js";
import { title } from "./title.js";

const AGAIN_MS = 400;

/**
 * Opens a file.
 *
 * @param {string} id
 * @param {string|null} regionId the take or region that the address names
 * @param {{changed: function(string): void, removed: function(string): void}} does
 */
export function fileView(id, regionId, does) {
  const stop = new AbortController();
  const closes = [];
  const mine = new Set();
  let file = null;
  let of = null;
  let document_ = null;
  let chosen = null;
  let wave = null;
  let waveTimer = 0;
  let moved = false;

  const head = title({ removed: () => does.removed(id), tagged: () => does.changed(id) });
  const states = h("div", { class: "file-states" });
  const waveHome = h("div", { class: "wave-home" }, skeleton(3));
  const told = answers({ choose: (region) => choose(region, true) });
  const asked = ledger({ retry, choose: (region) => choose(region, true) });
  const below = h("div", { class: "below", hidden: true }, told.element, asked.element);
  const element = h("article", { class: "file", "aria-busy": "true" }, head.element, states, waveHome, below);

  async function retry(plugin) {
    try {
      mine.add((await api.retryJob(file.job.id, plugin)).job_id);
      say(`${plugin} is asked again.`);
    } catch (error) {
      complain(error);
      drawLedger();
    }
  }

  function choose(region, moves) {
    if (!region) return;
    chosen = region;
    note(id, region.id);
    wave?.choose(region, moves);
    told.show(of, region, !document_);
    drawLedger();
  }

  function nextTake(by) {
    if (!of?.takes.length) return;
    const index = of.takes.indexOf(chosen?.take ?? null);
    choose(of.takes[(index + by + of.takes.length) % of.takes.length], true);
  }

  const drawLedger = once(() => of && asked.show({ of, region: chosen, busy: Boolean(jobOf(id)) }));

  async function load() {
    file = await api.fileById(id, stop.signal);
    document_ = file.verdict ? await api.analysis(id, stop.signal) : null;
    show();
  }

  const reload = () => load().catch(failed);

  /** What is known now: the document, or what its first job told so far. */
  function read() {
    const outcomes = jobOf(id)?.outcomes ?? [];
    if (!document_ && !outcomes.length) return;
    of = score(document_ ?? soFar(file, outcomes));
    chosen = of.byId.get(chosen?.id ?? regionId) ?? firstChoice(of);
  }

  function show() {
    element.setAttribute("aria-busy", "false");
    document.title = `${file.name} · hemiola`;
    read();
    head.show(file, jobOf(id), document_);
    showStates();
    showHeard();
    if (!wave) startWave();
  }

  function showHeard() {
    below.hidden = !of?.regions.length;
    if (below.hidden) return;
    told.show(of, chosen, !document_);
    drawLedger();
    wave?.set(of, chosen);
  }

  const grow = later(() => (read(), showHeard()), 120);

  /** The waveform comes with the decoding, before the answers: it is asked for until it is there. */
  async function startWave() {
    clearTimeout(waveTimer);
    if (wave || stop.signal.aborted) return;
    if (file.verdict === "none" && !jobOf(id)) return void fill(waveHome);
    if (!file.duration_s) return void later_();
    const made = pane(file, { choose, nextTake, lost });
    wave = made;
    fill(waveHome, made.element);
    if (of) made.set(of, chosen);
    try {
      await made.start();
      if (regionId && chosen?.id === regionId) made.choose(chosen, true);
    } catch (error) {
      made.close();
      wave = null;
      fill(waveHome, skeleton(3));
      if (error.status === 404 && jobOf(id)) return void later_();
      if (error.status === 404) return void (fill(waveHome), lost(error));
      if (error.name !== "AbortError") fill(waveHome, h("p", { class: "muted", text: error.message }));
    }
  }

  function later_() {
    if (jobOf(id)) waveTimer = setTimeout(async () => (file.duration_s ? startWave() : reload()), AGAIN_MS);
  }

  function showStates() {
    const job = jobOf(id);
    if (moved) return askWhere();
    if (file.verdict === "none" && !job) {
      const reason = document_?.intake?.reason ?? file.job?.intake?.reason ?? "Nothing says why.";
      return fill(states, h("div", { class: "card failed" }, h("h2", { text: "This file could not be read" }), h("p", { text: reason })));
    }
    if (of && !job && !of.takes.length) return fill(states, h("div", { class: "card" }, h("p", { text: "There is nothing but silence in this file, so there was nothing to ask." })));
    return fill(states);
  }

  /** The audio does not come: usually because the file has moved. */
  function lost(why) {
    if (why.status !== 404) return why.status && say(why.message, { wrong: true });
    moved = true;
    return askWhere();
  }

  function askWhere() {
    if (states.querySelector(".moved")) return;
    const input = h("input", { type: "text", id: "relink", placeholder: "/where/it/is/now.wav", autocomplete: "off", spellcheck: "false" });
    const form = h("form", {}, h("label", { for: "relink", text: "Where is it now?" }), input, h("button", { type: "submit", class: "main", text: "Use this file" }));
    on(form, "submit", async (event) => {
      event.preventDefault();
      try {
        await api.relink(id, input.value.trim());
        say("Found: the recording is the same.");
        does.changed(id);
        reopen();
      } catch (error) {
        complain(error);
      }
    });
    fill(states, h("div", { class: "card moved" }, h("h2", { text: `The file is not found at ${file.path}` }), h("p", { text: "Everything heard in it is still here, but it cannot be played. It may have moved: say where to. Or it lies outside the folders that this server may read: docs/settings.md says how to add one." }), form));
  }

  function reopen() {
    moved = false;
    wave?.close();
    wave = null;
    fill(waveHome, skeleton(3));
    reload();
  }

  function failed(error) {
    if (error.name === "AbortError") return;
    if (![404, 422].includes(error.status)) return complain(error);
    element.setAttribute("aria-busy", "false");
    fill(element, h("section", { class: "begin" }, h("h1", { text: "This file is not in the library" }), h("p", { text: "It was removed, or its address is not whole. Your recording itself was not touched; drop it here and it is heard again." }), h("a", { href: "#/", text: "Back to the library" })));
  }

  /** An outcome is shown at once; what it answered comes when the job is done. */
  function happened(outcome) {
    if (outcome.file !== id || !file) return;
    if (!document_) return grow();
    const region = of?.byId.get(outcome.region);
    if (!region) return;
    const index = region.outcomes.findIndex((one) => one.plugin === outcome.plugin && one.question === outcome.question);
    if (index < 0) region.outcomes.push({ rank: 99, ...outcome });
    else region.outcomes[index] = { ...region.outcomes[index], detail: null, ...outcome };
    drawLedger();
  }

  function jobChanged(job, what) {
    if (!file || (job && job.file.id !== id && !mine.has(job.id))) return;
    if (what === "done" && mine.delete(job.id) && job.verdict === "none") say(job.intake?.reason ?? "The file could not be read again.", { wrong: true });
    if (what === "outcome") return;
    if (what === "progress") return head.progress(job);
    if (what === "done" || what === "all") return reload();
    head.show(file, jobOf(id), document_);
    drawLedger();
    if (!wave) startWave();
  }

  closes.push(listen("outcome", happened), onJobs(jobChanged));
  load().catch(failed);

  return {
    element,
    id,
    focus: head.focus,
    region(wanted) {
      if (of?.byId.has(wanted) && wanted !== chosen?.id) choose(of.byId.get(wanted), true);
    },
    /** The server is back: what was missed is read, and audio that was cut off is asked for again. */
    back: () => (wave?.player.silent ? reopen() : reload()),
    close() {
      stop.abort();
      grow.stop();
      clearTimeout(waveTimer);
      for (const close of closes) close();
      wave?.close();
      document.title = "hemiola";
    },
  };
}
