// @ts-check
/** All of an answer below its headline: findings, notes, signal quality, and where the answer comes from. */

import { el } from "../ui/dom.js";
import {
  clock,
  formatDuration,
  formatFilters,
  formatPercent,
  formatRarePercent,
  formatRecordedAt,
  problemsText,
  sentence,
} from "../ui/format.js";
import { evidence } from "./evidence.js";
import { gauge } from "./headline.js";

/**
 * Return the details of an answer.
 * @param {Interpretation} answer
 * @param {ExplainControl | null} [explain]
 * @param {(start: number) => void} [goTo] shows another time of the recording
 */
export function details(answer, explain = null, goTo = () => {}) {
  return [
    ...findings(answer, explain),
    ...evidence(answer, goTo),
    mostAbnormal(answer, goTo),
    notes(answer),
    quality(answer),
    scores(answer.scores_only),
    provenance(answer),
  ].filter((section) => section !== null);
}

/**
 * MI has its own decision, with two thresholds. A second decision by a third threshold could contradict it.
 * @param {{mi: Mi | null, findings: Finding[]}} answer
 */
const otherFindings = (answer) => answer.findings.filter(({ label }) => !(answer.mi && label === "MI"));

/**
 * @param {Interpretation} answer
 * @param {ExplainControl | null} explain
 */
function findings(answer, explain) {
  if (answer.abstained) return [];
  const superclasses = new Set(answer.findings.map(({ label }) => label));
  const statements = answer.statements
    .filter(({ label }) => !superclasses.has(label))
    .sort((a, b) => (b.probability ?? 1) - (a.probability ?? 1));
  const present = statements.filter(isReported);
  const absent = statements.filter((statement) => !isReported(statement));
  return [
    bars("Findings", otherFindings(answer), explain),
    bars("Statements", present, explain, "No statement reaches its threshold."),
    absent.length
      ? el(
          "details",
          {},
          el("summary", {}, `${absent.length} statements not present`),
          bars("Not present", absent, explain),
        )
      : null,
  ];
}

/**
 * Whether a reader should see a finding.
 * @param {Finding} finding
 */
const isReported = ({ present, possible }) => present || possible;

/**
 * Findings as bars below a title; `none` is shown if there are no findings.
 * @param {string} title
 * @param {Finding[]} rows
 * @param {ExplainControl | null} explain
 */
function bars(title, rows, explain, none = "") {
  const columns = ["probability", "threshold"].map((name) => el("span", {}, name));
  return el(
    "section",
    { class: "bars" },
    el("h3", {}, title, el("span", { class: "columns", "aria-hidden": "true" }, columns)),
    rows.length
      ? el(
          "ul",
          {},
          rows.map((finding) => bar(finding, explain)),
        )
      : el("p", { class: "hint" }, none),
  );
}

/** @param {number | null} share */
const percent = (share) => (share === null ? "–" : formatPercent(share));

/**
 * A finding on a line, which is a button if it can be explained.
 * @param {Finding} finding
 * @param {ExplainControl | null} explain
 */
function bar(finding, explain) {
  const { label, name, probability, threshold, possible, reason } = finding;
  const present = isReported(finding);
  const state = finding.present ? "present" : possible ? "possible" : "not present";
  const shares = `${percent(probability)}, ${state}, threshold ${percent(threshold)}`;
  const why = reason ? ` ${sentence(reason)}` : "";
  const spoken = `${name}: ${shares}${why && `.${why}`}`;
  const content = [
    el("span", { class: "dot", "aria-hidden": "true" }, finding.present ? "●" : possible ? "◐" : "○"),
    el("span", { class: "name" }, possible ? `possible ${name}` : name, el("small", { class: "why" }, why)),
    el("span", { class: "value" }, percent(probability)),
    gauge(probability ?? 0, threshold === null ? [] : [threshold], present ? "present" : "absent"),
    el("span", { class: "threshold" }, percent(threshold)),
  ];
  const attributes = { class: `bar-row ${present ? "present" : "absent"}`, "aria-label": spoken };
  if (!explain || probability === null) return el("li", {}, el("span", { ...attributes, role: "img" }, content));
  const pressed = explain.label === label;
  const button = {
    ...attributes,
    "aria-pressed": String(pressed),
    title: pressed ? "Hide the explanation" : "Show what supports it",
    onclick: () => explain.toggle(label, name),
  };
  return el("li", {}, el("button", button, content));
}

/**
 * @param {Interpretation} answer
 * @param {(start: number) => void} goTo
 */
function mostAbnormal({ most_abnormal: excerpt }, goTo) {
  if (!excerpt) return null;
  const present = otherFindings(excerpt).filter(isReported);
  const others = present.map(({ name, probability }) => `${name} ${percent(probability)}`).join(", ");
  const infarct = excerpt.mi
    ? `Infarct pattern ${formatRarePercent(excerpt.mi.probability)}: ${excerpt.mi.in_words}. `
    : "";
  const times = `${clock(excerpt.start_s)} to ${clock(excerpt.end_s)}`;
  return el(
    "section",
    {},
    el("h3", {}, "Most abnormal 30 s"),
    el(
      "p",
      {},
      el("button", { class: "link", onclick: () => goTo(excerpt.start_s) }, times),
      ` ${infarct}Other findings: ${others || "none"}.`,
    ),
  );
}

/**
 * @param {Interpretation} answer
 */
function notes({ recording, warnings }) {
  const derived = recording.derived_leads;
  const texts = [
    ...(recording.short ? ["Shorter than the 10 s that the model expects."] : []),
    ...(derived.length
      ? [`${derived.join(", ")} ${derived.length > 1 ? "were" : "was"} computed from the other limb leads.`]
      : []),
    ...[...recording.warnings, ...warnings]
      .filter(({ code }) => code !== "lead-quality") // the signal quality states it
      .map(({ text }) => text),
  ];
  if (!texts.length) return null;
  const items = texts.map((text) => el("li", {}, text));
  return el("section", { class: "notes" }, el("h3", {}, "Notes"), el("ul", {}, items));
}

/**
 * @param {Interpretation} answer
 */
function quality({ quality: { acceptable, leads }, segments }) {
  const good = leads.filter((lead) => !lead.problems.length).map((lead) => lead.lead);
  const poor = leads.filter((lead) => lead.problems.length);
  const where = segments.every((segment) => segment.quality.acceptable) ? "" : " in most segments";
  const verdict = acceptable ? "Good enough to interpret." : "Not good enough to interpret.";
  const items = poor.map((lead) => el("li", { class: "poor" }, el("b", {}, lead.lead), ` ${problemsText(lead)}`));
  return el(
    "section",
    { class: "quality" },
    el("h3", {}, "Signal quality"),
    el("p", {}, verdict, poor.length ? "" : ` All leads are good${where}.`),
    poor.length > 0 && el("ul", {}, items, good.length > 0 && el("li", {}, el("b", {}, good.join(", ")), " good")),
  );
}

/**
 * @param {Score[]} uncalibrated
 */
function scores(uncalibrated) {
  if (!uncalibrated.length) return null;
  const rows = [...uncalibrated]
    .sort((a, b) => b.score - a.score)
    .map(({ name, score }) => el("div", {}, el("dt", {}, name), el("dd", {}, score.toFixed(2))));
  const hint =
    "The training data has too few examples to calibrate these. Use a score to rank recordings, not as a probability.";
  return el(
    "details",
    { class: "scores" },
    el("summary", {}, `${uncalibrated.length} uncalibrated scores`),
    el("p", { class: "hint" }, hint),
    el("dl", {}, rows),
  );
}

/**
 * @param {Interpretation} answer
 */
function provenance({ model, recording, notice }) {
  const { format, duration_s: seconds, rate_hz: rate, leads } = recording;
  const facts = [format, formatDuration(seconds), `${rate} Hz`, `${leads.length} leads`].filter(Boolean).join(", ");
  const recorded = [
    recording.recorded_at && `Recorded ${formatRecordedAt(recording.recorded_at)}`,
    recording.device,
    recording.filters && formatFilters(recording.filters),
  ].filter(Boolean);
  return el(
    "section",
    { class: "provenance" },
    el("p", {}, `${facts}.`),
    recorded.length > 0 && el("p", {}, `${recorded.join(", ")}.`),
    el("p", {}, `Model ${model.name} ${model.version}, SHA-256 ${model.sha256.slice(0, 12)}. ${sentence(notice)}`),
  );
}
