import assert from "node:assert/strict";
import { File } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { groupFiles } from "../../../src/einthoven/serve/viewer/recordings/files.js";
import { el } from "../../../src/einthoven/serve/viewer/ui/dom.js";

const VIEWER = new URL("../../../src/einthoven/serve/viewer/", import.meta.url);
const FOLDERS = ["", "answer/", "live/", "recordings/", "tracing/", "ui/"];

test("text is appended as text, and attributes are set by name", () => {
  const calls = [];
  globalThis.document = {
    createElement: () => ({
      append: (child) => calls.push(["append", child]),
      setAttribute: (name, value) => calls.push([name, value]),
      addEventListener: (name) => calls.push(["listen", name]),
    }),
  };
  el("p", { title: '"><script>', hidden: true, id: null, onclick: () => {} }, "<img src=x onerror=1>", [null, false]);
  assert.deepEqual(calls, [
    ["title", '"><script>'],
    ["hidden", ""],
    ["listen", "click"],
    ["append", "<img src=x onerror=1>"],
  ]);
});

test("no module writes markup or runs text", () => {
  for (const folder of FOLDERS) {
    for (const name of readdirSync(new URL(folder, VIEWER)).filter((file) => file.endsWith(".js"))) {
      const source = readFileSync(new URL(folder + name, VIEWER), "utf8");
      assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
      assert.ok(source.startsWith("// @ts-check\n"), name);
    }
  }
});

const file = (name, text = "", folder = "") =>
  Object.assign(new File([text], name), { webkitRelativePath: folder && `${folder}/${name}` });
const names = async (files) => (await groupFiles(files)).map((group) => group.files.map(({ name }) => name));

test("a WFDB header and the files that it names are one recording, in any order", async () => {
  const header = file("a.hea", "# comment\na 2 500\na.dat 16\r\na.dat 16\n# <x.dat>\n");
  const files = [file("a.dat"), header, file("b.dcm"), file(".DS_Store")];
  assert.deepEqual(await names(files), [["a.hea", "a.dat"], ["b.dcm"]]);
});

test("files of the same name in two folders stay apart", async () => {
  const text = "a 1 500\na.dat 16\n";
  const files = [file("a.hea", text, "x"), file("a.dat", "", "x"), file("a.hea", text, "y"), file("a.dat", "", "y")];
  const groups = await groupFiles(files);
  assert.deepEqual(
    groups.map((group) => group.files.map((member) => files.indexOf(member))),
    [
      [0, 1],
      [2, 3],
    ],
  );
});
