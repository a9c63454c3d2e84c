// The library: what is being sent, what is under way, what could not be read, and every file, newest first.

import * as api from "./api.js";
import { chooseButton } from "./drop.js";
import { fill, h, later, on, once } from "./dom.js";
import { beyond, hide, jobOf, live, onJobs, unread } from "./jobs.js";
import { address, go } from "./router.js";
import { fileRow, jobRow, moveRow, moveUpload, unreadRow, uploadRow } from "./row.js";
import { complain } from "./say.js";
import { again, dismiss, onUploads, uploads } from "./upload.js";
import { count } from "./words.js";

const PAGE = 60;
const UNDER_WAY = 20; // rows at most of what is sent, and of what is worked on; the rest is counted

/** Builds the library; returns its element and what the rest of the page asks of it. */
export function library({ onLoaded }) {
  let files = [];
  let cursor = null;
  let total = 0;
  let search = "";
  let chosen = null;
  let loading = null;

  const heading = h("p", { class: "tally", "aria-live": "polite" });
  const above = h("ul", { class: "rows", "aria-label": "Under way" });
  const list = h("ul", { class: "rows", "aria-label": "Files" });
  const end = h("div", { class: "list-end" });
  const element = h("nav", { class: "library", id: "library", "aria-label": "Library" }, h("div", { class: "library-head" }, h("h2", { text: "Library" }), heading, chooseButton("Add files", "small")), above, list, end);

  const matching = (name) => !search || name.toLowerCase().includes(search.toLowerCase());
  const item = (row) => h("li", {}, row);

  const drawAbove = once(() => {
    const shownFiles = new Set(files.map((file) => file.id));
    const jobs = [...live.values()].filter((job) => !shownFiles.has(job.file.id) && matching(job.file.name));
    const askedAgain = new Set([...live.values()].map((job) => job.file.path));
    const sent = uploads.filter((upload, index) => index < UNDER_WAY || upload.state !== "waiting");
    const further = beyond + Math.max(0, jobs.length - UNDER_WAY) + uploads.length - sent.length;
    const refused = [...unread.values()].filter((job) => matching(job.file.name) && !askedAgain.has(job.file.path));
    fill(
      above,
      sent.map((upload) => item(Object.assign(uploadRow(upload, { dismiss: () => dismiss(upload), again: () => again(upload) }), { upload }))),
      jobs.slice(0, UNDER_WAY).map((job) => item(jobRow(job))),
      further > 0 && h("li", { class: "beyond", text: `and ${count(further, "more file")} waiting` }),
      refused.map((job) => item(unreadRow(job, { retry: () => retry(job), hide: () => hide(job.id) }))),
    );
    markChosen();
  });

  async function retry(job) {
    try {
      await api.retryJob(job.id);
    } catch (error) {
      complain(error);
    }
  }

  /** Rows of files; those that are listed above with the reason why they could not be read are left out. */
  function rowsOf(some) {
    const unreadFiles = new Set([...unread.values()].map((job) => job.file.id));
    return some.filter((file) => !unreadFiles.has(file.id)).map((file) => item(fileRow(file, jobOf(file.id))));
  }

  function drawFiles() {
    fill(list, rowsOf(files));
    heading.textContent = search ? `${count(total, "match", "matches")}` : count(total, "file");
    fill(end, !files.length && search && h("p", { class: "muted", text: `Nothing in the library matches “${search}”.` }));
    markChosen();
    watchEnd();
  }

  function rowOf(id) {
    return list.querySelector(`[data-file="${CSS.escape(id)}"]`);
  }

  function redrawFile(id) {
    const row = rowOf(id);
    const file = files.find((one) => one.id === id);
    if (row && file) row.replaceWith(fileRow(file, jobOf(id)));
    markChosen();
  }

  function markChosen() {
    for (const row of element.querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
    if (chosen) element.querySelector(`[data-file="${CSS.escape(chosen)}"]`)?.setAttribute("aria-current", "page");
  }

  /** Loads the list from its beginning, as many rows as were there. */
  async function load() {
    loading?.abort();
    loading = new AbortController();
    const limit = Math.min(500, Math.max(PAGE, files.length));
    const got = await api.files({ query: search, limit }, loading.signal);
    ({ items: files, next_cursor: cursor, total } = got);
    loading = null;
    drawFiles();
    drawAbove();
    onLoaded({ total, search });
  }

  async function more() {
    if (!cursor || loading) return;
    loading = new AbortController();
    try {
      const got = await api.files({ query: search, cursor, limit: PAGE }, loading.signal);
      const known = new Set(files.map((file) => file.id));
      const fresh = got.items.filter((file) => !known.has(file.id));
      files = [...files, ...fresh];
      ({ next_cursor: cursor, total } = got);
      list.append(...rowsOf(fresh));
      markChosen();
      watchEnd();
    } catch (error) {
      complain(error);
    } finally {
      loading = null;
    }
  }

  const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { root: element, rootMargin: "600px" });
  function watchEnd() {
    watcher.unobserve(end);
    if (cursor) watcher.observe(end);
  }

  const reload = () => load().catch(complain);
  const soon = later(reload, 150);

  /** A file changed or is new: its row is read again. */
  async function refresh(id) {
    const index = files.findIndex((file) => file.id === id);
    if (index < 0) return soon();
    try {
      files[index] = await api.fileById(id);
    } catch (error) {
      if (error.status === 404) files.splice(index, 1);
      else complain(error);
    }
    return redrawFile(id);
  }

  function jobChanged(job, what) {
    const row = job && element.querySelector(`[data-job="${CSS.escape(job.id)}"].working`);
    if (what === "outcome") return undefined;
    if (what === "progress" && row) return moveRow(row, job);
    if (what === "all") return drawFiles(), drawAbove();
    drawAbove();
    if (!job.file.id) return undefined;
    return what === "done" ? refresh(job.file.id) : rowOf(job.file.id) && redrawFile(job.file.id);
  }

  onJobs(jobChanged);
  onUploads((upload, jobs) => {
    const row = !jobs && [...above.querySelectorAll(".row")].find((one) => one.upload === upload);
    if (row && upload.state === "sending" && upload.sent) moveUpload(row, upload);
    else drawAbove();
  });

  return {
    element,
    load,
    refresh,
    /** "empty", "first" while the first files are under way, "filled". */
    state: () => (total || search || unread.size ? "filled" : live.size || uploads.length ? "first" : "empty"),
    choose(id) {
      chosen = id;
      markChosen();
      rowOf(id ?? "")?.scrollIntoView({ block: "nearest" });
    },
    search(words) {
      search = words;
      soon();
    },
    first: () => files.length && go(address(files[0].id)),
    /** Opens the file `steps` below the chosen one. */
    step(steps) {
      const index = files.findIndex((file) => file.id === chosen);
      const next = files[index < 0 ? 0 : index + steps];
      if (next) go(address(next.id));
      if (index + steps > files.length - 5) more();
    },
    async remove(id) {
      files = files.filter((file) => file.id !== id);
      drawFiles();
      await load();
    },
  };
}

/** The box that searches the library, or takes a path. */
export function searchBox({ search, open, analyse }) {
  const input = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false", placeholder: "Search, or paste a path", "aria-describedby": "search-hint" });
  const hint = h("span", { class: "hint", id: "search-hint" });
  const form = h("form", { class: "search", role: "search" }, h("label", { class: "hidden", for: "search", text: "Search the library, or the path of a recording" }), input, hint);
  const isPath = () => /^[/~]/.test(plainPath(input.value));
  on(input, "input", () => {
    hint.textContent = isPath() ? "enter: analyse this file" : "";
    search(isPath() ? "" : input.value.trim());
  });
  on(input, "keydown", (event) => {
    if (event.key !== "Escape") return;
    input.value = "";
    input.dispatchEvent(new Event("input"));
    input.blur();
  });
  on(form, "submit", async (event) => {
    event.preventDefault();
    if (!isPath()) return input.blur(), open();
    const taken = await analyse(plainPath(input.value));
    if (taken) input.value = hint.textContent = "";
    if (taken) input.blur();
    return undefined;
  });
  return { element: form, focus: () => input.select() };
}

/** What was typed or pasted without what file managers and shells put around a path: quotes, file://. */
function plainPath(text) {
  const bare = text.trim().replace(/^(["'])(.*)\1$/, "$2");
  if (!bare.startsWith("file:///")) return bare;
  try {
    return decodeURIComponent(bare.slice("file://".length));
  } catch {
    return bare;
  }
}
