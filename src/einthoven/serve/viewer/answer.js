/** The answer to "infarct pattern?" first, and what was measured. */

import { gauge } from "./bars.js";
import { el } from "./dom.js";
import { MARKS, finePercent, sentence } from "./words.js";

const INTERVALS = [
  ["PR", "pr_ms", "ms"],
  ["QRS", "qrs_ms", "ms"],
  ["QT", "qt_ms", "ms"],
  ["QTcB", "qtc_bazett_ms", "ms"],
  ["QTcF", "qtc_fridericia_ms", "ms"],
  ["Axis", "axis_degrees", "°"],
];

/** What stands at the top: the answer or why there is none, and the numbers. `shade` as for bars. */
export function headline(answer, shade) {
  return [answer.abstained ? withheld(answer) : infarct(answer.mi, shade), numbers(answer)].filter(Boolean);
}

function withheld({ abstained_because: reasons }) {
  return el(
    "div",
    { class: "verdict withheld" },
    el("p", { class: "question" }, "Infarct pattern?"),
    el("p", { class: "words" }, el("span", { class: "sign", "aria-hidden": "true" }, "▨"), "Not interpreted."),
    el(
      "ul",
      { class: "reasons" },
      reasons.map((reason) => el("li", {}, sentence(reason))),
    ),
  );
}

function infarct(mi, shade) {
  if (!mi) return null; // this model has no such label
  const { decision, probability, prevalence, rule_in_from: above, rule_out_below: below } = mi;
  const pressed = shade?.label === "MI";
  return el(
    "div",
    { class: `verdict ${decision}` },
    el("p", { class: "question" }, "Infarct pattern?"),
    el(
      "p",
      { class: "words" },
      el("span", { class: "sign", "aria-hidden": "true" }, MARKS[decision]),
      sentence(mi.in_words),
    ),
    el(
      "div",
      { class: "probability" },
      el("span", { class: "large" }, finePercent(probability)),
      el("span", { class: "scale" }, gauge(probability, [below, above], decision), marks(below, above)),
    ),
    el("p", { class: "hint" }, `Probability and thresholds at ${finePercent(prevalence)} prevalence.`),
    shade &&
      el(
        "button",
        { class: "why", "aria-pressed": String(pressed), onclick: () => shade.toggle("MI", "an infarct pattern") },
        pressed ? "Hide the shading" : "Shade what speaks for an infarct pattern",
      ),
  );
}

/** What the ticks of the gauge mean. */
function marks(below, above) {
  return el(
    "span",
    { class: "marks" },
    el("span", {}, `rule-out ${finePercent(below)}`),
    el("span", {}, `rule-in ${finePercent(above)}`),
  );
}

function numbers({ heart_rate_bpm: rate, intervals }) {
  const found = [["Heart rate", rate === null ? null : Math.round(rate), "bpm"]];
  if (intervals) {
    found.push(
      ...INTERVALS.map(([name, key, unit]) => [
        name,
        intervals[key] === null || intervals[key] === undefined ? null : Math.round(intervals[key]),
        unit,
      ]),
    );
  }
  return el(
    "dl",
    { class: "numbers" },
    found.map(([name, value, unit]) =>
      el(
        "div",
        {},
        el("dt", {}, name),
        el(
          "dd",
          {},
          value === null ? el("span", { class: "unsure" }, "unsure") : [String(value), el("small", {}, ` ${unit}`)],
        ),
      ),
    ),
  );
}
