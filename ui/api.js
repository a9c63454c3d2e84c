// The server's HTTP interface; what it refuses becomes an error whose message is a sentence to show.

/** The server said no; `message` is its sentence. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status} without saying why.`);
    this.status = status;
    this.problem = problem;
  }
}

/** Nobody answered. */
export class ServerGone extends Error {
  constructor() {
    super("The server does not answer.");
  }
}

async function answer(method, path, { body, signal, as = "json" } = {}) {
  const headers = { Accept: as === "json" ? "application/json" : "*/*" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerGone();
  }
  if (!response.ok) throw new Refused(response.status, await problem(response));
  if (response.status === 204) return null;
  return as === "json" ? response.json() : response.arrayBuffer();
}

async function problem(response) {
  try {
    return told(await response.json());
  } catch {
    return {};
  }
}

/** A problem whose detail is a sentence, whatever validation made of it. */
export function told(body) {
  if (Array.isArray(body.detail)) body.detail = body.detail.map((one) => one.msg).join("; ");
  return body;
}

const get = (path, options) => answer("GET", path, options);
const send = (method, path, body) => answer(method, path, { body });
const query = (values) => {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
};
const file = (id) => `/api/files/${encodeURIComponent(id)}`;

export const files = (values, signal) => get(`/database/files${query(values)}`, { signal });
export const fileById = (id, signal) => get(file(id), { signal });
export const analysis = (id, signal) => get(`${file(id)}/analysis`, { signal });
export const waveform = (id, zoom, signal) => get(`${file(id)}/waveform${query({ zoom, format: "dat" })}`, { signal, as: "bytes" });
export const removeFile = (id) => send("DELETE", file(id));
export const addTag = (id, tag) => send("PUT", `${file(id)}/tags/${encodeURIComponent(tag)}`);
export const removeTag = (id, tag) => send("DELETE", `${file(id)}/tags/${encodeURIComponent(tag)}`);
export const relink = (id, path) => send("POST", `${file(id)}/relink`, { path });

export const jobs = (values, signal) => get(`/jobs${query(values)}`, { signal });
export const job = (id) => get(`/jobs/${encodeURIComponent(id)}`);
export const cancelJob = (id) => send("DELETE", `/jobs/${encodeURIComponent(id)}`);
export const retryJob = (id, plugin) => send("POST", `/jobs/${encodeURIComponent(id)}/retry`, plugin ? { plugin } : {});
export const analyze = (path) => send("POST", "/analyze", { file_path: path });

export const stats = () => get("/database/stats");
export const status = () => get("/status");
export const health = () => get("/health");
export const plugins = () => get("/plugins");

/** Whether an audio address can be played: true, or the error that says why not. */
export async function playable(address) {
  try {
    const response = await fetch(address, { headers: { Range: "bytes=0-0" } });
    if (response.ok) return true;
    return new Refused(response.status, await problem(response));
  } catch {
    return new ServerGone();
  }
}
