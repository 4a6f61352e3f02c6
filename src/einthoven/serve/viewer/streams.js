/** The list of streams: those the service has, and those it had until somebody dismisses them. */

import { Age } from "./age.js";
import { byId, el } from "./dom.js";
import { clock, seconds, timeOfDay } from "./words.js";

const MOST_GONE = 128;

const list = byId("streams");
const listed = new Map(); // stream: what the service said of it last, and `left`, when it was no longer there

/** What a stream is called. */
export const nameOf = ({ stream, name }) => name ?? `Monitor ${stream.slice(0, 6)}`;

/** What the service says of its streams now. */
export function update(streams) {
  const there = new Set(streams.map(({ stream }) => stream));
  for (const entry of listed.values()) if (!there.has(entry.stream)) entry.left ??= new Date();
  for (const entry of streams) {
    const newest = new Age();
    newest.mark(1000 * entry.silent_s);
    listed.set(entry.stream, { ...entry, newest });
  }
  const gone = [...listed.values()].filter(({ left }) => left);
  for (const { stream } of gone.slice(0, -MOST_GONE)) listed.delete(stream);
}

export const dismiss = (stream) => listed.delete(stream);

/**
 * Show the list. `answers`: whether the service answers; `current`: whether the watched stream is of now;
 * `over`: how it ended, if it has.
 */
export function render({ watched, current, over, answers, onwatch, ondismiss }) {
  const place = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(
    ...[...listed.values()].map((entry) => {
      const here = entry.stream === watched;
      const past = (here && over?.glance) || (entry.left && words(entry));
      if (past) return goneRow(entry, past, here, ondismiss);
      return row(entry, here, answers, entry.state === "live" && (current || !here), onwatch);
    }),
  );
  if (place >= 0) list.querySelectorAll("button")[place]?.focus();
}

const words = ({ state, left }) =>
  state === "gone" ? `gone, not back by ${timeOfDay(left)}` : `ended or lost, not there since ${timeOfDay(left)}`;

function row(entry, here, answers, live, onwatch) {
  const raised = Boolean(entry.alert?.active);
  const { sign, kind, glance } = answers && live ? now(entry, raised) : before(entry, raised, answers);
  return el(
    "li",
    {},
    el(
      "button",
      {
        class: `item ${kind}`,
        "aria-current": String(here),
        "data-stream": entry.stream,
        onclick: () => onwatch(entry),
      },
      el("span", { class: "sign", "aria-hidden": "true" }, sign),
      el("span", { class: "name" }, nameOf(entry)),
      el("span", { class: "glance" }, glance.filter(Boolean).join(", ")),
    ),
  );
}

const now = ({ seconds: time, heart_rate_bpm: rate }, raised) => ({
  sign: raised ? "◆" : "●",
  kind: raised ? "rule-in" : "",
  glance: [raised && "alert", `connected ${clock(time)}`, rate && `${Math.round(rate)} bpm`],
});

function before({ state, newest }, raised, answers) {
  const ago = seconds(Math.floor(newest.ms / 1000));
  const what = answers ? `${state === "gone" ? state : "silent"} for ${ago}` : "unknown: the service does not answer";
  return { sign: raised ? "◇" : "○", kind: "past", glance: [raised && "alert before the signal was lost", what] };
}

function goneRow(entry, past, here, ondismiss) {
  const name = nameOf(entry);
  return el(
    "li",
    {},
    el(
      "div",
      { class: "item past", "aria-current": String(here), "data-stream": entry.stream },
      el("span", { class: "sign", "aria-hidden": "true" }, "✕"),
      el("span", { class: "name" }, name),
      el("span", { class: "glance" }, [entry.alert?.active && "alert before the end", past].filter(Boolean).join(", ")),
    ),
    el(
      "button",
      { class: "close", "aria-label": `Dismiss ${name}`, title: "Dismiss", onclick: () => ondismiss(entry.stream) },
      "×",
    ),
  );
}
