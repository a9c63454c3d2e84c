// The title of a file: its name, what it is, its verdict, tags, and what can be done with it.

import * as api from "./api.js";
import { ask } from "./dialog.js";
import { fill, h, on } from "./dom.js";
import { doing, remaining } from "./jobs.js";
import { picture, shape } from "./shapes.js";
import { complain, say } from "./say.js";
import { channels, clock, rate, took, verdict } from "./words.js";

/**
 * @param {{removed: function(object): void, tagged: function(): void}} does
 */
export function title(does) {
  const name = h("h1", { tabindex: "-1" });
  const facts = h("p", { class: "facts" });
  const became = h("p", { class: "verdict", role: "status" });
  const actions = h("div", { class: "buttons" });
  const tags = h("div", { class: "tags" });
  const progress = h("div", { class: "progress", hidden: true, role: "progressbar", "aria-label": "Analysis", "aria-valuemin": "0", "aria-valuemax": "100" }, h("span", { class: "bar" }), h("span", { class: "now" }));
  const notices = h("ul", { class: "notices", "aria-label": "Notices" });
  const home = h("a", { class: "home", href: "#/", "aria-label": "Back to the library" }, picture("back"), h("span", { text: "Library" }));
  const element = h("header", { class: "title" }, home, h("div", { class: "names" }, name, facts), h("div", { class: "state" }, became, actions), tags, progress, notices);

  function act(text, does_, className = "small") {
    const button = h("button", { type: "button", class: className, text });
    on(button, "click", async () => {
      button.disabled = true;
      try {
        await does_();
      } catch (error) {
        complain(error);
        button.disabled = false;
      }
    });
    return button;
  }

  async function remove(file) {
    const kept = [`“${file.name}” leaves the library, with everything that was heard in it.`, "Your recording is not touched: the file itself stays where it is. A copy that was dropped here goes."];
    if (!(await ask("Remove this file from the library?", kept, "Remove it"))) return;
    try {
      await api.removeFile(file.id);
      does.removed(file);
      say(`${file.name} is no longer in the library; the recording itself was left alone.`);
    } catch (error) {
      complain(error);
    }
  }

  function showTags(file) {
    const input = h("input", { type: "text", placeholder: "add a tag", "aria-label": "Add a tag", maxlength: "80", size: "9", autocomplete: "off" });
    const form = h("form", {}, input);
    const change = async (change_) => {
      try {
        const { tags: now } = await change_();
        file.tags = now;
        showTags(file);
        does.tagged();
      } catch (error) {
        complain(error);
      }
    };
    on(form, "submit", async (event) => {
      event.preventDefault();
      const tag = input.value.trim();
      if (!tag) return;
      await change(() => api.addTag(file.id, tag));
      tags.querySelector("input").focus();
    });
    fill(tags, (file.tags ?? []).map((tag) => h("span", { class: "tag" }, tag, h("button", { type: "button", class: "quiet", "aria-label": `Remove the tag ${tag}`, on: { click: () => change(() => api.removeTag(file.id, tag)) } }, picture("close")))), form);
  }

  function showJob(job) {
    const running = job?.state === "running" || job?.state === "queued";
    progress.hidden = !running;
    if (!running) return;
    const part = job.state === "running" ? job.progress : 0;
    const left = remaining(job);
    progress.querySelector(".bar").style.transform = `scaleX(${part})`;
    progress.setAttribute("aria-valuenow", String(Math.round(part * 100)));
    const words = job.state === "running" ? [doing(job), `${Math.floor(part * 100)} %`, left === null ? "" : `about ${took(Math.ceil(left))} left`] : ["waiting for its turn"];
    progress.querySelector(".now").textContent = words.filter(Boolean).join(", ");
  }

  function showVerdict(file, job, summary, state) {
    const running = job?.state === "running" || job?.state === "queued";
    const told = running ? { status: job.state, sentence: job.state === "running" ? "being analysed" : "waiting for its turn" } : verdict(file.verdict, summary, state);
    const now = became.textContent;
    if (now !== told.sentence) fill(became, shape(told.status), h("span", { text: told.sentence }));
    became.className = `verdict ${told.status}`;
    const last = file.job;
    fill(actions,
      running && act("Cancel", () => api.cancelJob(job.id)),
      !running && last && told.status === "degraded" && act("Try again what failed", () => api.retryJob(last.id)),
      !running && last && ["cancelled", "failed"].includes(told.status) && act("Try again", () => api.retryJob(last.id)),
      h("button", { type: "button", class: "quiet icon", "aria-label": "Remove from the library", title: "Remove from the library", disabled: running, on: { click: () => remove(file) } }, picture("bin")));
  }

  return {
    element,
    focus: () => name.focus({ preventScroll: true }),
    /** @param {object|null} job the job at work on the file */
    show(file, job, document) {
      name.textContent = file.name;
      name.title = file.path;
      const told = [file.duration_s && clock(file.duration_s), file.rate && rate(file.rate), file.channels && channels(file.channels), file.format];
      fill(facts, told.filter(Boolean).map((text) => h("span", { text })));
      showVerdict(file, job, document?.summary ?? file.summary, file.job?.state);
      showJob(job);
      if (!tags.contains(globalThis.document.activeElement)) showTags(file);
      fill(notices, (document?.notices ?? []).map((text) => h("li", { text })));
    },
    progress: showJob,
  };
}
