/** Which lead stands where on the paper, and which of its seconds; as on the pages of reports. */

import { LEADS } from "./store.js";

/** What the paper shows at once, in s. */
export const SECONDS = 10;

export const LAYOUTS = {
  "3x4": { title: "3 × 4 + rhythm", columns: [0, 3, 6, 9].map((at) => LEADS.slice(at, at + 3)), rhythm: true },
  "6x2": { title: "6 × 2", columns: [LEADS.slice(0, 6), LEADS.slice(6)], rhythm: false },
  "12x1": { title: "12 × 1", columns: [LEADS], rhythm: false },
};

const RHYTHM = ["II", "V1", ...LEADS]; // the first of these that was recorded
const FILLED = 0.8; // how full the last column must be at least, for the columns to follow one another in time

/** The stretches of leads that are shown: {lead, row, at, start, end}, `at` in s from the left edge of the rows. */
export function stripsOf(layout, tracing, start, shown = SECONDS) {
  const { columns, rhythm } = LAYOUTS[layout];
  const each = shown / columns.length;
  const last = Math.min(start + shown, tracing.seconds);
  const follow = columns.length === 1 || last - start >= (columns.length - 1 + FILLED) * each;
  const strips = columns.flatMap((leads, column) => {
    const from = start + (follow ? column * each : 0);
    const to = Math.min(from + each, last);
    return leads.map((lead, row) => ({ lead, row, at: column * each, start: from, end: to }));
  });
  const rows = columns[0].length + (rhythm ? 1 : 0);
  if (rhythm) {
    const lead = RHYTHM.find((name) => tracing.lines.has(name));
    strips.push({ lead, row: rows - 1, at: 0, start, end: last });
  }
  return { strips: strips.filter((strip) => tracing.lines.has(strip.lead)), rows, follow };
}

/** The latest start that leaves no empty paper. */
export const latestStart = (tracing) => Math.max(0, tracing.seconds - SECONDS);
