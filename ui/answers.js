// The table of answers for the chosen take or region.

import { skeleton } from "./begin.js";
import { fill, h, on } from "./dom.js";
import { heard } from "./heard.js";
import { answerOf } from "./score.js";
import { picture, shape } from "./shapes.js";
import { about, clock, count, digits, regionName, span } from "./words.js";

const ORDER = ["meter", "tempo", "beats", "key", "sections", "chords", "groove", "hits", "onsets", "subdivision", "content", "labels", "notes", "stems", "features", "confidence"];

/** The panel; `choose(region)` is asked when another is wanted. */
export function answers({ choose }) {
  const body = h("div", { class: "panel-body" });
  const name = h("h2", { id: "answers-title" });
  const times = h("p", { class: "times" });
  const picker = h("select", { "aria-label": "Choose a take or a region" });
  const back = h("button", { type: "button", class: "quiet icon", "aria-label": "Previous take or region" }, picture("previous"));
  const onward = h("button", { type: "button", class: "quiet icon", "aria-label": "Next take or region" }, picture("next"));
  const element = h("section", { class: "panel answers", "aria-labelledby": "answers-title" },
    h("header", {}, name, times, h("span", { class: "steps" }, back, picker, onward)), body);
  let shown = null;
  let order = [];

  on(picker, "change", () => choose(shown.of.byId.get(picker.value)));
  on(back, "click", () => step(-1));
  on(onward, "click", () => step(1));

  function step(by) {
    const next = order[order.indexOf(shown?.region) + by];
    if (next) choose(next);
  }

  function fillPicker(of) {
    order = [of.whole, ...of.takes.flatMap((take) => [take, ...take.inside])].filter(Boolean);
    const option = (region) => h("option", { value: region.id, text: `${regionName(region)}, ${clock(region.start_s)}` });
    fill(picker, of.whole && option(of.whole), of.takes.map((take) => h("optgroup", { label: `take ${take.number}` }, option(take), take.inside.map(option))));
  }

  return {
    element,
    /** @param {boolean} soon whether the answers are still to come */
    show(of, region, soon = false) {
      const other = shown?.of !== of;
      shown = { of, region };
      if (other) fillPicker(of);
      name.textContent = region ? regionName(region) : "Nothing chosen";
      times.textContent = region ? span(region.start_s, region.end_s) : "";
      if (region) picker.value = region.id;
      const index = order.indexOf(region);
      back.disabled = index <= 0;
      onward.disabled = index < 0 || index >= order.length - 1;
      fill(body, soon ? coming() : region ? table(of, region) : h("p", { class: "muted", text: "No takes: nothing but silence was found in this file." }));
    },
  };
}

function coming() {
  return [skeleton(3), h("p", { class: "muted", text: "The answers come when the analysis is done." })];
}

function table(of, region) {
  const questions = [...new Set([...Object.keys(region.results), ...Object.keys(region.inherited ?? {}), ...below(region)])];
  questions.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
  const rows = questions.map((question) => row(of, region, question)).filter(Boolean);
  if (!rows.length) {
    const words = region.level === "file" ? "Questions are asked of takes and regions; choose one of them." : "Nothing was answered here; the ledger says why.";
    return h("p", { class: "muted", text: words });
  }
  return h("table", {}, h("thead", { class: "hidden" }, h("tr", {}, ["Question", "Answer", "Confidence"].map((text) => h("th", { scope: "col", text })))), h("tbody", {}, rows));
}

const place = (question) => (ORDER.indexOf(question) + ORDER.length + 1) % (ORDER.length + 1);

/** What only a take's regions were asked. */
function below(region) {
  if (region.level !== "take") return [];
  return region.inside.flatMap((inside) => Object.keys(inside.results));
}

function row(of, region, question) {
  const found = answerOf(of, region, question);
  if (!found) return gathered(region, question);
  const told = heard(question, found.result, region);
  const outcome = found.from.outcomes.find((one) => one.question === question && one.status === "ok" && !one.result);
  const from = found.from === region ? null : h("span", { class: "from", text: regionName(found.from), title: `asked of ${regionName(found.from)}, and it holds here too` });
  return h("tr", { data: { question } },
    h("th", { scope: "row", text: question }),
    h("td", {},
      h("div", { class: "told" },
        h("span", { class: "said-so" }, h("span", { class: "answer", text: told.text }),
          outcome?.degraded && h("span", { class: "in-place", title: about("it", outcome.degraded) }, shape("degraded"), "in its place"),
          alternatives(told.alternatives)),
        from, outcome && credit(outcome)),
      told.remarks.map((text) => h("span", { class: "remark", text }))),
    h("td", { class: "confidence" }, confidence(told.confidence)));
}

/** Answers that only the regions of a take have: how many there are. */
function gathered(region, question) {
  const holders = (region.inside ?? []).filter((inside) => inside.results[question]);
  if (!holders.length) return null;
  const events = holders.reduce((sum, inside) => sum + (inside.results[question].times?.length ?? 0), 0);
  const text = question === "onsets" ? `${count(events, "onset")} in ${count(holders.length, "region")}` : `answered in ${count(holders.length, "region")}`;
  const outcome = holders[0].outcomes.find((one) => one.question === question && one.status === "ok");
  return h("tr", { data: { question } }, h("th", { scope: "row", text: question }),
    h("td", {}, h("div", { class: "told" }, h("span", { class: "said-so" }, h("span", { class: "answer", text })), outcome && credit(outcome))), h("td"));
}

function alternatives(others) {
  if (!others.length) return null;
  return h("span", { class: "others" }, others.slice(0, 3).map((one) => h("span", {}, one.text, " ", h("b", { text: digits(one.probability) }))));
}

/** Two digits beside a thin bar; a dash where nothing says how far to trust it. */
function confidence(value) {
  if (value === undefined) return null;
  if (value === null) return h("span", { class: "dash", title: "not calibrated: nothing says yet how far to trust it" }, "–", h("span", { class: "hidden", text: " not calibrated" }));
  return h("span", { class: "sure", title: `right about ${Math.round(value * 100)} times in 100` },
    h("span", { class: "digits", text: digits(value) }),
    h("span", { class: "gauge", "aria-hidden": "true" }, h("span", { style: { width: `${Math.round(value * 100)}%` } })));
}

/** Which plugin answered; its licences behind the name. */
function credit(outcome) {
  const lines = [
    `${outcome.plugin} ${outcome.version ?? ""}`,
    outcome.licence && `licence: ${outcome.licence}`,
    outcome.model && `model: ${outcome.model}`,
    outcome.model_licence && `model licence: ${outcome.model_licence}`,
    outcome.libraries && `libraries: ${Object.entries(outcome.libraries).map(([name, version]) => `${name} ${version}`).join(", ")}`,
  ].filter(Boolean);
  return h("details", { class: "by" }, h("summary", { text: outcome.plugin, title: lines.join("\n") }), h("span", { class: "licences" }, lines.slice(1).map((text) => h("span", { text }))));
}
