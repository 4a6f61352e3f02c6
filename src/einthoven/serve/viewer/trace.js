/** A lead's samples as a line, and where the rows of lines stand on the paper. */

const DRAWN_HZ = 500; // points a second at most: one each 0.05 mm at 25 mm/s
const PLACE = 5; // mm along a row, within which lines may not meet
const LEAST_ABOVE = 7; // mm that a row takes at least: a lead's name, and air
const LEAST_BELOW = 4;
const MOST_BETWEEN = 75;

/** The line of a strip: x in mm from the strip's left end, `up` in mm above its median. */
export function lineOf(strip, tracing, speed, gain) {
  const { rate } = tracing;
  const values = tracing.lines.get(strip.lead);
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

function median(values) {
  const sorted = Float32Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Of each `size` samples the least and the greatest, in the order they came, so that no peak is lost. */
function extremes(values, size) {
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
 * Where the rows' 0 mV are, in whole mm from the upper edge, and the paper's height.
 * Rows are `even` mm apart, or more where their lines would meet; the paper fills `room`, and is no higher than `most`.
 * `lines` are {row, left, x, up}.
 */
export function rowsAt(lines, rows, { width, even, pulse, room, most = Infinity }) {
  const count = Math.ceil(width / PLACE) + 1;
  const above = Array.from({ length: rows }, () => new Float64Array(count).fill(LEAST_ABOVE));
  const below = Array.from({ length: rows }, () => new Float64Array(count).fill(LEAST_BELOW));
  above.forEach((places) => (places[0] = pulse + 1));
  for (const { row, left, x, up } of lines) {
    x.forEach((at, k) => {
      const place = Math.floor((left + at) / PLACE);
      above[row][place] = Math.max(above[row][place], up[k]);
      below[row][place] = Math.max(below[row][place], -up[k]);
    });
  }
  const zero = [Math.max(even / 2, Math.min(Math.max(...above[0]), MOST_BETWEEN) + 2)];
  for (let row = 1; row < rows; row += 1) {
    const needed = above[row].reduce((worst, up, place) => Math.max(worst, up + below[row - 1][place]), 0);
    zero.push(zero[row - 1] + Math.max(even, Math.min(needed, MOST_BETWEEN)));
  }
  const foot = Math.max(even / 2, Math.min(Math.max(...below[rows - 1]), MOST_BETWEEN) + 5);
  const needed = 5 * Math.ceil((zero[rows - 1] + foot) / 5);
  const height = Math.min(Math.max(needed, 5 * Math.floor(room / 5)), most);
  const squeeze = Math.min(1, height / needed);
  const spare = Math.max(0, height - needed) / 2;
  return { zero: zero.map((at) => Math.round(at * squeeze + spare)), height };
}
