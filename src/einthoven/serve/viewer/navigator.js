/** A long recording's segments, and which of its time the paper shows. */

import { byId, el, svg } from "./dom.js";
import { SECONDS, latestStart } from "./layout.js";
import { onChange, state, change } from "./store.js";
import { MI_IN_WORDS, clock, finePercent } from "./words.js";

const HIGH = 18;
const WIDE = 1000;
const node = byId("navigator");

/** Show the time from `start` s. */
export function goto(start) {
  const { tracing } = state.selected;
  if (!tracing) return; // too long to be drawn
  const latest = latestStart(tracing);
  change({ start: Math.min(Math.max(start, 0), latest) });
}

/** The segment that lies most under the paper. */
function current(answer) {
  const shared = ({ start_s: from, end_s: to }) => Math.min(to, state.start + SECONDS) - Math.max(from, state.start);
  return answer.segments.reduce((best, one) => (best && shared(best) >= shared(one) ? best : one), null);
}

function said(segment, answer) {
  if (!segment) return "";
  const span = `${clock(segment.start_s)} to ${clock(segment.end_s)}: `;
  if (!segment.mi) return `${span}not interpreted, ${segment.abstained_because.join("; ")}`;
  const names = new Map([...answer.findings, ...answer.statements].map(({ label, name }) => [label, name]));
  const found = [...new Set(segment.present)]
    .filter((label) => label !== "MI")
    .map((label) => names.get(label) ?? label);
  const rate = segment.heart_rate_bpm ? `, ${Math.round(segment.heart_rate_bpm)} bpm` : "";
  const infarct = `infarct pattern ${finePercent(segment.mi.probability)}: ${MI_IN_WORDS[segment.mi.decision]}`;
  return `${span}${infarct}${rate}. Other findings: ${found.join(", ") || "none"}.`;
}

function draw(answer, tracing) {
  const at = (time) => (WIDE * time) / tracing.seconds;
  const blocks = answer.segments.map((segment) => {
    const kind = segment.mi ? segment.mi.decision : "withheld";
    const x = at(segment.start_s);
    const width = Math.max(at(segment.end_s - segment.start_s) - 2, 0.5);
    const high = segment.mi ? 4 + (HIGH - 4) * segment.mi.probability : HIGH / 2;
    return svg("rect", { class: kind, x, width, y: HIGH - high, height: high, onclick: () => goto(segment.start_s) });
  });
  const most = answer.most_abnormal;
  const bracket = most && svg("path", { class: "most", d: `M${at(most.start_s)} ${HIGH + 2}v3H${at(most.end_s)}v-3` });
  const window = svg("rect", {
    class: "window",
    x: at(state.start),
    width: at(Math.min(SECONDS, tracing.seconds)),
    y: 0,
    height: HIGH,
  });
  return svg(
    "svg",
    { viewBox: `0 -1 ${WIDE} ${HIGH + 8}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    blocks,
    bracket,
    window,
  );
}

onChange(["selected", "start"], () => {
  const { answer, tracing } = state.selected ?? {};
  node.hidden = !tracing || tracing.seconds < SECONDS + 0.5;
  if (node.hidden) {
    node.replaceChildren();
    return;
  }
  const held = node.contains(document.activeElement) ? document.activeElement.dataset.part : null;
  const text = `Shown from ${clock(state.start)} of ${clock(tracing.seconds)}`;
  const slider = el("input", {
    type: "range",
    min: 0,
    max: latestStart(tracing),
    step: 1,
    value: state.start,
    "data-part": "range",
    "aria-label": "Time shown",
    "aria-valuetext": text,
    oninput: (event) => goto(Number(event.target.value)),
  });
  const share = (time) => `${(100 * time) / tracing.seconds}%`;
  slider.style.width = `calc(${share(latestStart(tracing))} + 16px)`; // its thumb, 16 px wide, stays below the window
  slider.style.marginLeft = `calc(${share(SECONDS / 2)} - 8px)`;
  node.replaceChildren(
    el(
      "button",
      {
        "data-part": "back",
        "aria-label": "10 s back",
        title: "10 s back (Page Up)",
        onclick: () => goto(state.start - SECONDS),
      },
      "‹",
    ),
    el("div", { class: "times" }, draw(answer, tracing), slider),
    el(
      "button",
      {
        "data-part": "on",
        "aria-label": "10 s on",
        title: "10 s on (Page Down)",
        onclick: () => goto(state.start + SECONDS),
      },
      "›",
    ),
    el("p", { class: "segment" }, said(current(answer), answer)),
  );
  if (held) node.querySelector(`[data-part=${held}]`)?.focus();
});
