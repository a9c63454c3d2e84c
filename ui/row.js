// One row of the library: a file, a job under way, a file on its way to the server, or one that could not be read.

import { h, on } from "./dom.js";
import { doing, remaining } from "./jobs.js";
import { address } from "./router.js";
import { picture, shape } from "./shapes.js";
import { bpm, bytes, clock, count, shortKey, took, verdict } from "./words.js";

/** A file, with the job that works on it if there is one. */
export function fileRow(file, job) {
  const name = h("span", { class: "name", text: file.name, title: file.path });
  const row = link(address(file.id), name);
  row.dataset.file = file.id;
  if (job) return working(row, job);
  const told = verdict(file.verdict, file.summary);
  const mark = h("span", { class: `mark ${told.status}`, title: told.sentence }, shape(told.status), h("span", { text: told.word === "complete" ? "ok" : told.word }));
  row.append(mark, h("span", { class: "facts" }, facts(file)));
  return row;
}

function facts(file) {
  const { summary } = file;
  const told = [
    summary?.meter,
    summary?.bpm && `${bpm(summary.bpm)} bpm`,
    summary?.key && shortKey(summary.key),
    summary?.takes > 1 && count(summary.takes, "take"),
    file.duration_s && clock(file.duration_s),
  ].filter(Boolean);
  return [told.map((text) => h("span", { text })), (file.tags ?? []).map((tag) => h("span", { class: "tag", text: tag }))];
}

/** A job that waits or runs and has no file in the library yet. */
export function jobRow(job) {
  const name = h("span", { class: "name", text: job.file.name, title: job.file.path });
  const row = job.file.id ? link(address(job.file.id), name) : h("div", { class: "row" }, name);
  if (job.file.id) row.dataset.file = job.file.id;
  return working(row, job);
}

function working(row, job) {
  row.classList.add("working");
  row.dataset.job = job.id;
  row.prepend(h("span", { class: "bar" }));
  const mark = h("span", { class: `mark ${job.state}` }, shape(job.state), h("span", { class: "word" }));
  row.append(mark, h("span", { class: "facts now" }));
  moveRow(row, job);
  return row;
}

/** Shows how far a job is in its row, without making the row anew. */
export function moveRow(row, job) {
  const running = job.state === "running";
  fillBar(row, running ? job.progress : 0);
  row.querySelector(".mark .word").textContent = running ? `${Math.floor(job.progress * 100)} %` : "waiting";
  const left = running ? remaining(job) : null;
  row.querySelector(".now").textContent = running ? doing(job) + (left === null ? "" : `, ${took(Math.ceil(left))} left`) : "waiting for its turn";
}

/** A file being sent, waiting to be, or refused. */
export function uploadRow(upload, { dismiss, again }) {
  const row = h("div", { class: "row" }, h("span", { class: "bar" }), h("span", { class: "name", text: upload.name }));
  const refused = upload.state === "refused";
  row.classList.toggle("refused", refused);
  row.classList.toggle("working", !refused);
  row.append(
    h("span", { class: `mark ${refused ? "failed" : "queued"}` }, shape(refused ? "failed" : "queued"), h("span", { class: "word" })),
    h("span", { class: "facts now" }),
    h("span", { class: "actions" }, refused && button("Try again", again), icon("close", refused ? `Leave ${upload.name} out` : `Do not send ${upload.name}`, dismiss)),
  );
  moveUpload(row, upload);
  return row;
}

/** Shows how much of a file has been sent. */
export function moveUpload(row, upload) {
  fillBar(row, upload.sent);
  const words = { waiting: ["waiting", bytes(upload.size)], sending: [`${Math.floor(upload.sent * 100)} %`, `sending ${bytes(upload.size)}`], refused: ["not sent", upload.reason] };
  const [word, now] = words[upload.state];
  row.querySelector(".mark .word").textContent = word;
  row.querySelector(".now").textContent = now;
}

/** A job that could not read its file, with the reason. */
export function unreadRow(job, { retry, hide }) {
  const reason = job.intake?.reason || job.notices?.[0] || "It could not be read, and nothing says why.";
  const row = h("div", { class: "row refused", data: { job: job.id } },
    h("span", { class: "name", text: job.file.name, title: job.file.path }),
    h("span", { class: "mark failed" }, shape("failed"), h("span", { text: "not read" })),
    h("span", { class: "facts now", text: reason }),
    h("span", { class: "actions" }, button("Try again", retry), icon("close", `Leave ${job.file.name} out of the list`, hide)));
  return row;
}

function link(to, name) {
  return h("a", { class: "row", href: to }, name);
}

function fillBar(row, part) {
  row.querySelector(".bar").style.transform = `scaleX(${Math.min(1, Math.max(0, part ?? 0))})`;
}

function button(text, does) {
  const made = h("button", { type: "button", class: "small", text });
  on(made, "click", does);
  return made;
}

function icon(name, label, does) {
  const made = h("button", { type: "button", class: "quiet icon", "aria-label": label, title: label }, picture(name));
  on(made, "click", does);
  return made;
}
