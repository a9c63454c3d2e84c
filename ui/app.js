// The page: its parts put together, and which of them shows.

import * as api from "./api.js";
import { firstUnderWay, noFileOpen, nothingYet } from "./begin.js";
import { dropAnywhere } from "./drop.js";
import { fill, h, on } from "./dom.js";
import { connect, listen } from "./events.js";
import { fileView } from "./file.js";
import { live, loadJobs, onJobs, tally } from "./jobs.js";
import { bind, showKeys } from "./keys.js";
import { library, searchBox } from "./library.js";
import { address, go, here, route } from "./router.js";
import { complain, places, quiet, say, strip } from "./say.js";
import { themeButton } from "./theme.js";
import { onUploads } from "./upload.js";

const main = h("main", { id: "main", tabindex: "-1" });
const running = h("p", { class: "running", "aria-live": "polite" });
const awaited = new Map(); // jobs just asked for; true where the page says what became of them
let shown = null;
let home = null;
let loaded = false;

const shelf = library({
  onLoaded() {
    loaded = true;
    if (!shown) showHome();
  },
});
const box = searchBox({ search: shelf.search, open: shelf.first, analyse });
const { spoken, strips } = places();

async function analyse(path) {
  try {
    const { job_id: id } = await api.analyze(path);
    quiet();
    awaited.set(id, true);
    if (live.has(id)) openAwaited();
    else ended(await api.job(id)); // what is stored is answered at once, before the page knows the job
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** What was just given to the page is opened as soon as it is known, unless another file is being looked at. */
function openAwaited(done) {
  for (const [id, told] of awaited) {
    const job = live.get(id) ?? (done?.id === id ? done : null);
    if (!job?.file.id || job.verdict === "none") continue;
    if (!shown || !told) awaited.delete(id);
    if (!shown) go(address(job.file.id));
  }
}

function ended(job) {
  openAwaited(job);
  const told = awaited.get(job.id);
  if (["done", "cancelled"].includes(job.state)) awaited.delete(job.id);
  if (!told || job.state !== "done") return;
  if (job.verdict === "none") say(job.intake?.reason || `${job.file.name} could not be read.`, { wrong: true });
  else if (shown?.id !== job.file.id) say(`${job.file.name} is in the library.`);
}

function showHome() {
  const state = shelf.state();
  if (home?.state === state && main.contains(home.element)) return;
  home = { state, element: { empty: nothingYet, first: firstUnderWay, filled: noFileOpen }[state]() };
  fill(main, home.element);
}

function show(to) {
  document.body.dataset.view = to.view;
  if (to.view === "file" && shown?.id === to.id) return shown.region(to.region);
  shown?.close();
  shown = null;
  shelf.choose(to.id ?? null);
  if (to.view === "home") {
    fill(main);
    return loaded && showHome();
  }
  shown = fileView(to.id, to.region, { changed: shelf.refresh, removed });
  fill(main, shown.element);
  main.scrollTop = 0;
  return undefined;
}

function removed(id) {
  go("#/");
  shelf.remove(id).catch(complain);
}

function showTally() {
  const { running: now, waiting } = tally();
  const words = [now && `${now} running`, waiting && `${waiting} waiting`].filter(Boolean).join(", ");
  if (running.textContent !== words) running.textContent = words;
}

onJobs((job, what) => {
  if (what === "outcome") return;
  showTally();
  if (what === "done") ended(job);
  else if (what !== "progress") openAwaited();
  if (what !== "progress" && !shown && loaded) showHome();
});
onUploads((_, jobs) => {
  if (jobs?.length === 1) awaited.set(jobs[0].job_id, false);
  openAwaited();
  if (!shown && loaded) showHome();
});

async function loadAll() {
  await Promise.all([loadJobs(), shelf.load()]);
}

let foundAgain = null;
listen("gone", () => {
  foundAgain = strip("gone", "The server is gone; looking for it …");
});
listen("back", () => {
  foundAgain?.();
  say("The server is back.");
  anew();
});
const anew = () => loadAll().then(() => shown?.back(), complain);
listen("resync", anew);
listen("open", () => loadAll().catch(complain)); // not before: what ends between would never be heard of
// Another tab may have removed files or tagged them.
on(document, "visibilitychange", () => document.visibilityState === "visible" && loaded && anew());

async function warnings() {
  const [status, health, plugins] = await Promise.all([api.status(), api.health().catch((error) => error.problem ?? {}), api.plugins()]);
  if (status.confinement?.mode === "portable") strip("portable", "Plugins are not confined here: a buggy one harms nobody, a hostile one is not held.");
  const sources = (plugins.problems ?? []).map((text) => `A plugin of yours cannot be used: ${text.split("\n")[0]}`);
  const problems = [...(health.problems ?? []), ...sources];
  if (problems.length) strip("health", problems.length === 1 ? problems[0] : `${problems.length} things do not work here.`, problems.length > 1 && h("details", {}, h("summary", { text: "Which" }), h("ul", {}, problems.map((text) => h("li", { text })))));
}

function build() {
  const keys = h("button", { type: "button", class: "quiet icon", "aria-label": "Keys", title: "Keys (?)", text: "?", on: { click: showKeys } });
  const name = h("a", { class: "brand", href: "#/", text: "hemiola" });
  const skip = h("a", { class: "skip", href: "#main", text: "Skip to the recording" });
  on(skip, "click", (event) => {
    event.preventDefault();
    main.focus();
  });
  fill(document.body, skip, h("header", { class: "top" }, name, box.element, running, keys, themeButton()), strips, h("div", { class: "rooms" }, shelf.element, main), spoken);
  dropAnywhere();
  bind("Anywhere", [
    { keys: ["/"], says: "search, or a path", does: box.focus },
    { keys: ["j"], says: "next file", does: () => shelf.step(1) },
    { keys: ["k"], says: "previous file", does: () => shelf.step(-1) },
    { keys: ["?"], says: "this list", does: showKeys },
    { keys: ["Escape"], says: "back to the library", does: () => here().view === "file" && go("#/") },
  ]);
}

build();
connect();
route(show);
warnings().catch(() => {});
