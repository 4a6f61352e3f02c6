// @ts-check
/** A tracing on ECG paper, as an SVG whose unit is the millimetre. */

import { svg } from "../ui/dom.js";
import { clock } from "../ui/format.js";
import { explanationBoxes } from "./explanation-overlay.js";
import { placeRows, SECONDS, stripsOf, traceOf } from "./layout.js";

/** Width of the calibration pulses, left of the rows. */
const PULSE_MM = 12;
const PULSE_S = 0.2;
/** @type {Record<Layout, [number, number]>} least and largest distance between rows */
const ROW_MM = { "3x4": [24, 42], "6x2": [19, 32], "12x1": [14, 24] };

/**
 * Width in mm of the paper for `shown` s.
 * @param {number} speed
 */
export const paperWidth = (speed, shown = SECONDS) => PULSE_MM + shown * speed;

/**
 * Draw a tracing.
 * @param {Tracing} tracing
 * @param {PaperView} view
 * @returns {Paper}
 */
export function drawPaper(tracing, view) {
  const { layout, speed, gain, start, shown = SECONDS, room = 0, most, remarks = {}, explanation } = view;
  const { strips, rows, follow } = stripsOf(layout, tracing, start, shown);
  const width = paperWidth(speed, shown);
  const traces = strips.map((strip) => {
    const left = PULSE_MM + strip.at * speed;
    const right = left + (strip.end - strip.start) * speed;
    return { ...strip, ...traceOf(strip, tracing, speed, gain), left, right };
  });
  const [least, largest] = ROW_MM[layout];
  const even = Math.min(Math.max(room / rows, least), largest);
  const { zero, height } = placeRows(traces, rows, { width, even, pulse: gain, room, most });
  const lines = traces.map((trace) => ({ ...trace, zero: zero[trace.row] }));
  const seconds = follow ? Math.min(shown, tracing.seconds - start) : 0;
  const node = svg(
    "svg",
    { class: "ecg", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": spoken(lines, view) },
    svg("rect", { class: "sheet", width, height }),
    grid(width, height),
    explanation && explanationBoxes(lines, explanation, speed),
    svg("path", { class: "mark", d: follow ? secondMarks(seconds, speed, height) : "" }),
    svg("path", { class: "mark", d: separators(lines) }),
    svg("path", { class: "ink", d: zero.map((y) => pulse(y, speed, gain)).join("") }),
    lines.map((line) => svg("path", { class: "ink", d: path(line), "data-lead": line.lead })),
    lines.map((line) => leadName(line, remarks[line.lead])),
    foot(view, tracing, width, height),
  );
  return { node, width, height, lines };
}

/**
 * @param {number} width
 * @param {number} height
 */
function grid(width, height) {
  const lines = (/** @type {boolean} */ fine) => {
    let d = "";
    for (let x = 0; x <= width; x += 1) if ((x % 5 !== 0) === fine) d += `M${x} 0V${height}`;
    for (let y = 0; y <= height; y += 1) if ((y % 5 !== 0) === fine) d += `M0 ${y}H${width}`;
    return d;
  };
  return [svg("path", { class: "fine", d: lines(true) }), svg("path", { class: "bold", d: lines(false) })];
}

/**
 * 1 mV for 200 ms.
 * @param {number} y
 * @param {number} speed
 * @param {number} gain
 */
function pulse(y, speed, gain) {
  const rise = Math.floor((PULSE_MM - PULSE_S * speed) / 2);
  return `M${rise - 1} ${y}H${rise}V${y - gain}H${rise + PULSE_S * speed}V${y}h1`;
}

/**
 * @param {PlacedStrip} line
 */
const path = ({ left, zero, x, up }) =>
  `M${x.map((at, k) => `${(left + at).toFixed(2)} ${(zero - up[k]).toFixed(2)}`).join("L")}`;

/**
 * Short strokes above and below a line, where one lead ends and the next begins.
 * @param {PlacedStrip[]} lines
 */
const separators = (lines) =>
  lines
    .filter((line) => line.at > 0)
    .map(({ left, zero }) => `M${left} ${zero - 6}v3M${left} ${zero + 3}v3`)
    .join("");

/**
 * A stroke each second at the lower edge.
 * @param {number} seconds
 * @param {number} speed
 * @param {number} height
 */
function secondMarks(seconds, speed, height) {
  const count = Math.floor(seconds + 1e-6) + 1;
  return Array.from({ length: count }, (_, k) => `M${PULSE_MM + k * speed} ${height}v-1.5`).join("");
}

/**
 * The name of a lead above where its line begins, and what is wrong with the lead.
 * @param {PlacedStrip} line
 * @param {string} [remark]
 */
function leadName({ lead, left, zero, x, up }, remark) {
  const highest = Math.max(...up.filter((_, k) => x[k] < 10), 2);
  const y = Math.max(zero - Math.min(highest + 1.6, 14), 4);
  const note = remark && svg("tspan", { class: "remark", dx: 1.5 }, remark);
  return svg("text", { class: "lead", x: left + 1.4, y }, lead, note || null);
}

/**
 * @param {PaperView} view
 * @param {Tracing} tracing
 * @param {number} width
 * @param {number} height
 */
function foot({ speed, gain, start, shown = SECONDS, simulated }, tracing, width, height) {
  const end = Math.min(start + shown, tracing.seconds);
  const times = tracing.seconds > shown + 0.1 ? `   ${clock(start)} to ${clock(end)}` : "";
  const y = height - 2;
  return [
    svg("text", { class: "foot", x: PULSE_MM, y }, `${speed} mm/s   ${gain} mm/mV${times}`),
    simulated && svg("text", { class: "foot simulated", x: width - 2, y, "text-anchor": "end" }, "SIMULATED"),
  ];
}

/**
 * @param {PlacedStrip[]} lines
 * @param {PaperView} view
 */
function spoken(lines, { speed, gain, start, shown = SECONDS }) {
  const leads = new Set(lines.map((line) => line.lead));
  return `${leads.size} leads from ${clock(start)}, ${shown} s at ${speed} mm/s and ${gain} mm/mV`;
}
