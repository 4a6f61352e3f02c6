// @ts-check
/** Numbers and words as people read them. A test compares the tables with those of the Python package. */

/**
 * Whole percents, but never 0 % or 100 %, because no model is certain.
 * @param {number} share
 */
export function formatPercent(share) {
  if (share < 0.01) return "<1 %";
  return share > 0.99 ? ">99 %" : `${round(100 * share)} %`;
}

/**
 * Round half to even, as the reports do, so that the page and its PDF agree.
 * @param {number} value
 */
function round(value) {
  const whole = Math.round(value);
  return value % 1 === 0.5 && whole % 2 ? whole - 1 : whole;
}

/**
 * Whole percents, and one digit below 1 %: the thresholds of a rare finding are low.
 * @param {number} share
 */
export const formatRarePercent = (share) =>
  share < 0.01 ? `${Number((100 * share).toPrecision(1))} %` : formatPercent(share);

/**
 * A duration of `value` s.
 * @param {number} value
 */
export function formatDuration(value) {
  if (value < 120) return `${Number(value.toPrecision(3))} s`;
  return clock(value) + (value < 3600 ? " min" : " h");
}

/**
 * When a recording began, in the words of the reports: 2026-11-28 10:42 UTC+01:00.
 * @param {string} isoTime without zone if the file states none
 */
export function formatRecordedAt(isoTime) {
  const zone = isoTime.match(/[+-]\d\d:\d\d$/)?.[0];
  return isoTime.slice(0, 16).replace("T", " ") + (zone ? ` UTC${zone === "+00:00" ? "" : zone}` : "");
}

/**
 * The filters of a recording, in the words of the reports: 0.05-150 Hz, notch 50 Hz.
 * @param {Filters} filters
 */
export function formatFilters({ high_pass_hz: high, low_pass_hz: low, notch_hz: notch }) {
  const band = high && low ? `${high}-${low} Hz` : high ? `from ${high} Hz` : low && `to ${low} Hz`;
  return [band, notch && `notch ${notch} Hz`].filter(Boolean).join(", ");
}

/**
 * A time of `value` s as a clock shows it: 0:20, 1:02:03.
 * @param {number} value
 */
export function clock(value) {
  const whole = round(value);
  const seconds = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${seconds}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${seconds}`;
}

/**
 * A time of day, with its date unless that is today.
 * @param {Date} date
 */
export function timeOfDay(date, withSeconds = true) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hour: "2-digit", minute: "2-digit", hour12: false };
  if (withSeconds) options.second = "2-digit";
  if (date.toDateString() !== new Date().toDateString()) Object.assign(options, { day: "numeric", month: "short" });
  return date.toLocaleString("en-GB", options);
}

/**
 * The text with a capital first letter and one full stop.
 * @param {string} text
 */
export const sentence = (text) => text[0].toUpperCase() + text.slice(1).replace(/\.?$/, ".");

/**
 * @param {CaliperReading} reading
 */
export function caliperText({ ms, mv, rate }) {
  const flat = mv < 0.02; // only a time is measured
  return [`${Math.round(ms)} ms`, !flat && `${mv.toFixed(2)} mV`, rate && `${Math.round(rate)} bpm`]
    .filter(Boolean)
    .join(" · ");
}

/**
 * The only texts for a decision on the infarct pattern. The JSON of segments does not contain them.
 * @type {Record<Decision, string>}
 */
export const DECISION_TEXTS = {
  "rule-in": "infarct pattern, acute or old",
  undecided: "undecided",
  "rule-out": "no infarct pattern found; this does not exclude infarction",
};

/**
 * Shapes that go with the colours: full, half, empty.
 * @type {Record<Decision, string>}
 */
export const DECISION_SIGNS = { "rule-in": "◆", undecided: "◈", "rule-out": "◇" };

/**
 * The problems of a lead: V2 is ...
 * @type {Record<LeadProblem, string>}
 */
export const PROBLEM_TEXTS = {
  off: "off",
  flat: "flat at times",
  saturated: "cut off at the recorder's limit",
  steps: "jumping",
  noise: "noisy",
  hum: "disturbed by mains hum",
  wander: "wandering",
};

/**
 * @param {{problems: LeadProblem[]}} lead
 */
export const problemsText = (lead) => lead.problems.map((problem) => PROBLEM_TEXTS[problem] ?? problem).join(", ");
