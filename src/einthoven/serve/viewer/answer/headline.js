// @ts-check
/** What is urgent first: critical values, acute infarct, infarct pattern; then rhythm, conclusion and measurements. */

import { el } from "../ui/dom.js";
import { DECISION_SIGNS, formatRarePercent, sentence } from "../ui/format.js";
import { acuteVerdict, criticalValues, summaryLines } from "./urgent.js";

/** @type {[string, Exclude<keyof Measurements, "leads">, string][]} */
const INTERVALS = [
  ["PR", "pr_ms", "ms"],
  ["QRS", "qrs_ms", "ms"],
  ["QT", "qt_ms", "ms"],
  ["QTcB", "qtc_bazett_ms", "ms"],
  ["QTcF", "qtc_fridericia_ms", "ms"],
  ["Axis", "qrs_axis_degrees", "°"],
];

/**
 * Return the answer, or why there is none, and the measurements.
 * @param {Interpretation} answer
 * @param {ExplainControl | null} [explain]
 */
export function headline(answer, explain) {
  const verdict = answer.abstained ? withheld(answer) : answer.mi && infarct(answer.mi, explain);
  const parts = [criticalValues(answer), acuteVerdict(answer), verdict, summaryLines(answer), measurements(answer)];
  return parts.filter((part) => part !== null);
}

/**
 * @param {Interpretation} answer
 */
function withheld({ abstained_because: reasons }) {
  return el(
    "div",
    { class: "verdict withheld" },
    el("p", { class: "question" }, "Infarct pattern?"),
    el("p", { class: "decision" }, el("span", { class: "sign", "aria-hidden": "true" }, "▨"), "Not interpreted."),
    el(
      "ul",
      { class: "reasons" },
      reasons.map((reason) => el("li", {}, sentence(reason))),
    ),
  );
}

/**
 * @param {Mi} mi
 * @param {ExplainControl | null} [explain]
 */
function infarct(mi, explain) {
  const { decision, probability, prevalence, rule_in_from: ruleIn, rule_out_below: ruleOut } = mi;
  const pressed = explain?.label === "MI";
  const withheldText = mi.withheld_because && !mi.in_words.includes(mi.withheld_because) ? [mi.withheld_because] : [];
  const caveats = [...withheldText, ...mi.caveats];
  return el(
    "div",
    { class: `verdict ${decision}` },
    el("p", { class: "question" }, "Infarct pattern?"),
    el(
      "p",
      { class: "decision" },
      el("span", { class: "sign", "aria-hidden": "true" }, DECISION_SIGNS[decision]),
      sentence(mi.territory.length ? `${mi.in_words}: ${mi.territory.join(", ")}` : mi.in_words),
    ),
    caveats.length > 0 &&
      el(
        "ul",
        { class: "reasons" },
        caveats.map((text) => el("li", {}, sentence(text))),
      ),
    el(
      "div",
      { class: "probability" },
      el("span", { class: "percentage" }, formatRarePercent(probability)),
      el("span", { class: "scale" }, gauge(probability, [ruleOut, ruleIn], decision), marks(ruleOut, ruleIn)),
    ),
    el("p", { class: "hint" }, `Probability and thresholds at ${formatRarePercent(prevalence)} prevalence.`),
    explain &&
      el(
        "button",
        {
          class: "explain",
          "aria-pressed": String(pressed),
          onclick: () => explain.toggle("MI", "an infarct pattern"),
        },
        pressed ? "Hide the explanation" : "Show what supports an infarct pattern",
      ),
  );
}

/**
 * The legend of the ticks on the gauge.
 * @param {number} ruleOut
 * @param {number} ruleIn
 */
function marks(ruleOut, ruleIn) {
  return el(
    "span",
    { class: "marks" },
    el("span", {}, `rule-out ${formatRarePercent(ruleOut)}`),
    el("span", {}, `rule-in ${formatRarePercent(ruleIn)}`),
  );
}

/**
 * A bar of `probability` with ticks at `thresholds`. It is for the eye only: the numbers stand next to it.
 * @param {number} probability
 * @param {number[]} thresholds
 * @param {string} kind
 */
export function gauge(probability, thresholds, kind) {
  const filled = el("span", { class: "filled" });
  filled.style.width = `${100 * probability}%`;
  const ticks = thresholds.map((threshold) => {
    const tick = el("span", { class: "tick" });
    tick.style.left = `${100 * threshold}%`;
    return tick;
  });
  return el("span", { class: `gauge ${kind}`, "aria-hidden": "true" }, filled, ticks);
}

/**
 * @param {Interpretation} answer
 */
function measurements({ heart_rate_bpm: rate, measurements: measured }) {
  const values = measured ? INTERVALS.map(([name, key, unit]) => measurement(name, measured[key], unit)) : [];
  return el("dl", { class: "numbers" }, measurement("Heart rate", rate, "bpm"), values);
}

/**
 * @param {string} name
 * @param {number | null} value
 * @param {string} unit
 */
function measurement(name, value, unit) {
  const shown =
    value === null
      ? el("span", { class: "unclear" }, "unclear")
      : [String(Math.round(value)), el("small", {}, ` ${unit}`)];
  return el("div", {}, el("dt", {}, name), el("dd", {}, shown));
}
