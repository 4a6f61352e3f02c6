/** The tracing on ECG paper as an SVG whose unit is the millimetre. */

import { svg } from "./dom.js";
import { SECONDS, stripsOf } from "./layout.js";
import { shades } from "./shading.js";
import { lineOf, rowsAt } from "./trace.js";
import { clock } from "./words.js";

/** What the calibration pulses take, left of the rows. */
const PULSE_MM = 12;
const PULSE_S = 0.2;
const EVEN_MM = { "3x4": [24, 42], "6x2": [19, 32], "12x1": [14, 24] }; // between rows: least and most

/** mm of the paper for `shown` s. */
export const paperWidth = (speed, shown = SECONDS) => PULSE_MM + shown * speed;

const place = (value) => value.toFixed(2);

/**
 * Draw `tracing`; gives the element and where everything is on it.
 * @param view {layout, speed, gain, start} as in the store, {shown} s at once, {room, most} mm of height to fill and
 *   not to exceed, {remarks} by lead, {explanation} to shade, {simulated}
 */
export function drawPaper(tracing, view) {
  const { layout, speed, gain, start, shown = SECONDS, room = 0, most, remarks = {}, explanation, simulated } = view;
  const { strips, rows, follow } = stripsOf(layout, tracing, start, shown);
  const width = paperWidth(speed, shown);
  const lines = strips.map((strip) => ({
    ...strip,
    left: PULSE_MM + strip.at * speed,
    ...lineOf(strip, tracing, speed, gain),
  }));
  const [least, largest] = EVEN_MM[layout];
  const even = Math.min(Math.max(room / rows, least), largest);
  const { zero, height } = rowsAt(lines, rows, { width, even, pulse: gain, room, most });
  for (const line of lines) {
    line.zero = zero[line.row];
    line.right = line.left + (line.end - line.start) * speed;
  }
  const node = svg(
    "svg",
    { class: "ecg", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": spoken(lines, view) },
    svg("rect", { class: "sheet", width, height }),
    grid(width, height),
    explanation ? shades(lines, explanation, speed) : null,
    svg("path", { class: "mark", d: seconds(start, shown, tracing, speed, height, follow) }),
    svg("path", { class: "mark", d: separators(lines) }),
    svg("path", { class: "ink", d: zero.map((y) => pulse(y, speed, gain)).join("") }),
    lines.map((line) => svg("path", { class: "ink", d: trace(line), "data-lead": line.lead })),
    lines.map((line) => name(line, remarks[line.lead])),
    foot(view, tracing, width, height, simulated),
  );
  return { node, width, height, lines };
}

function grid(width, height) {
  const drawn = (fine) => {
    let path = "";
    for (let x = 0; x <= width; x += 1) if ((x % 5 !== 0) === fine) path += `M${x} 0V${height}`;
    for (let y = 0; y <= height; y += 1) if ((y % 5 !== 0) === fine) path += `M0 ${y}H${width}`;
    return path;
  };
  return [svg("path", { class: "fine", d: drawn(true) }), svg("path", { class: "bold", d: drawn(false) })];
}

/** 1 mV for 200 ms. */
function pulse(y, speed, gain) {
  const rise = Math.floor((PULSE_MM - PULSE_S * speed) / 2);
  return `M${rise - 1} ${y}H${rise}V${y - gain}H${rise + PULSE_S * speed}V${y}h1`;
}

const trace = ({ left, zero, x, up }) => `M${x.map((at, k) => `${place(left + at)} ${place(zero - up[k])}`).join("L")}`;

/** Short strokes above and below a line, where one lead ends and the next begins. */
const separators = (lines) =>
  lines
    .filter((line) => line.at > 0)
    .map(({ left, zero }) => `M${left} ${zero - 6}v3M${left} ${zero + 3}v3`)
    .join("");

/** A stroke each second at the lower edge. */
function seconds(start, shown, tracing, speed, height, follow) {
  if (!follow) return "";
  const last = Math.min(shown, tracing.seconds - start);
  return Array.from({ length: Math.floor(last + 1e-6) + 1 }, (_, k) => `M${PULSE_MM + k * speed} ${height}v-1.5`).join(
    "",
  );
}

/** A lead's name above where its line begins, and what is wrong with the lead. */
function name({ lead, left, zero, x, up }, remark) {
  const highest = Math.max(...up.filter((_, k) => x[k] < 10), 2);
  const y = Math.max(zero - Math.min(highest + 1.6, 14), 4);
  return svg(
    "text",
    { class: "lead", x: left + 1.4, y },
    lead,
    remark ? svg("tspan", { class: "remark", dx: 1.5 }, remark) : null,
  );
}

function foot({ speed, gain, start, shown = SECONDS }, tracing, width, height, simulated) {
  const end = Math.min(start + shown, tracing.seconds);
  const when = tracing.seconds > shown + 0.1 ? `   ${clock(start)} to ${clock(end)}` : "";
  return [
    svg("text", { class: "foot", x: PULSE_MM, y: height - 2 }, `${speed} mm/s   ${gain} mm/mV${when}`),
    simulated
      ? svg("text", { class: "foot simulated", x: width - 2, y: height - 2, "text-anchor": "end" }, "SIMULATED")
      : null,
  ];
}

function spoken(lines, { speed, gain, start, shown = SECONDS }) {
  const leads = [...new Set(lines.map((line) => line.lead))];
  return `${leads.length} leads from ${clock(start)}, ${shown} s at ${speed} mm/s and ${gain} mm/mV`;
}
