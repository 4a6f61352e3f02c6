/** Explanations: which leads and moments speak for a finding, shown behind the tracing. */

import { announce, svg } from "./dom.js";
import { interpret, Problem } from "./service.js";
import { change, state } from "./store.js";
import { latestStart } from "./layout.js";

const HALF_MM = 9; // above and below the line
const DARKEST = 0.55;
const SHOWN_FROM = 0.04; // share of the greatest

/** Boxes behind the lines, the darker the more the model's score falls when this piece is hidden. */
export function shades(lines, explanation, speed) {
  const { leads, values, start_s: first, seconds_per_bin: bin } = explanation;
  const greatest = Math.max(...values.flat(), 1e-12);
  const boxes = lines.flatMap((line) => {
    const row = values[leads.indexOf(line.lead)] ?? [];
    return row.map((value, k) => {
      const share = value / greatest;
      const from = Math.max(first + k * bin, line.start);
      const to = Math.min(first + (k + 1) * bin, line.end);
      if (share < SHOWN_FROM || from >= to) return null;
      return svg("rect", {
        x: (line.left + (from - line.start) * speed).toFixed(2),
        width: ((to - from) * speed).toFixed(2),
        y: line.zero - HALF_MM,
        height: 2 * HALF_MM,
        "fill-opacity": (DARKEST * share).toFixed(3),
      });
    });
  });
  return svg("g", { class: "shade" }, boxes);
}

/** Switch the shading for a label on or off; asks the service the first time. */
export async function toggleShade(label, name) {
  const recording = state.selected;
  if (state.shade === label) {
    change({ shade: null });
    announce("Shading off");
    return;
  }
  try {
    await explain(recording, label);
  } catch (problem) {
    recording.explanations.set(label, { problem });
  }
  if (state.selected !== recording) return;
  const { start_s: first, problem } = recording.explanations.get(label);
  const long = recording.tracing.seconds > 10.5;
  change({ shade: label, ...(long && !problem && { start: Math.min(first, latestStart(recording.tracing)) }) });
  announce(problem ? problem.message : `Shading shows what speaks for ${name}`);
}

async function explain(recording, label) {
  const known = recording.explanations.get(label);
  if (known && !known.problem) return;
  const answer = await (await interpret(recording, { explain: label })).json();
  const found = (answer.explanations ?? []).find((one) => one.label === label);
  if (!found) throw new Problem("This service gives no explanation for it.");
  recording.explanations.set(label, found);
}

/** The explanation that is switched on, or none. */
export const shown = () => state.selected?.explanations.get(state.shade);
