// @ts-check
/** Open recordings: files that are dropped or chosen, and the options of a table of numbers. */

import { openRecordings, retry } from "../state.js";
import { byId, el } from "../ui/dom.js";

const HEADER_BYTES = 65536;
export const TABLES = /\.(csv|tsv|txt|npy|parquet)$/i;
export const UNITS = ["mV", "uV", "nV", "V"];

/** Take files that are dropped anywhere on the page, and files that are chosen. */
export function listenForFiles() {
  const overlay = byId("drop-overlay");
  let depth = 0; // elements that the drag has entered and not left
  const hasFiles = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files"));

  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    overlay.hidden = false;
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    overlay.hidden = depth === 0;
  });
  addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    if (!event.dataTransfer || !hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    overlay.hidden = true;
    openRecordings(await groupFiles(await droppedFiles(event.dataTransfer)));
  });

  for (const { input, buttons } of [
    { input: "files", buttons: ["choose", "choose-first"] },
    { input: "folder", buttons: ["choose-folder"] },
  ]) {
    const chooser = byId(input, HTMLInputElement);
    for (const button of buttons) byId(button).addEventListener("click", () => chooser.click());
    chooser.addEventListener("change", async () => {
      const files = [...(chooser.files ?? [])];
      chooser.value = "";
      openRecordings(await groupFiles(files));
    });
  }
}

/**
 * Return the files of a drop, including those in folders.
 * @param {DataTransfer} transfer
 */
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null);
  if (!entries.length) return [...transfer.files];
  return (await Promise.all(entries.map(walk))).flat();
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function walk(entry) {
  if (entry.name.startsWith(".")) return []; // hidden files of operating systems
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return [await new Promise((resolve, reject) => file.file(resolve, reject))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const entries = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) break; // a browser returns at most a hundred at a time
    entries.push(...batch);
  }
  return (await Promise.all(entries.map(walk))).flat();
}

/**
 * Group files into recordings: a WFDB header and the files that it names belong together.
 * @param {File[]} files
 * @returns {Promise<RecordingFiles[]>}
 */
export async function groupFiles(files) {
  const remaining = new Set(files.filter((file) => !file.name.startsWith(".")));
  const recordings = [];
  for (const header of [...remaining].filter((file) => /\.hea$/i.test(file.name))) {
    const names = await namesIn(header);
    const signals = [...remaining].filter((file) => names.has(file.name) && folderOf(file) === folderOf(header));
    recordings.push({ name: header.name, files: [header, ...signals] });
    for (const file of [header, ...signals]) remaining.delete(file);
  }
  for (const file of remaining) recordings.push({ name: file.name, files: [file] });
  return recordings.sort((a, b) => files.indexOf(a.files[0]) - files.indexOf(b.files[0]));
}

/**
 * @param {File} file
 */
const folderOf = (file) => (file.webkitRelativePath ?? "").split("/").slice(0, -1).join("/");

/**
 * The files that a WFDB header names: the first word of each line after the first.
 * @param {File} header
 */
async function namesIn(header) {
  const text = await header.slice(0, HEADER_BYTES).text();
  const lines = text.split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return new Set(lines.slice(1).map((line) => line.split(/\s+/)[0]));
}

/**
 * For a table of numbers, return a form for the options that its file may lack; for other files, nothing.
 * @param {Recording} recording
 */
export function tableForm(recording) {
  if (!TABLES.test(recording.name)) return [];
  const { rate: knownRate = 500, unit: knownUnit, leads: knownLeads = "" } = recording.table ?? {};
  const rate = el("input", { type: "number", min: 1, step: "any", required: true, name: "rate", value: knownRate });
  const options = UNITS.map((name) => el("option", { selected: name === knownUnit }, name));
  const unit = el("select", { name: "unit" }, options);
  const leads = el("input", { name: "leads", placeholder: "as in the file", value: knownLeads });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const names = leads.value.trim();
    retry(recording, { rate: rate.value, unit: unit.value, ...(names && { leads: names }) });
  };
  return [
    el(
      "form",
      { class: "table", onsubmit: submit },
      el("p", { class: "hint" }, "A table may not contain these values. Fill them in and try again."),
      el("label", {}, "Sampling rate (Hz)", rate),
      el("label", {}, "Unit", unit),
      el("label", {}, "Leads, in order", leads),
      el("button", { class: "primary" }, "Try again"),
    ),
  ];
}
