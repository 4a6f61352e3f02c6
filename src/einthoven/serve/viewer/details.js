/** What else was found, how good the leads are, and what to note. */

import { bars } from "./bars.js";
import { el } from "./dom.js";
import { clock, finePercent, percent, problems, seconds, sentence } from "./words.js";

/** All of an answer below its headline. `shade` is {label, toggle} or nothing; `goto` shows a time. */
export function details(answer, shade, goto) {
  return [
    ...found(answer, shade),
    stretch(answer, goto),
    notes(answer),
    quality(answer.quality),
    scores(answer.scores_only),
    provenance(answer),
  ].filter(Boolean);
}

/** MI has its own answer, of two thresholds: a second verdict by a third would contradict it. */
const besideMi = (answer) => answer.findings.filter(({ label }) => !(answer.mi && label === "MI"));

function found(answer, shade) {
  if (answer.abstained) return [];
  const named = new Set(answer.findings.map(({ label }) => label));
  const others = answer.statements
    .filter(({ label }) => !named.has(label))
    .sort((a, b) => b.probability - a.probability);
  const absent = others.filter(({ present }) => !present);
  return [
    bars("Findings", besideMi(answer), shade),
    bars(
      "Statements",
      others.filter(({ present }) => present),
      shade,
      "None of the model's statements reaches its threshold.",
    ),
    absent.length > 0 &&
      el(
        "details",
        {},
        el("summary", {}, `${absent.length} statements not present`),
        bars("Not present", absent, shade),
      ),
  ];
}

function stretch({ most_abnormal: most }, goto) {
  if (!most) return null;
  const present = besideMi(most).filter((finding) => finding.present);
  const said = present.map(({ name, probability }) => `${name} ${percent(probability)}`).join(", ");
  const infarct = most.mi ? `Infarct pattern ${finePercent(most.mi.probability)}: ${most.mi.in_words}. ` : "";
  return el(
    "section",
    {},
    el("h3", {}, "Most abnormal 30 s"),
    el(
      "p",
      {},
      el(
        "button",
        { class: "link", onclick: () => goto(most.start_s) },
        `${clock(most.start_s)} to ${clock(most.end_s)}`,
      ),
      ` ${infarct}Other findings: ${said || "none"}.`,
    ),
  );
}

function notes({ recording, warnings }) {
  const derived = recording.derived_leads;
  const said = [
    ...(recording.short ? ["Shorter than the 10 s that the model is made for."] : []),
    ...(derived.length
      ? [`${derived.join(", ")} ${derived.length > 1 ? "were" : "was"} computed from the other limb leads.`]
      : []),
    ...[...recording.warnings, ...warnings]
      .filter(({ code }) => code !== "lead-quality") // the leads' quality names them
      .map(({ text }) => text),
  ];
  if (!said.length) return null;
  return el(
    "section",
    { class: "notes" },
    el("h3", {}, "Notes"),
    el(
      "ul",
      {},
      said.map((one) => el("li", {}, one)),
    ),
  );
}

function quality({ acceptable, leads }) {
  const good = leads.filter((lead) => !lead.problems.length).map((lead) => lead.lead);
  const rest = leads.filter((lead) => lead.problems.length);
  return el(
    "section",
    { class: "quality" },
    el("h3", {}, "Signal quality"),
    el(
      "p",
      {},
      acceptable ? "Fit to be interpreted." : "Not fit to be interpreted.",
      rest.length ? "" : " All leads are good.",
    ),
    rest.length > 0 &&
      el(
        "ul",
        {},
        rest.map((lead) => el("li", { class: "poor" }, el("b", {}, lead.lead), ` ${problems(lead)}`)),
        good.length > 0 && el("li", {}, el("b", {}, good.join(", ")), " good"),
      ),
  );
}

function scores(low) {
  if (!low.length) return null;
  return el(
    "details",
    { class: "scores" },
    el("summary", {}, `${low.length} scores that are no probabilities`),
    el(
      "p",
      { class: "hint" },
      "The training data held too few of these to calibrate. A score orders tracings and says no more.",
    ),
    el(
      "dl",
      {},
      [...low]
        .sort((a, b) => b.score - a.score)
        .map(({ name, score }) => el("div", {}, el("dt", {}, name), el("dd", {}, score.toFixed(2)))),
    ),
  );
}

function provenance({ model, recording, notice }) {
  const leads = `${recording.leads.length} leads`;
  return el(
    "section",
    { class: "provenance" },
    el(
      "p",
      {},
      [recording.format, seconds(recording.duration_s), `${recording.rate_hz} Hz`, leads].filter(Boolean).join(", "),
      ".",
    ),
    el("p", {}, `Model ${model.name} ${model.version}, SHA-256 ${model.sha256.slice(0, 12)}. ${sentence(notice)}`),
  );
}
