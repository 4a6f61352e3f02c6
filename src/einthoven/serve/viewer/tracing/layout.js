// @ts-check
/** The place of each part of each lead on the paper, and its trace. A test compares it with the pages of reports. */

import { LEADS } from "../state.js";

/** mm/s and mm/mV to choose from. */
export const SPEEDS = [25, 50];
export const GAINS = [5, 10, 20];

/** Seconds on the paper at once. */
export const SECONDS = 10;

/** @type {Record<Layout, {title: string, columns: string[][], rhythm: boolean}>} */
export const LAYOUTS = {
  "3x4": { title: "3 × 4 + rhythm", columns: [0, 3, 6, 9].map((k) => LEADS.slice(k, k + 3)), rhythm: true },
  "6x2": { title: "6 × 2", columns: [LEADS.slice(0, 6), LEADS.slice(6)], rhythm: false },
  "12x1": { title: "12 × 1", columns: [LEADS], rhythm: false },
};

/** The rhythm strip shows the first of these that was recorded. */
export const RHYTHM_LEADS = ["II", "V1", ...LEADS];
/** The columns follow one another in time if the last one is filled at least to this share. */
export const LEAST_FILLED = 0.8;

const DRAWN_HZ = 500; // points per second at most: one each 0.05 mm at 25 mm/s
const PLACE_MM = 5; // along a row, within which traces may not meet
const LEAST_ABOVE_MM = 7; // of a row: the name of a lead, and air
const LEAST_BELOW_MM = 4;
const LARGEST_GAP_MM = 75;

/**
 * Return the strips to show, in how many rows, and whether the columns follow one another in time.
 * @param {Layout} layout
 * @param {Tracing} tracing
 * @param {number} start
 */
export function stripsOf(layout, tracing, start, shown = SECONDS) {
  const { columns, rhythm } = LAYOUTS[layout];
  const each = shown / columns.length;
  const last = Math.min(start + shown, tracing.seconds);
  const follow = columns.length === 1 || last - start >= (columns.length - 1 + LEAST_FILLED) * each;
  /** @type {Strip[]} */
  const strips = columns.flatMap((leads, column) => {
    const from = start + (follow ? column * each : 0);
    const to = Math.min(from + each, last);
    return leads.map((lead, row) => ({ lead, row, at: column * each, start: from, end: to }));
  });
  const rows = columns[0].length + (rhythm ? 1 : 0);
  const rhythmLead = rhythm && RHYTHM_LEADS.find((name) => tracing.lines.has(name));
  if (rhythmLead) strips.push({ lead: rhythmLead, row: rows - 1, at: 0, start, end: last });
  return { strips: strips.filter((strip) => tracing.lines.has(strip.lead)), rows, follow };
}

/**
 * The latest start that leaves no empty paper.
 * @param {Tracing} tracing
 */
export const latestStart = (tracing) => Math.max(0, tracing.seconds - SECONDS);

/**
 * Return the trace of a strip at `speed` mm/s and `gain` mm/mV.
 * @param {Strip} strip
 * @param {Tracing} tracing
 * @param {number} speed
 * @param {number} gain
 * @returns {Trace}
 */
export function traceOf(strip, tracing, speed, gain) {
  const { rate } = tracing;
  const values = tracing.lines.get(strip.lead) ?? new Float32Array(1);
  const first = Math.round(strip.start * rate);
  const last = Math.max(Math.min(Math.round(strip.end * rate), values.length), first + 1);
  const shown = values.subarray(first, last);
  const zero = median(shown);
  const places = rate <= DRAWN_HZ ? [...shown.keys()] : extremes(shown, Math.ceil((2 * rate) / DRAWN_HZ));
  return {
    x: places.map((place) => (place / rate) * speed),
    up: places.map((place) => (shown[place] - zero) * gain),
  };
}

/**
 * Return the median; 0 without values.
 * @param {ArrayLike<number>} values
 */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  if (!sorted.length) return 0;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * Return the places of the least and the greatest of each `size` samples, in order, so that no peak is lost.
 * @param {Float32Array} values
 * @param {number} size
 */
export function extremes(values, size) {
  const places = [];
  for (let from = 0; from < values.length; from += size) {
    let low = from;
    let high = from;
    for (let k = from; k < Math.min(from + size, values.length); k += 1) {
      if (values[k] < values[low]) low = k;
      if (values[k] > values[high]) high = k;
    }
    places.push(Math.min(low, high));
    if (low !== high) places.push(Math.max(low, high));
  }
  return places;
}

/**
 * Return where the 0 mV of each row is, in whole mm from the upper edge, and the height of the paper.
 *
 * Rows are `even` mm apart, or more if their traces would meet. The paper fills `room` mm, and is at most `most` mm high.
 * @param {(Trace & {row: number, left: number})[]} lines
 * @param {number} rows
 * @param {{width: number, even: number, pulse: number, room: number, most?: number}} size in mm
 */
export function placeRows(lines, rows, { width, even, pulse, room, most = Number.POSITIVE_INFINITY }) {
  const count = Math.ceil(width / PLACE_MM) + 1;
  const above = Array.from({ length: rows }, () => new Float64Array(count).fill(LEAST_ABOVE_MM));
  const below = Array.from({ length: rows }, () => new Float64Array(count).fill(LEAST_BELOW_MM));
  for (const places of above) places[0] = pulse + 1;
  for (const { row, left, x, up } of lines) {
    x.forEach((at, k) => {
      const place = Math.floor((left + at) / PLACE_MM);
      above[row][place] = Math.max(above[row][place], up[k]);
      below[row][place] = Math.max(below[row][place], -up[k]);
    });
  }
  const zero = [Math.max(even / 2, Math.min(Math.max(...above[0]), LARGEST_GAP_MM) + 2)];
  for (let row = 1; row < rows; row += 1) {
    const needed = above[row].reduce((worst, up, place) => Math.max(worst, up + below[row - 1][place]), 0);
    zero.push(zero[row - 1] + Math.max(even, Math.min(needed, LARGEST_GAP_MM)));
  }
  const foot = Math.max(even / 2, Math.min(Math.max(...below[rows - 1]), LARGEST_GAP_MM) + 5);
  const needed = 5 * Math.ceil((zero[rows - 1] + foot) / 5);
  const height = Math.min(Math.max(needed, 5 * Math.floor(room / 5)), most);
  const squeeze = Math.min(1, height / needed);
  const spare = Math.max(0, height - needed) / 2;
  return { zero: zero.map((at) => Math.round(at * squeeze + spare)), height };
}
