// @ts-check
/** Print at true scale with the answer above the tracing, or get the report as PDF from the service. */

import { interpret } from "../service.js";
import { state } from "../state.js";
import { byId, el } from "../ui/dom.js";
import { shownExplanation } from "./explanation-overlay.js";
import { drawPaper } from "./paper.js";
import { remarksOf } from "./tracing-view.js";

const ROW_MM = 250; // of tracing on A4 across
const HEIGHT_MM = 112; // the height that remains below the answer

const sheet = el("div", { id: "sheet" });
byId("paper").after(sheet);

addEventListener("beforeprint", () => {
  const { answer, tracing, simulated } = state.selected ?? {};
  if (!answer || !tracing) return;
  const { node, width } = drawPaper(tracing, {
    ...state,
    shown: ROW_MM / state.speed,
    room: HEIGHT_MM,
    most: HEIGHT_MM,
    remarks: remarksOf(answer),
    explanation: explanationToPrint(),
    simulated,
  });
  node.style.width = `${width}mm`;
  sheet.replaceChildren(node);
});
addEventListener("afterprint", () => sheet.replaceChildren());

function explanationToPrint() {
  const result = shownExplanation();
  return result?.problem ? null : result?.explanation;
}

async function downloadPdf() {
  const recording = state.selected;
  if (!recording) return;
  const { layout, speed, gain } = state;
  const button = byId("pdf", HTMLButtonElement);
  button.disabled = true;
  try {
    const query = { as: "pdf", layout, speed: String(speed), gain: String(gain) };
    const response = await interpret(recording, query);
    save(await response.blob(), `${recording.name.replace(/\.[^.]*$/, "")}.pdf`);
  } catch (problem) {
    const { message } = /** @type {Error} */ (problem);
    byId("failure").hidden = false;
    byId("failure").replaceChildren(el("p", {}, `Could not create the PDF: ${message}`));
  }
  button.disabled = false;
}

/**
 * Let the browser download a file.
 * @param {Blob} blob
 * @param {string} name
 */
function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

byId("print").addEventListener("click", () => print());
byId("pdf").addEventListener("click", downloadPdf);
