/** From what was dropped or chosen to recordings: a WFDB header and the files it names belong together. */

const HEADER_BYTES = 65536;

/** The files of a drop, those in folders too. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry) {
  if (entry.name.startsWith(".")) return []; // what systems leave in folders
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break; // a browser gives a hundred at a time
    found.push(...some);
  }
  return (await Promise.all(found.map(walk))).flat();
}

/** The recordings that `files` hold, as {name, files}. */
export async function group(files) {
  const left = new Set(files.filter((file) => !file.name.startsWith(".")));
  const recordings = [];
  for (const header of [...left].filter((file) => /\.hea$/i.test(file.name))) {
    const parts = await named(header);
    const folder = folderOf(header);
    const own = [...left].filter((file) => parts.has(file.name) && folderOf(file) === folder);
    recordings.push({ name: header.name, files: [header, ...own] });
    for (const file of [header, ...own]) left.delete(file);
  }
  for (const file of left) recordings.push({ name: file.name, files: [file] });
  const order = new Map(files.map((file, place) => [file, place]));
  return recordings.sort((one, other) => order.get(one.files[0]) - order.get(other.files[0]));
}

const folderOf = (file) => (file.webkitRelativePath ?? "").split("/").slice(0, -1).join("/");

/** The files that a WFDB header names: the first word of each line after the first. */
async function named(header) {
  const text = await header.slice(0, HEADER_BYTES).text();
  const lines = text.split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return new Set(lines.slice(1).map((line) => line.split(/\s+/)[0]));
}
