/** On paper: true scale, the answer above the tracing; or the report as PDF from the service. */

import { byId, el, save } from "./dom.js";
import { drawPaper } from "./paper.js";
import { interpret } from "./service.js";
import { shown } from "./shading.js";
import { remarksOf } from "./stage.js";
import { state } from "./store.js";

const ROW_MM = 250; // of tracings on A4 across
const MOST_MM = 112; // what the answer above leaves of its height

const sheet = el("div", { id: "sheet" });
byId("paper").after(sheet);

addEventListener("beforeprint", () => {
  const { answer, tracing, simulated } = state.selected ?? {};
  if (!tracing) return;
  const explanation = shown();
  const { node, width } = drawPaper(tracing, {
    ...state,
    shown: ROW_MM / state.speed,
    room: MOST_MM,
    most: MOST_MM,
    remarks: remarksOf(answer),
    explanation: explanation?.problem ? null : explanation,
    simulated,
  });
  node.style.width = `${width}mm`;
  sheet.replaceChildren(node);
});
addEventListener("afterprint", () => sheet.replaceChildren());

byId("print").addEventListener("click", () => print());
byId("pdf").addEventListener("click", async (event) => {
  const recording = state.selected;
  event.target.disabled = true;
  try {
    const response = await interpret(recording, {
      as: "pdf",
      layout: state.layout,
      speed: state.speed,
      gain: state.gain,
    });
    save(await response.blob(), `${recording.name.replace(/\.[^.]*$/, "")}.pdf`);
  } catch (problem) {
    byId("trouble").hidden = false;
    byId("trouble").replaceChildren(el("p", {}, `No PDF: ${problem.message}`));
  }
  event.target.disabled = false;
});
