// @ts-check
/** Explanations: which leads and times support a finding, as boxes behind the tracing. */

import { interpret, ServiceError } from "../service.js";
import { change, state } from "../state.js";
import { announce, svg } from "../ui/dom.js";
import { latestStart, SECONDS } from "./layout.js";

const HALF_MM = 9; // above and below the line
const DARKEST = 0.55;
const LEAST_SHARE = 0.04; // of the greatest value, for a box to be drawn

/**
 * Return boxes, the darker the more the score of the model falls when this piece is hidden.
 * @param {PlacedStrip[]} lines
 * @param {Explanation} explanation
 * @param {number} speed
 */
export function explanationBoxes(lines, explanation, speed) {
  const { leads, values, start_s: first, seconds_per_bin: bin } = explanation;
  const rows = new Map(leads.map((lead, row) => [/** @type {string} */ (lead), values[row]]));
  const greatest = Math.max(...values.flat(), 1e-12);
  const boxes = lines.flatMap((line) =>
    (rows.get(line.lead) ?? []).map((value, k) => {
      const share = value / greatest;
      const from = Math.max(first + k * bin, line.start);
      const to = Math.min(first + (k + 1) * bin, line.end);
      if (share < LEAST_SHARE || from >= to) return null;
      return svg("rect", {
        x: (line.left + (from - line.start) * speed).toFixed(2),
        width: ((to - from) * speed).toFixed(2),
        y: line.zero - HALF_MM,
        height: 2 * HALF_MM,
        "fill-opacity": (DARKEST * share).toFixed(3),
      });
    }),
  );
  return svg("g", { class: "explanation" }, boxes);
}

/**
 * Show or hide the explanation of a label, which is requested the first time.
 * @param {string} label
 * @param {string} name
 */
export async function toggleExplanation(label, name) {
  const recording = state.selected;
  if (!recording?.tracing) return;
  if (state.explained === label) {
    change({ explained: null });
    announce("Explanation hidden");
    return;
  }
  const result = await fetchExplanation(recording, label);
  recording.explanations.set(label, result);
  if (state.selected !== recording) return;
  if (result.problem) {
    change({ explained: label });
    announce(result.problem.message);
    return;
  }
  const long = recording.tracing.seconds > SECONDS + 0.5;
  const start = long ? Math.min(result.explanation.start_s, latestStart(recording.tracing)) : state.start;
  change({ explained: label, start });
  announce(`The boxes show what supports ${name}`);
}

/**
 * @param {Recording} recording
 * @param {string} label
 * @returns {Promise<ExplanationResult>}
 */
async function fetchExplanation(recording, label) {
  const known = recording.explanations.get(label);
  if (known && !known.problem) return known;
  try {
    /** @type {Interpretation} */
    const answer = await (await interpret(recording, { explain: label })).json();
    const explanation = answer.explanations.find((candidate) => candidate.label === label);
    if (!explanation) throw new ServiceError("The service has no explanation for this finding.");
    return { explanation };
  } catch (problem) {
    return { problem: /** @type {Error} */ (problem) };
  }
}

/** The explanation that is switched on, if any. */
export const shownExplanation = () =>
  state.explained === null ? undefined : state.selected?.explanations.get(state.explained);
