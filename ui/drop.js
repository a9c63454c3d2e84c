// Dropping files and folders anywhere on the page, or choosing them.

import { h, on } from "./dom.js";
import { say } from "./say.js";
import { send } from "./upload.js";
import { count } from "./words.js";

const AUDIO = /\.(wav|wave|bwf|w64|rf64|caf|aiff?|aifc|flac|mp3|mp2|m4a|m4b|mp4|aac|ogg|oga|opus|wma|alac|ape|wv|amr|au|snd|webm|mka|mov|mkv|3gp|tta|dsf)$/i;

/** Makes the whole page a place to drop on. */
export function dropAnywhere() {
  const veil = h("div", { class: "veil", hidden: true }, h("p", { text: "Drop recordings or folders to have them analysed" }));
  document.body.append(veil);
  let depth = 0;
  const show = (shown) => {
    veil.hidden = !shown;
    if (!shown) depth = 0;
  };
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  on(document, "dragenter", (event) => carriesFiles(event) && ((depth += 1), show(true)));
  on(document, "dragleave", (event) => carriesFiles(event) && (depth -= 1) <= 0 && show(false));
  on(document, "dragover", (event) => carriesFiles(event) && event.preventDefault());
  on(document, "drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(false);
    take(await dropped(event.dataTransfer));
  });
}

/** Sends what is audio by its name or kind, and says what was left out. A file dropped by itself is always sent. */
export function take(files) {
  const wanted = files.filter((one) => one.alone || AUDIO.test(one.file.name) || /^(audio|video)\//.test(one.file.type));
  const left = files.length - wanted.length;
  if (wanted.length) send(wanted.map((one) => one.file));
  if (left) say(`${count(left, "file")} in the folder left out: not audio by ${left === 1 ? "its name" : "their names"}.`);
  if (!files.length) say("There was no file in what was dropped.", { wrong: true });
}

/** A button that opens the file chooser. */
export function chooseButton(words, className = "") {
  const input = h("input", { type: "file", multiple: true, class: "hidden-input", tabindex: "-1", "aria-hidden": "true" });
  const button = h("button", { type: "button", class: className, text: words });
  on(button, "click", () => input.click());
  on(input, "change", () => {
    take([...input.files].map((file) => ({ file, alone: true })));
    input.value = "";
  });
  return [button, input];
}

/** Entries must be asked for before anything is awaited: the browser forgets them. */
async function dropped(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = [];
  for (const entry of entries) {
    if (entry instanceof File) found.push({ file: entry, alone: true });
    else if (entry) found.push(...(await walk(entry, true)));
  }
  return found;
}

async function walk(entry, alone) {
  if (entry.isFile) return [{ file: await new Promise((got, failed) => entry.file(got, failed)), alone }];
  const found = [];
  for (const inside of await children(entry)) {
    if (!inside.name.startsWith(".")) found.push(...(await walk(inside, false)));
  }
  return found;
}

/** A folder's reader gives a hundred entries at a time, and then none. */
async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((got, failed) => reader.readEntries(got, failed));
    if (!some.length) return all.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    all.push(...some);
  }
}
