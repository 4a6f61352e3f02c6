// @ts-check
/** The evidence below the findings: criteria, ST segments, what happens over time, changes against a previous ECG. */

import { el } from "../ui/dom.js";
import { clock, formatPercent, formatRecordedAt, sentence } from "../ui/format.js";

const SHOWN_MV = 0.05; // an ST deviation that is marked

/**
 * Return the sections of evidence that the answer has.
 * @param {Interpretation} answer
 * @param {(start: number) => void} goTo shows another time of the recording
 */
export function evidence(answer, goTo) {
  return [
    comparison(answer.comparison),
    overTime(answer.over_time, goTo),
    criteria(answer.criteria),
    stTable(answer.measurements),
  ];
}

/**
 * What changed since a previous recording.
 * @param {Comparison | undefined} found
 */
function comparison(found) {
  if (!found) return null;
  const recorded = found.recorded_at ? `, recorded ${formatRecordedAt(found.recorded_at)}` : "";
  return el(
    "section",
    { class: "notes" },
    el("h3", {}, "Changes"),
    el("p", {}, `Compared with the previous ECG${recorded}. ${found.in_words}`),
  );
}

/**
 * @param {Criterion[]} all
 */
function criteria(all) {
  const met = all.filter((criterion) => criterion.met);
  const unknown = all.filter((criterion) => criterion.met === null);
  if (!all.length) return null;
  /** @param {Criterion} criterion */
  const item = ({ name, reason, source }) =>
    el("li", { title: source }, el("b", {}, sentence(name)), ` ${sentence(reason)}`);
  return el(
    "section",
    { class: "criteria" },
    el("h3", {}, "Criteria met"),
    met.length ? el("ul", {}, met.map(item)) : el("p", { class: "hint" }, `None of ${all.length}.`),
    unknown.length > 0 &&
      el("details", {}, el("summary", {}, `${unknown.length} could not be evaluated`), el("ul", {}, unknown.map(item))),
  );
}

/**
 * ST at J and 80 ms later in mV; a deviation is marked by its sign and weight, not by colour alone.
 * @param {Measurements | null} measurements
 */
function stTable(measurements) {
  const leads = Object.entries(measurements?.leads ?? {}).filter(([, lead]) => lead.st_j_mv !== null);
  if (!leads.length) return null;
  const rows = leads.map(([name, lead]) =>
    el("tr", {}, el("th", { scope: "row" }, name), [lead.st_j_mv, lead.st_j60_mv, lead.st_j80_mv].map(cell)),
  );
  const head = ["Lead", "J", "J+60", "J+80"].map((text) => el("th", { scope: "col" }, text));
  return el(
    "details",
    { class: "st-table" },
    el("summary", {}, "ST segment, mV"),
    el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)),
  );
}

/** @param {number | null} mv */
function cell(mv) {
  if (mv === null) return el("td", {}, "–");
  const text = `${mv > 0 ? "+" : mv < 0 ? "−" : ""}${Math.abs(mv).toFixed(2)}`;
  return el("td", {}, Math.abs(mv) >= SHOWN_MV ? el("b", {}, text) : text);
}

/**
 * @param {TimeShare[]} shares
 * @param {(start: number) => void} goTo
 */
function overTime(shares, goTo) {
  if (!shares.length) return null;
  const critical = new Set(shares.filter(({ kind }) => kind === "critical").map(({ code }) => code));
  const once = shares.filter(({ kind, code }) => kind !== "rhythm" || !critical.has(code));
  const rows = once.map(({ name, share, longest, episodes }) => {
    const place = `${clock(longest.start_s)} to ${clock(longest.end_s)}`;
    const button = el("button", { class: "link", onclick: () => goTo(longest.start_s) }, place);
    const count = episodes > 1 ? `, ${episodes} episodes, the longest ` : ", ";
    return el("li", {}, `${sentence(name).slice(0, -1)} ${formatPercent(share)} of the time${count}`, button);
  });
  return el("section", { class: "notes" }, el("h3", {}, "Over the recording"), el("ul", {}, rows));
}
