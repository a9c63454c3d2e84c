// The ledger: what became of asking each plugin, for the chosen region or for all of them, with a way to ask again.

import { fill, h, on } from "./dom.js";
import { shape } from "./shapes.js";
import { ATTENTION, STATUS, about, count, regionName, retriable, span, took } from "./words.js";

const LISTED = 50;

/** The panel; `retry(plugin)` asks again, `choose(region)` shows where something happened. */
export function ledger({ retry, choose }) {
  const body = h("div", { class: "panel-body" });
  const here = tab("here", "Here");
  const everywhere = tab("everywhere", "All regions");
  const element = h("section", { class: "panel ledger", "aria-labelledby": "ledger-title" },
    h("header", {}, h("h2", { id: "ledger-title", text: "Ledger" }), h("span", { class: "tabs", role: "group", "aria-label": "Of what" }, here, everywhere)), body);
  let shown = null;
  let all = false;
  const open = new Set();

  for (const [button, value] of [[here, false], [everywhere, true]]) {
    on(button, "click", () => {
      all = value;
      draw();
    });
  }

  function draw() {
    here.setAttribute("aria-pressed", String(!all));
    everywhere.setAttribute("aria-pressed", String(all));
    if (!shown) return;
    const { of, region, busy } = shown;
    const tools = { retry, choose, busy, open, of };
    fill(body, all || !region ? rollUp(of, tools) : ofRegion(of, region, tools));
  }

  return {
    element,
    /** @param {{of: object, region: object|null, busy: boolean}} what `busy`: a job works on the file, nothing can be asked again */
    show(what) {
      shown = what;
      draw();
    },
  };
}

function tab(name, text) {
  return h("button", { type: "button", class: "tab", data: { tab: name }, text });
}

const attention = (status) => ATTENTION.indexOf(status);

/** What was asked of a region, and of what stands above and inside it. */
function ofRegion(of, region, tools) {
  const own = lines(region.outcomes, region, tools);
  const above = region.level === "region" && region.take ? lines(region.take.outcomes, region.take, tools) : [];
  const inside = (region.inside ?? []).flatMap((one) => one.outcomes.map((outcome) => ({ outcome, region: one })));
  const parts = [own.length ? h("ul", { class: "lines" }, own) : null];
  if (above.length) parts.push(h("h3", { text: `asked of ${regionName(region.take)}` }), h("ul", { class: "lines" }, above));
  if (inside.length) parts.push(h("h3", { text: region.inside.length === 1 ? "asked of its region" : `asked of its ${region.inside.length} regions` }), sums(inside, tools));
  if (!parts.some(Boolean)) parts.push(h("p", { class: "muted", text: tools.busy ? "Nothing yet: it is being asked now." : "Nothing was asked here." }));
  return parts;
}

function lines(outcomes, region, tools) {
  return [...outcomes]
    .sort((a, b) => a.question.localeCompare(b.question) || a.rank - b.rank)
    .map((outcome) => line(outcome, region, tools));
}

function line(outcome, region, tools) {
  const { status, plugin } = outcome;
  const shown = status === "ok" && outcome.degraded ? "degraded" : status;
  const compared = shown === "ok" && outcome.result != null; // it answered without winning
  const words = shown === "degraded" ? "ok, in its place" : compared ? "ok, compared" : (STATUS[status] ?? status);
  const key = `${region.id} ${plugin}`;
  return h("li", { class: "line", data: { plugin, status } },
    h("span", { class: `status ${shown}` }, shape(shown), h("span", { text: words })),
    h("span", { class: "plugin" }, h("b", { text: plugin }), " ", h("span", { class: "version", text: outcome.version ?? "" })),
    h("span", { class: "seconds", text: outcome.disposition === "reused" ? "reused" : took(outcome.seconds) }),
    reason(outcome, region),
    retriable(outcome) && again(plugin, tools),
    outcome.detail && disclosure(key, outcome.detail, tools));
}

/** The reason as a sentence, with who answered instead. */
function reason(outcome, region) {
  if (outcome.status === "ok") return outcome.degraded ? h("p", { class: "reason", text: `${about("it", outcome.degraded)}.` }) : null;
  const instead = region.outcomes.find((one) => one.question === outcome.question && one.status === "ok" && one.plugin !== outcome.plugin);
  const told = about(outcome.plugin, outcome.reason || "nothing says why");
  return h("p", { class: "reason", text: instead ? `${told}; ${instead.plugin} answered in its place.` : `${told}.` });
}

function again(plugin, { retry, busy }) {
  const button = h("button", { type: "button", class: "small retry", text: "Try again", "aria-label": `Try ${plugin} again`, disabled: busy, title: busy ? "A job works on this file already" : "" });
  on(button, "click", () => {
    button.disabled = true;
    retry(plugin);
  });
  return button;
}

/** The traceback and what the plugin wrote; stays open when the ledger is drawn anew. */
function disclosure(key, text, { open }) {
  const element = h("details", { class: "detail", open: open.has(key) }, h("summary", { text: "What it wrote" }), h("pre", { text, tabindex: "0" }));
  on(element, "toggle", () => (element.open ? open.add(key) : open.delete(key)));
  return element;
}

function rollUp(of, tools) {
  const asked = of.regions.flatMap((region) => region.outcomes.map((outcome) => ({ outcome, region })));
  if (!asked.length) return h("p", { class: "muted", text: tools.busy ? "Nothing yet: it is being asked now." : "Nothing was asked: there is nothing but silence." });
  return sums(asked, tools);
}

/** One line a plugin: how often which status; those that did not answer are listed behind it. */
function sums(asked, tools) {
  const plugins = new Map();
  for (const one of asked) plugins.set(one.outcome.plugin, [...(plugins.get(one.outcome.plugin) ?? []), one]);
  const worst = (of) => Math.min(...of.map(({ outcome }) => attention(outcome.status)));
  const ordered = [...plugins].sort((a, b) => worst(a[1]) - worst(b[1]) || a[0].localeCompare(b[0]));
  return h("ul", { class: "lines" }, ordered.map(([plugin, of]) => sum(plugin, of, tools)));
}

function sum(plugin, of, tools) {
  const tally = new Map();
  for (const { outcome } of of) tally.set(outcome.status, (tally.get(outcome.status) ?? 0) + 1);
  const counts = [...tally].sort((a, b) => attention(a[0]) - attention(b[0]));
  const seconds = of.reduce((total, { outcome }) => total + (outcome.disposition === "reused" ? 0 : (outcome.seconds ?? 0)), 0);
  const unanswered = of.filter(({ outcome }) => outcome.status !== "ok");
  const retried = of.some(({ outcome }) => retriable(outcome));
  return h("li", { class: "line sum", data: { plugin, status: counts[0][0] } },
    h("span", { class: "counts" }, counts.map(([status, number]) => h("span", { class: `status ${status}` }, shape(status), h("span", { text: `${number} ${STATUS[status] ?? status}` })))),
    h("span", { class: "plugin" }, h("b", { text: plugin }), " ", h("span", { class: "version", text: of[0].outcome.version ?? "" })),
    h("span", { class: "seconds", text: seconds ? took(seconds) : "reused" }),
    retried && again(plugin, tools),
    unanswered.length > 0 && whereNot(plugin, unanswered, tools));
}

function whereNot(plugin, unanswered, { open, choose }) {
  const key = `sum ${plugin}`;
  const list = unanswered.slice(0, LISTED).map(({ outcome, region }) => {
    const go = h("button", { type: "button", class: "link", text: `${regionName(region)}, ${span(region.start_s, region.end_s)}` });
    on(go, "click", () => choose(region));
    return h("li", {}, go, " ", h("span", { class: "reason", text: `${STATUS[outcome.status] ?? outcome.status}: ${about(outcome.plugin, outcome.reason ?? "nothing says why")}` }));
  });
  if (unanswered.length > LISTED) list.push(h("li", { class: "muted", text: `and ${unanswered.length - LISTED} more` }));
  const element = h("details", { class: "detail", open: open.has(key) }, h("summary", { text: `${count(unanswered.length, "region")} without its answer` }), h("ul", {}, list));
  on(element, "toggle", () => (element.open ? open.add(key) : open.delete(key)));
  return element;
}
