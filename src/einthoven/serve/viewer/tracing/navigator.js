// @ts-check
/** The segments of a long recording, and which of its time the paper shows. */

import { change, onChange, state } from "../state.js";
import { byId, el, svg } from "../ui/dom.js";
import { clock, DECISION_TEXTS, formatRarePercent } from "../ui/format.js";
import { latestStart, SECONDS } from "./layout.js";

const HEIGHT = 18; // of the drawing, in its own units
const WIDTH = 1000;
const THUMB_PX = 16;
const navigator = byId("navigator");

/**
 * Show the tracing from `start` s.
 * @param {number} start
 */
export function goTo(start) {
  const tracing = state.selected?.tracing;
  if (tracing) change({ start: Math.min(Math.max(start, 0), latestStart(tracing)) });
}

/**
 * Return the segment that shares the most time with the paper.
 * @template {{start_s: number, end_s: number}} T
 * @param {T[]} segments
 * @param {number} start
 * @returns {T | undefined}
 */
function shownSegment(segments, start) {
  const shared = (/** @type {T} */ segment) =>
    Math.min(segment.end_s, start + SECONDS) - Math.max(segment.start_s, start);
  return [...segments].sort((a, b) => shared(b) - shared(a))[0];
}

/**
 * @param {Interpretation} answer
 */
function segmentText(answer) {
  const segment = shownSegment(answer.segments, state.start);
  if (!segment) return "";
  const times = `${clock(segment.start_s)} to ${clock(segment.end_s)}`;
  const { mi, heart_rate_bpm: rate } = segment;
  if (!mi) return `${times}: not interpreted, ${segment.abstained_because.join("; ")}`;
  const names = new Map([...answer.findings, ...answer.statements].map(({ label, name }) => [label, name]));
  const others = new Set(segment.present.filter((label) => label !== "MI").map((label) => names.get(label) ?? label));
  const infarct = `infarct pattern ${formatRarePercent(mi.probability)}: ${DECISION_TEXTS[mi.decision]}`;
  const rateText = rate ? `, ${Math.round(rate)} bpm` : "";
  return `${times}: ${infarct}${rateText}. Other findings: ${[...others].join(", ") || "none"}.`;
}

/**
 * @param {Interpretation} answer
 * @param {Tracing} tracing
 */
function drawing({ segments, most_abnormal: excerpt }, tracing) {
  const at = (/** @type {number} */ time) => (WIDTH * time) / tracing.seconds;
  const blocks = segments.map(({ start_s: start, end_s: end, mi }) => {
    const height = mi ? 4 + (HEIGHT - 4) * mi.probability : HEIGHT / 2;
    return svg("rect", {
      class: mi ? mi.decision : "withheld",
      x: at(start),
      width: Math.max(at(end - start) - 2, 0.5),
      y: HEIGHT - height,
      height,
      onclick: () => goTo(start),
    });
  });
  const bracket = excerpt && `M${at(excerpt.start_s)} ${HEIGHT + 2}v3H${at(excerpt.end_s)}v-3`;
  const width = at(Math.min(SECONDS, tracing.seconds));
  return svg(
    "svg",
    { viewBox: `0 -1 ${WIDTH} ${HEIGHT + 8}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    blocks,
    bracket && svg("path", { class: "excerpt", d: bracket }),
    svg("rect", { class: "window", x: at(state.start), width, y: 0, height: HEIGHT }),
  );
}

/**
 * The slider of the time shown; its thumb stays below the window of the drawing.
 * @param {Tracing} tracing
 */
function slider(tracing) {
  const input = el("input", {
    type: "range",
    min: 0,
    max: latestStart(tracing),
    step: 1,
    value: state.start,
    "data-part": "range",
    "aria-label": "Time shown",
    "aria-valuetext": `From ${clock(state.start)} of ${clock(tracing.seconds)}`,
    oninput: (/** @type {any} */ event) => goTo(Number(event.target.value)),
  });
  const share = (/** @type {number} */ time) => `${(100 * time) / tracing.seconds}%`;
  input.style.width = `calc(${share(latestStart(tracing))} + ${THUMB_PX}px)`;
  input.style.marginLeft = `calc(${share(SECONDS / 2)} - ${THUMB_PX / 2}px)`;
  return input;
}

/**
 * @param {string} part
 * @param {string} sign
 * @param {string} name
 * @param {string} key
 * @param {number} seconds
 */
function stepButton(part, sign, name, key, seconds) {
  const onclick = () => goTo(state.start + seconds);
  return el("button", { "data-part": part, "aria-label": name, title: `${name} (${key})`, onclick }, sign);
}

onChange(["selected", "start"], () => {
  const { answer, tracing } = state.selected ?? {};
  navigator.hidden = !answer || !tracing || tracing.seconds < SECONDS + 0.5;
  if (navigator.hidden || !answer || !tracing) {
    navigator.replaceChildren();
    return;
  }
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const focused = active && navigator.contains(active) ? active.dataset.part : null;
  navigator.replaceChildren(
    stepButton("back", "‹", "Back 10 s", "Page Up", -SECONDS),
    el("div", { class: "times" }, drawing(answer, tracing), slider(tracing)),
    stepButton("forward", "›", "Forward 10 s", "Page Down", SECONDS),
    el("p", { class: "segment" }, segmentText(answer)),
  );
  /** @type {HTMLElement | null} */
  const part = focused ? navigator.querySelector(`[data-part=${focused}]`) : null;
  part?.focus();
});
