/** The tracing of the selected recording, and the tools around it. */

import { Calipers, words } from "./calipers.js";
import { byId, el } from "./dom.js";
import { LAYOUTS } from "./layout.js";
import { drawPaper, paperWidth } from "./paper.js";
import { measureScreen, measured } from "./screen.js";
import { shown } from "./shading.js";
import { change, onChange, state } from "./store.js";
import { tableForm } from "./table.js";
import { problems } from "./words.js";
import * as zoom from "./zoom.js";

const scroller = byId("paper");
const caption = byId("caption");
const size = el("span", { class: "size" });
const explained = el("span", { class: "explained" });
const reading = el("output", { class: "reading", "aria-live": "polite" });
const march = el(
  "button",
  { "aria-pressed": "false", title: "Repeat the distance (M)", onclick: () => toggleMarch() },
  "March out",
);
const measure = el("button", { class: "link", onclick: () => measureScreen(resize) }, "Measure this screen");
caption.append(size, measure, explained, reading, march);

const stacked = matchMedia("(max-width: 1199px)"); // the paper stands among the rest, as high as it must
let paper = null;
const calipers = new Calipers((read) => {
  reading.textContent = read ? `${read.lead}: ${words(read)}` : calipers?.on ? "Drag over the tracing to measure" : "";
  march.hidden = !read;
});
march.hidden = true;

/** What the leads' quality says, for beside their names. */
export const remarksOf = ({ quality }) => Object.fromEntries(quality.leads.map((lead) => [lead.lead, problems(lead)]));

function draw() {
  const { answer, tracing, simulated, status, problem } = state.selected ?? {};
  for (const id of ["tools", "paper", "caption"]) byId(id).hidden = !tracing;
  byId("welcome").hidden = state.selected !== null;
  const trouble = byId("trouble");
  trouble.hidden = !(status === "failed" || (answer && !tracing));
  if (answer && !tracing)
    trouble.replaceChildren(el("p", {}, "This recording is too long to be drawn here. Its answer stands beside."));
  if (problem) {
    trouble.replaceChildren(
      el("h2", {}, `${state.selected.name} could not be interpreted`),
      el("p", {}, problem.message),
      ...tableForm(state.selected),
    );
  }
  scroller.classList.toggle("waiting", Boolean(state.selected) && !answer && !problem);
  if (!tracing) return;
  const explanation = shown();
  paper = drawPaper(tracing, {
    ...state,
    room: stacked.matches ? 0 : (scroller.clientHeight - 4) / zoom.drawnPxPerMm(paperWidth(state.speed)),
    remarks: remarksOf(answer),
    explanation: explanation?.problem ? null : explanation,
    simulated,
  });
  scroller.replaceChildren(paper.node);
  calipers.put(paper, state);
  const names = new Map([...answer.findings, ...answer.statements].map(({ label, name }) => [label, name]));
  const what = state.shade === "MI" && answer.mi ? "infarct pattern" : names.get(state.shade);
  explained.textContent = explanation?.problem
    ? explanation.problem.message
    : state.shade
      ? `Shaded: what speaks for “${what}”`
      : "";
  resize();
}

function resize() {
  if (!paper || scroller.hidden) return;
  const factor = zoom.zoomOf(paper.width);
  paper.node.style.width = `${paper.width * zoom.drawnPxPerMm(paper.width)}px`;
  const whole = Math.abs(factor - 1) < 0.002;
  const scale = whole ? "True scale" : `${Math.round(100 * factor)} % of true scale`;
  size.textContent = measured() ? scale : `${scale} if this screen has 96 dots an inch`;
  measure.textContent = measured() ? "Measure again" : "Measure this screen";
  byId("true-scale").setAttribute("aria-pressed", String(whole));
  byId("fit").setAttribute("aria-pressed", String(state.zoom === "fit"));
}

/** Segmented choices: radio buttons, so that arrow keys work. */
function choice(id, options) {
  const key = id;
  const inputs = options.map(([value, title]) => {
    const input = el("input", {
      type: "radio",
      name: id,
      value,
      checked: state[key] === value,
      onchange: () => change({ [key]: value }),
    });
    return [input, value, el("label", {}, input, el("span", {}, title))];
  });
  byId(id).append(...inputs.map(([, , label]) => label));
  onChange([key], () => inputs.forEach(([input, value]) => (input.checked = state[key] === value)));
}
choice(
  "layout",
  Object.entries(LAYOUTS).map(([key, { title }]) => [key, title]),
);
choice("speed", [
  [25, "25"],
  [50, "50"],
]);
choice("gain", [
  [5, "5"],
  [10, "10"],
  [20, "20"],
]);

export function toggleCalipers() {
  const on = byId("calipers").getAttribute("aria-pressed") !== "true";
  byId("calipers").setAttribute("aria-pressed", String(on));
  const box = scroller.getBoundingClientRect();
  const middle = { clientX: box.left + Math.min(box.width, 900) / 2, clientY: box.top + box.height / 2 };
  calipers.toggle(on, paper && calipers.point(middle));
  if (on) calipers.focus();
}

export function toggleMarch() {
  march.setAttribute("aria-pressed", String(!calipers.marching));
  calipers.march(!calipers.marching);
}

export const larger = () => zoom.zoomBy(1, paper);
export const smaller = () => zoom.zoomBy(-1, paper);
export const trueScale = () => zoom.zoomTo(1, paper);
export const fit = () => zoom.zoomTo("fit", paper);

const pressed = { larger, smaller, "true-scale": trueScale, fit, calipers: toggleCalipers };
for (const [id, act] of Object.entries(pressed)) byId(id).addEventListener("click", act);
zoom.listen(
  () => paper,
  () => calipers.on,
);
onChange(["selected", "layout", "speed", "gain", "start", "shade"], draw);
onChange(["zoom"], resize);
new ResizeObserver(() => state.selected && draw()).observe(byId("recordings"));
