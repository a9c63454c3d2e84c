// Jobs as they run: what is queued and running now, and what could not be read, from the server and its events.

import * as api from "./api.js";
import { listen } from "./events.js";

const SHOWN = 100;
const KEPT = 5000;
const HIDDEN_KEY = "hemiola.hidden-jobs";

/** Jobs that are queued or running, by id, oldest first. */
export const live = new Map();
/** The latest jobs that could not read their file, by id. */
export const unread = new Map();
/** How many are queued beyond those in `live`. */
export let beyond = 0;

const over = new Set(); // what ended since it was last loaded
const listeners = new Set();

/** Calls `listener(job, what)` at a job's change; what is "job", "progress", "outcome", "done" or "all" (job is null). */
export function onJobs(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(job, what) {
  for (const listener of [...listeners]) listener(job, what);
}

/** The job at work on a file, if there is one. */
export function jobOf(fileId) {
  return [...live.values()].find((job) => job.file.id === fileId) ?? null;
}

/** How many run, how many wait. */
export function tally() {
  const running = [...live.values()].filter((job) => job.state === "running").length;
  return { running, waiting: live.size - running + beyond };
}

/** Loads everything anew. */
export async function loadJobs() {
  over.clear();
  const [running, queued, done] = await Promise.all([
    api.jobs({ state: "running", limit: SHOWN }),
    api.jobs({ state: "queued", limit: SHOWN }),
    api.jobs({ state: "done", limit: SHOWN }),
  ]);
  const before = new Map(live);
  live.clear();
  const unfinished = [...running.items, ...queued.items].filter((job) => !over.has(job.id)); // it may have ended since it was listed
  for (const job of unfinished.sort((a, b) => (a.created < b.created ? -1 : 1))) {
    live.set(job.id, forward(job, before.get(job.id)));
  }
  beyond = Math.max(0, (queued.total ?? 0) - queued.items.length);
  unread.clear();
  const seen = new Set();
  for (const job of done.items) {
    if (!seen.has(job.file.path)) keepUnread(job);
    seen.add(job.file.path);
  }
  tell(null, "all");
}

/** Progress never runs backwards. */
function forward(job, before) {
  if (!before) return { ...job };
  const file = { ...job.file, id: job.file.id ?? before.file.id };
  return { ...job, file, progress: Math.max(before.progress ?? 0, job.progress ?? 0), began: before.began, outcomes: before.outcomes };
}

function keepUnread(job) {
  for (const [id, older] of unread) if (older.file.path === job.file.path) unread.delete(id);
  if (job.verdict === "none" && !hidden().includes(job.id)) unread.set(job.id, job);
}

function changed(job) {
  if (job.state === "done" || job.state === "cancelled") return finished(job);
  if (beyond && !live.has(job.id) && job.state === "running") beyond -= 1;
  live.set(job.id, forward(job, live.get(job.id)));
  return tell(live.get(job.id), "job");
}

function finished(job) {
  over.add(job.id);
  if (!live.delete(job.id) && beyond) beyond -= 1;
  if (job.state === "done") keepUnread(job);
  tell(job, "done");
}

function moved({ job: id, progress, now }) {
  const job = live.get(id);
  if (!job) return;
  job.progress = Math.max(job.progress ?? 0, progress ?? 0);
  job.now = now;
  job.state = "running";
  tell(job, "progress");
}

/** What a job does now, in words. */
export const doing = (job) => job.now || (job.progress ? "waking the next plugin" : "starting");

/** How long a job still needs in seconds, from how far it came since it was first seen; null before that says anything. */
export function remaining(job) {
  job.began ??= { at: performance.now(), progress: job.progress };
  const gone = (performance.now() - job.began.at) / 1000;
  const came = job.progress - job.began.progress;
  return gone > 3 && came > 0.04 ? (gone / came) * (1 - job.progress) : null;
}

function hidden() {
  try {
    return JSON.parse(localStorage.getItem(HIDDEN_KEY)) ?? [];
  } catch {
    return [];
  }
}

/** Leaves a job that could not read its file out of the list. */
export function hide(id) {
  unread.delete(id);
  try {
    localStorage.setItem(HIDDEN_KEY, JSON.stringify([...hidden().slice(-200), id]));
  } catch {
    // Storage is switched off: it comes back with the next load.
  }
  tell(null, "all");
}

/** A file is known by its bytes: a job given by path learns which file it is on the way. Its outcomes are kept while it runs. */
function happened(outcome) {
  const job = live.get(outcome.job);
  if (!job) return;
  job.outcomes ??= [];
  if (job.outcomes.length < KEPT) job.outcomes.push(outcome);
  const known = job.file.id;
  job.file = { ...job.file, id: known ?? outcome.file };
  tell(job, known ? "outcome" : "job");
}

listen("job", changed);
listen("outcome", happened);
listen("done", finished);
listen("progress", moved);
