// Addresses: `#/` the library, `#/files/{id}` a file, `#/files/{id}/{region}` one of its takes or regions.

import { on } from "./dom.js";

/** What the address names. */
export function here() {
  const [, room, id, region] = location.hash.slice(1).split("/").map(plain);
  return room === "files" && id ? { view: "file", id, region: region || null } : { view: "home" };
}

function plain(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a file, or of a region in it. */
export const address = (id, region) => `#/files/${encodeURIComponent(id)}${region ? `/${encodeURIComponent(region)}` : ""}`;

/** Goes to an address. */
export function go(to) {
  location.hash = to;
}

/** Names the chosen region in the address without a new step in the history. */
export function note(id, region) {
  history.replaceState(null, "", address(id, region));
}

/** Calls `show` with what the address names, now and at every change. */
export function route(show) {
  on(window, "hashchange", () => show(here()));
  show(here());
}
