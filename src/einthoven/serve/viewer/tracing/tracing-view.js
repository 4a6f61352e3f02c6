// @ts-check
/** The tracing of the selected recording, the tools around it, or why there is no tracing. */

import { tableForm } from "../recordings/files.js";
import { change, onChange, state } from "../state.js";
import { byId, el } from "../ui/dom.js";
import { caliperText, problemsText } from "../ui/format.js";
import { Calipers } from "./calipers.js";
import { shownExplanation } from "./explanation-overlay.js";
import { GAINS, LAYOUTS, SPEEDS } from "./layout.js";
import { drawPaper, paperWidth } from "./paper.js";
import * as scale from "./scale.js";

const scroller = byId("paper");
const failure = byId("failure");
const size = el("span", { class: "size" });
const measureLink = el("button", { class: "link", onclick: () => scale.measureScreen(resize) }, "Measure this screen");
const explained = el("span", { class: "explained" });
const reading = el("output", { class: "reading", "aria-live": "polite" });
const marchButton = el(
  "button",
  { "aria-pressed": "false", title: "Repeat the interval (M)", onclick: () => toggleMarch() },
  "March out",
);
marchButton.hidden = true;
byId("caption").append(size, measureLink, explained, reading, marchButton);

const stacked = matchMedia("(max-width: 1199px)"); // the paper is part of the page flow, as high as necessary
/** @type {Paper | null} */
let paper = null;
const calipers = new Calipers((result) => {
  const hint = calipers.on ? "Drag over the tracing to measure" : "";
  reading.textContent = result ? `${result.lead}: ${caliperText(result)}` : hint;
  marchButton.hidden = !result;
});

/**
 * Return the problems of each lead, to stand next to its name.
 * @param {Interpretation} answer
 */
export const remarksOf = ({ quality }) =>
  Object.fromEntries(quality.leads.map((lead) => [lead.lead, problemsText(lead)]));

function draw() {
  const { answer, tracing, simulated, problem } = state.selected ?? {};
  for (const id of ["tools", "paper", "caption"]) byId(id).hidden = !tracing;
  byId("welcome").hidden = state.selected !== null;
  showFailure();
  scroller.classList.toggle("waiting", Boolean(state.selected) && !answer && !problem);
  if (!tracing || !answer) return;
  const result = shownExplanation();
  paper = drawPaper(tracing, {
    ...state,
    room: stacked.matches ? 0 : (scroller.clientHeight - 4) / scale.drawnPxPerMm(paperWidth(state.speed)),
    remarks: remarksOf(answer),
    explanation: result?.problem ? null : result?.explanation,
    simulated,
  });
  scroller.replaceChildren(paper.node);
  calipers.attach(paper, state);
  explained.textContent = state.explained ? explanationText(answer, state.explained, result) : "";
  resize();
}

/** A recording that failed, or whose tracing is too long, has text in place of the paper. */
function showFailure() {
  const { answer, tracing, problem } = state.selected ?? {};
  const tooLong = answer && !tracing;
  failure.hidden = !problem && !tooLong;
  if (tooLong) {
    failure.replaceChildren(el("p", {}, "This recording is too long to draw here. The answer is in the side panel."));
  } else if (state.selected && problem) {
    failure.replaceChildren(
      el("h2", {}, `${state.selected.name} could not be interpreted`),
      el("p", {}, problem.message),
      ...tableForm(state.selected),
    );
  }
}

/**
 * @param {Interpretation} answer
 * @param {string} label
 * @param {ExplanationResult} [result]
 */
function explanationText(answer, label, result) {
  if (result?.problem) return result.problem.message;
  const finding = [...answer.findings, ...answer.statements].find((candidate) => candidate.label === label);
  return `Shaded: what supports “${label === "MI" && answer.mi ? "infarct pattern" : finding?.name}”`;
}

function resize() {
  if (!paper || scroller.hidden) return;
  const zoom = scale.zoomOf(paper.width);
  const measured = scale.screenIsMeasured();
  const isTrue = Math.abs(zoom - 1) < 0.002;
  const text = isTrue ? "True scale" : `${Math.round(100 * zoom)} % of true scale`;
  paper.node.style.width = `${paper.width * scale.drawnPxPerMm(paper.width)}px`;
  size.textContent = measured ? text : `${text} if this screen has 96 dots per inch`;
  measureLink.textContent = measured ? "Measure again" : "Measure this screen";
  byId("true-scale").setAttribute("aria-pressed", String(isTrue));
  byId("fit").setAttribute("aria-pressed", String(state.zoom === "fit"));
}

/**
 * Fill a segmented choice, which is made of radio buttons, so that arrow keys work.
 * @template {"layout" | "speed" | "gain"} K
 * @param {K} key of the state; also the id of the element
 * @param {[State[K], string][]} options
 */
function addChoice(key, options) {
  const inputs = options.map(([value, title]) => {
    const onchange = () => change({ [key]: value });
    const input = el("input", { type: "radio", name: key, value, checked: state[key] === value, onchange });
    byId(key).append(el("label", {}, input, el("span", {}, title)));
    return { input, value };
  });
  onChange([key], () => {
    for (const { input, value } of inputs) input.checked = state[key] === value;
  });
}
/**
 * @param {number[]} values
 * @returns {[number, string][]}
 */
function numbers(values) {
  return values.map((value) => [value, String(value)]);
}

addChoice("layout", [
  ["3x4", LAYOUTS["3x4"].title],
  ["6x2", LAYOUTS["6x2"].title],
  ["12x1", LAYOUTS["12x1"].title],
]);
addChoice("speed", numbers(SPEEDS));
addChoice("gain", numbers(GAINS));

export function toggleCalipers() {
  const on = !calipers.on;
  byId("calipers").setAttribute("aria-pressed", String(on));
  const box = scroller.getBoundingClientRect();
  calipers.toggle(on, { clientX: box.left + Math.min(box.width, 900) / 2, clientY: box.top + box.height / 2 });
}

export function toggleMarch() {
  marchButton.setAttribute("aria-pressed", String(!calipers.marching));
  calipers.march(!calipers.marching);
}

export const zoomIn = () => paper && scale.zoomBy(1, paper);
export const zoomOut = () => paper && scale.zoomBy(-1, paper);
export const zoomToTrueScale = () => paper && scale.zoomTo(1, paper);
export const zoomToFit = () => paper && scale.zoomTo("fit", paper);

byId("larger").addEventListener("click", zoomIn);
byId("smaller").addEventListener("click", zoomOut);
byId("true-scale").addEventListener("click", zoomToTrueScale);
byId("fit").addEventListener("click", zoomToFit);
byId("calipers").addEventListener("click", toggleCalipers);
scale.listenForZoom(
  () => paper,
  () => calipers.on,
);
onChange(["selected", "layout", "speed", "gain", "start", "explained"], draw);
onChange(["zoom"], resize);
new ResizeObserver(() => state.selected && draw()).observe(byId("recordings"));
