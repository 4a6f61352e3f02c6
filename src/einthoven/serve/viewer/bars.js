/** Probabilities as bars, with the thresholds as ticks and numbers. */

import { el } from "./dom.js";
import { percent } from "./words.js";

/** A bar of `probability` with ticks at `thresholds`; for the eye only, the numbers stand beside it. */
export function gauge(probability, thresholds, kind) {
  const filled = el("span", { class: "filled" });
  filled.style.width = `${100 * probability}%`;
  const ticks = thresholds.map((at) => {
    const tick = el("span", { class: "tick" });
    tick.style.left = `${100 * at}%`;
    return tick;
  });
  return el("span", { class: `gauge ${kind}`, "aria-hidden": "true" }, filled, ticks);
}

/** A finding in a line; pressing it calls `onshade`, where there is one. */
export function bar(finding, pressed, onshade) {
  const { name, probability, threshold, present } = finding;
  const said = `${name}: ${percent(probability)}, ${present ? "present" : "not present"}, threshold ${percent(threshold)}`;
  const parts = [
    el("span", { class: "dot", "aria-hidden": "true" }, present ? "●" : "○"),
    el("span", { class: "name" }, name),
    el("span", { class: "value" }, percent(probability)),
    gauge(probability, [threshold], present ? "present" : "absent"),
    el("span", { class: "threshold" }, percent(threshold)),
  ];
  const kind = `bar-row ${present ? "present" : "absent"}`;
  if (!onshade) return el("li", {}, el("span", { class: kind, role: "img", "aria-label": said }, parts));
  const title = pressed ? "Hide the shading" : "Shade what speaks for it";
  return el(
    "li",
    {},
    el("button", { class: kind, "aria-pressed": String(pressed), "aria-label": said, title, onclick: onshade }, parts),
  );
}

/** Findings as bars below a title. `shade` is {label, toggle} or nothing. */
export function bars(title, findings, shade, none = "") {
  const rows = findings.map((finding) =>
    bar(finding, shade?.label === finding.label, shade && (() => shade.toggle(finding.label, finding.name))),
  );
  return el(
    "section",
    { class: "bars" },
    el(
      "h3",
      {},
      title,
      el("span", { class: "columns", "aria-hidden": "true" }, el("span", {}, "probability"), el("span", {}, "threshold")),
    ),
    rows.length ? el("ul", {}, rows) : el("p", { class: "hint" }, none),
  );
}
