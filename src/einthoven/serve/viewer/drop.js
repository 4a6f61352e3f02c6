/** Files come in: dropped anywhere on the page, or chosen. */

import { byId } from "./dom.js";
import { dropped } from "./files.js";
import { open } from "./opened.js";

const over = byId("over");
let depth = 0; // elements that the drag has entered and not left

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

addEventListener("dragenter", (event) => {
  if (!hasFiles(event)) return;
  depth += 1;
  over.hidden = false;
});
addEventListener("dragleave", () => {
  depth = Math.max(0, depth - 1);
  over.hidden = depth === 0;
});
addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = 0;
  over.hidden = true;
  open(await dropped(event.dataTransfer));
});

for (const [input, buttons] of [
  ["files", ["choose", "choose-first"]],
  ["folder", ["choose-folder"]],
]) {
  const chooser = byId(input);
  for (const button of buttons) byId(button).addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    open([...chooser.files]);
    chooser.value = "";
  });
}
