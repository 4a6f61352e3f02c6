/** The answer and the alert of a watched stream, as of now or marked as of the past. */

import { headline } from "./answer.js";
import { details } from "./details.js";
import { announce, byId, el } from "./dom.js";
import { clock, timeOfDay } from "./words.js";

const alertBox = byId("alert");
const top = byId("live-headline");
const rest = byId("live-details");
const title = el("h2");

let raisedAt = null; // s of the stream, while there is an alert
let answeredAt = null;
let lost = ""; // what happened since, if this is of the past

/** A new answer, which is of now. */
export function showAnswer({ alert, interpretation }) {
  const before = raisedAt;
  raisedAt = alert?.active ? alert.since_s : null;
  answeredAt = new Date();
  if (raisedAt !== null && before === null) announce("Infarct-pattern alert");
  top.hidden = rest.hidden = !interpretation;
  if (interpretation) {
    top.replaceChildren(title, ...headline(interpretation));
    const unfolded = [...rest.querySelectorAll("details")].map((one) => one.open);
    rest.replaceChildren(...details(interpretation));
    [...rest.querySelectorAll("details")].forEach((one, k) => (one.open = unfolded[k] ?? false));
  }
  lost = "";
  render();
}

/** What is shown is of the past, until the next answer; `event` is what happened since. */
export function markStale(event) {
  if (lost === event) return;
  lost = event;
  render();
}

/** An alert that was active stays, and says that it is of the past. */
function render() {
  for (const part of [alertBox, top, rest]) part.classList.toggle("stale", Boolean(lost));
  if (answeredAt) {
    title.replaceChildren(
      lost ? `The 10 s before ${timeOfDay(answeredAt)}` : "The last 10 s",
      ...(lost ? [el("em", { class: "badge" }, "not current")] : []),
    );
  }
  alertBox.hidden = raisedAt === null;
  if (raisedAt === null) return;
  const words = lost
    ? `◇ ALERT before ${lost}: infarct pattern since ${clock(raisedAt)}`
    : `◆ Infarct-pattern alert since ${clock(raisedAt)}`;
  if (alertBox.textContent !== words) alertBox.textContent = words; // said aloud when it changes, and only then
}

/** Nothing is watched, or another stream. */
export function clear() {
  raisedAt = answeredAt = null;
  lost = "";
  alertBox.hidden = top.hidden = rest.hidden = true;
}
