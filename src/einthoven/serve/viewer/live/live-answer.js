// @ts-check
/** The answer and the alert of a watched stream, either current or marked as past. */

import { details } from "../answer/details.js";
import { headline } from "../answer/headline.js";
import { announce, byId, el, replaceKeepingOpen } from "../ui/dom.js";
import { clock, timeOfDay } from "../ui/format.js";

const alertBox = byId("alert");
const headlineBox = byId("live-headline");
const detailsBox = byId("live-details");
const title = el("h2");

/** @type {number | null} time of the stream in s since which there is an alert */
let alertSince = null;
/** @type {Date | null} */
let answeredAt = null;
let lost = ""; // the reason, if the answer is past

/**
 * Show a new, current answer.
 * @param {AnswerMessage} answer
 */
export function showAnswer({ alert, interpretation }) {
  const since = alert?.active ? alert.since_s : null;
  if (since !== null && alertSince === null) announce("Infarct-pattern alert");
  alertSince = since;
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
  alertBox.hidden = alertSince === null;
  if (alertSince === null) return;
  const text = lost
    ? `◇ ALERT before ${lost}: infarct pattern since ${clock(alertSince)}`
    : `◆ Infarct-pattern alert since ${clock(alertSince)}`;
  if (alertBox.textContent !== text) alertBox.textContent = text; // screen readers speak each change
}

/** Show nothing: no stream is watched, or another one. */
export function clearAnswer() {
  alertSince = answeredAt = null;
  lost = "";
  alertBox.hidden = headlineBox.hidden = detailsBox.hidden = true;
}
