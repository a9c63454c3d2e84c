// Sending files to the server, one after the other, with progress as they go.

import { told } from "./api.js";
import { bytes, count } from "./words.js";

/** Files waiting, being sent, or refused: {name, size, sent (0..1), state: waiting|sending|refused, reason}. */
export const uploads = [];

const listeners = new Set();
let sending = false;

/** Calls `listener(upload, jobs)` at every change; `jobs` are what the server made of an upload that arrived. */
export function onUploads(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(upload, jobs = null) {
  for (const listener of [...listeners]) listener(upload, jobs);
}

/** Puts files in line. */
export function send(files) {
  for (const file of files) {
    const upload = { file, name: file.name, size: file.size, sent: 0, state: "waiting", reason: "" };
    uploads.push(upload);
    tell(upload);
  }
  if (!sending) work();
}

/** Takes a refused upload out of the list, or one that waits. */
export function dismiss(upload) {
  const index = uploads.indexOf(upload);
  if (index >= 0) uploads.splice(index, 1);
  upload.request?.abort();
  tell(upload);
}

/** Sends a refused file again. */
export function again(upload) {
  Object.assign(upload, { state: "waiting", sent: 0, reason: "" });
  tell(upload);
  if (!sending) work();
}

async function work() {
  sending = true;
  for (let next = waiting(); next; next = waiting()) await sendOne(next);
  sending = false;
}

const waiting = () => uploads.find((upload) => upload.state === "waiting");

async function sendOne(upload) {
  upload.state = "sending";
  tell(upload);
  try {
    const { jobs } = await post(upload);
    uploads.splice(uploads.indexOf(upload), 1);
    tell(upload, jobs);
  } catch (error) {
    if (!uploads.includes(upload)) return;
    Object.assign(upload, { state: "refused", reason: error.message });
    tell(upload);
  }
}

/** fetch cannot tell how much of a body has gone; XMLHttpRequest can. */
function post(upload) {
  return new Promise((arrived, failed) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("files", upload.file, upload.name);
    upload.request = request;
    request.open("POST", "/api/analyze/upload");
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => {
      upload.sent = total ? Math.max(upload.sent, loaded / total) : upload.sent;
      tell(upload);
    };
    request.onload = () => (request.status < 300 ? arrived(JSON.parse(request.responseText)) : failed(new Error(refusal(request, upload))));
    request.onerror = () => failed(new Error(`${upload.name} did not arrive: the connection broke. Is the file still there, and the server?`));
    request.onabort = () => failed(new Error("stopped"));
    request.send(form);
  });
}

function refusal(request, upload) {
  let problem = {};
  try {
    problem = told(JSON.parse(request.responseText));
  } catch {
    // Not JSON: the status says it.
  }
  if (problem.detail) return problem.detail;
  return request.status === 413 ? `${upload.name} is too large for the server (${bytes(upload.size)}).` : `The server did not take ${upload.name} (${request.status}).`;
}

/** "song.wav" or "12 files". */
export const named = (files) => (files.length === 1 ? files[0].name : count(files.length, "file"));
