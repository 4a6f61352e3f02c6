// @ts-check
/** What must be seen first: critical values, the answer about an acute infarct, the rhythm and the conclusion. */

import { el } from "../ui/dom.js";
import { clock, DECISION_SIGNS, formatRarePercent, sentence } from "../ui/format.js";

/**
 * The critical values; severity is in words, not in colour alone.
 * @param {Interpretation} answer
 */
export function criticalValues({ critical }) {
  if (!critical.length) return null;
  const items = critical.map(({ name, reason }) => el("li", {}, el("b", {}, sentence(name)), ` ${sentence(reason)}`));
  return el("div", { class: "critical" }, el("p", { class: "question" }, "Critical"), el("ul", {}, items));
}

/**
 * The answer about an acute infarct.
 * @param {Interpretation} answer
 */
export function acuteVerdict({ acute, abstained }) {
  if (!acute || abstained) return null;
  const { decision, in_words: words, probability, prevalence, reasons, advice } = acute;
  const { rule_in_from: ruleIn, rule_out_below: ruleOut } = acute;
  const share =
    probability === null
      ? ""
      : `Probability ${formatRarePercent(probability)}${prevalence === null ? "" : ` at ${formatRarePercent(prevalence)} prevalence`}.`;
  const thresholds =
    ruleIn === null || ruleOut === null
      ? ""
      : ` Thresholds: rule-in ${formatRarePercent(ruleIn)}, rule-out ${formatRarePercent(ruleOut)}.`;
  const notes = [...reasons, ...advice].map((text) => el("li", {}, sentence(text)));
  return el(
    "div",
    { class: `verdict acute ${decision}` },
    el("p", { class: "question" }, "Acute infarct?"),
    el(
      "p",
      { class: "decision" },
      el("span", { class: "sign", "aria-hidden": "true" }, DECISION_SIGNS[decision]),
      sentence(words || decision),
    ),
    share && el("p", { class: "hint" }, share + thresholds),
    notes.length > 0 && el("ul", { class: "reasons" }, notes),
  );
}

/**
 * Rhythm and conclusion, each on a line with its reason.
 * @param {Interpretation} answer
 */
export function summaryLines({ rhythm, conclusion, conclusion_reasons: reasons, abstained }) {
  const lines = [line("Rhythm", rhythmText(rhythm), rhythm.reason)];
  if (!abstained)
    lines.push(line("Conclusion", conclusion, reasons.map((reason) => reason.replace(/\.$/, "")).join("; ")));
  return el("dl", { class: "summary-lines" }, lines);
}

/**
 * @param {Rhythm} rhythm
 */
export function rhythmText({ name, rate_bpm: rate, regular, pauses }) {
  const longest = [...pauses].sort((a, b) => b.seconds - a.seconds)[0];
  return [
    name,
    rate !== null && `${Math.round(rate)} bpm`,
    regular !== null && (regular ? "regular" : "irregular"),
    longest && `longest pause ${longest.seconds.toFixed(1)} s at ${clock(longest.start_s)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} reason
 */
function line(name, value, reason) {
  const why = reason ? el("span", { class: "why" }, ` ${sentence(reason)}`) : "";
  return el("div", {}, el("dt", {}, name), el("dd", {}, sentence(value), why));
}
