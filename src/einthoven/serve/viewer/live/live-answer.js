// @ts-check
/** The answer and the alerts of a watched stream, either current or marked as past. */

import { details } from "../answer/details.js";
import { headline } from "../answer/headline.js";
import { announce, byId, el, replaceKeepingOpen } from "../ui/dom.js";
import { clock, sentence, timeOfDay } from "../ui/format.js";

const alertBox = byId("alert");
const headlineBox = byId("live-headline");
const detailsBox = byId("live-details");
const title = el("h2");

/** @typedef {{now: string, past: string, since: number}} Alarm what is shown while it is current and later; s */

/** @type {Alarm[]} */
let alarms = [];
/** @type {Date | null} */
let answeredAt = null;
let lost = ""; // the reason, if the answer is past

/**
 * Show a new, current answer.
 * @param {AnswerMessage} answer
 */
export function showAnswer(answer) {
  const { interpretation } = answer;
  const known = new Set(alarms.map(({ past }) => past));
  alarms = alarmsOf(answer);
  for (const { now, past } of alarms) if (!known.has(past)) announce(now);
  answeredAt = new Date();
  headlineBox.hidden = detailsBox.hidden = !interpretation;
  if (interpretation) {
    headlineBox.replaceChildren(title, ...headline(interpretation));
    replaceKeepingOpen(detailsBox, details(interpretation));
  }
  lost = "";
  render();
}

/**
 * The alarms of an answer, the most urgent first.
 * @param {AnswerMessage} answer
 * @returns {Alarm[]}
 */
function alarmsOf({ critical_alerts: critical, st_trend: trend, alert }) {
  const found = critical.map(({ name, since_s: since }) => ({ now: sentence(name).slice(0, -1), past: name, since }));
  if (alert?.active) found.push({ now: "Infarct-pattern alert", past: "infarct pattern", since: alert.since_s });
  if (trend.alert) {
    const past = `ST change in ${trend.alert.leads.join(", ")}`;
    found.push({ now: past, past, since: trend.alert.since_s });
  }
  return found;
}

/**
 * Mark what is shown as past, until the next answer.
 * @param {string} event what happened since
 */
export function markStale(event) {
  if (lost === event) return;
  lost = event;
  render();
}

/** An active alert stays, and states that it is past. */
function render() {
  for (const box of [alertBox, headlineBox, detailsBox]) box.classList.toggle("stale", Boolean(lost));
  if (answeredAt && lost) {
    title.replaceChildren(`The 10 s before ${timeOfDay(answeredAt)}`, el("em", { class: "badge" }, "not current"));
  } else {
    title.replaceChildren("The last 10 s");
  }
  alertBox.hidden = alarms.length === 0;
  const lines = alarms.map(({ now, past, since }) =>
    lost ? `◇ ALERT before ${lost}: ${past} since ${clock(since)}` : `◆ ${now} since ${clock(since)}`,
  );
  if (alertBox.textContent === lines.join("")) return; // screen readers speak each change
  alertBox.replaceChildren(...lines.map((line) => el("p", {}, line)));
}

/** Show nothing: no stream is watched, or another one. */
export function clearAnswer() {
  alarms = [];
  answeredAt = null;
  lost = "";
  alertBox.hidden = headlineBox.hidden = detailsBox.hidden = true;
}
