// @ts-check
/** The list of streams: those the service has, and those it had until the user dismisses them. */

import { byId, el, keepFocus } from "../ui/dom.js";
import { clock, formatDuration, timeOfDay } from "../ui/format.js";
import { Age } from "./connection.js";

/**
 * What the service stated last about a stream, how old its newest sample is, and when the stream was no longer there.
 * @typedef {StreamEntry & {newest: Age, missingSince?: Date}} ListedStream
 */
/**
 * @typedef {object} ListView
 * @property {string} [watched] the stream that is watched
 * @property {boolean} current whether its tracing is current
 * @property {{summary: string} | null} [over] how it ended
 * @property {boolean} serviceResponds
 * @property {(stream: StreamEntry) => void} onwatch
 * @property {(stream: string) => void} ondismiss
 */

const MOST_MISSING = 128;
const list = byId("streams");
/** @type {Map<string, ListedStream>} */
const streams = new Map();

/**
 * @param {Pick<StreamEntry, "stream" | "name">} entry
 */
export const nameOf = ({ stream, name }) => name ?? `Monitor ${stream.slice(0, 6)}`;

/**
 * Take the current list of the service.
 * @param {StreamEntry[]} entries
 */
export function updateStreams(entries) {
  const present = new Set(entries.map(({ stream }) => stream));
  for (const entry of streams.values()) if (!present.has(entry.stream)) entry.missingSince ??= new Date();
  for (const entry of entries) {
    const newest = new Age();
    newest.mark(1000 * entry.silent_s);
    streams.set(entry.stream, { ...entry, newest });
  }
  const missing = [...streams.values()].filter(({ missingSince }) => missingSince);
  for (const { stream } of missing.slice(0, -MOST_MISSING)) streams.delete(stream);
}

/** @param {string} stream */
export const removeStream = (stream) => streams.delete(stream);

/**
 * Show the list.
 * @param {ListView} view
 */
export function renderStreams({ watched, current, over, serviceResponds, onwatch, ondismiss }) {
  const rows = [...streams.values()].map((entry) => {
    const selected = entry.stream === watched;
    const end = (selected && over?.summary) || (entry.missingSince && missingText(entry, entry.missingSince));
    if (end) return endedRow(entry, end, selected, ondismiss);
    const live = serviceResponds && entry.state === "live" && (current || !selected);
    const glance = live ? liveGlance(entry) : pastGlance(entry, serviceResponds);
    const onclick = () => onwatch(entry);
    return el(
      "li",
      {},
      el("button", { ...attributesOf(entry, glance.kind, selected), onclick }, content(entry, glance)),
    );
  });
  keepFocus(list, () => list.replaceChildren(...rows));
}

/** @param {ListedStream} entry */
const hasAlert = ({ alert, critical_alerts: critical }) => Boolean(alert?.active || critical.length);

/** @typedef {{sign: string, kind: string, texts: (string | false | null | undefined)[]}} Glance */

/**
 * @param {ListedStream} entry
 * @param {string} kind
 * @param {boolean} selected
 */
const attributesOf = ({ stream }, kind, selected) => ({
  class: `item ${kind}`,
  "aria-current": String(selected),
  "data-stream": stream,
});

/**
 * @param {ListedStream} entry
 * @param {Glance} glance
 */
const content = (entry, { sign, texts }) => [
  el("span", { class: "sign", "aria-hidden": "true" }, sign),
  el("span", { class: "name" }, nameOf(entry)),
  el("span", { class: "glance" }, texts.filter(Boolean).join(", ")),
];

/**
 * @param {ListedStream} entry
 * @returns {Glance}
 */
function liveGlance(entry) {
  const { seconds, heart_rate_bpm: rate, critical_alerts: critical } = entry;
  const alarm = hasAlert(entry);
  const texts = [
    alarm && (critical[0]?.name ?? "alert"),
    `connected ${clock(seconds)}`,
    rate !== null && `${Math.round(rate)} bpm`,
  ];
  return { sign: alarm ? "◆" : "●", kind: alarm ? "rule-in" : "", texts };
}

/**
 * @param {ListedStream} entry
 * @param {boolean} serviceResponds
 * @returns {Glance}
 */
function pastGlance(entry, serviceResponds) {
  const { state, newest } = entry;
  const ago = formatDuration(Math.floor(newest.ms / 1000));
  const known = `${state === "gone" ? "disconnected" : "silent"} for ${ago}`;
  const text = serviceResponds ? known : "unknown: the service does not respond";
  const texts = [hasAlert(entry) && "alert before the signal was lost", text];
  return { sign: hasAlert(entry) ? "◇" : "○", kind: "past", texts };
}

/**
 * @param {ListedStream} entry
 * @param {Date} since
 */
const missingText = ({ state }, since) =>
  state === "gone" ? `disconnected, not back by ${timeOfDay(since)}` : `ended or lost by ${timeOfDay(since)}`;

/**
 * @param {ListedStream} entry
 * @param {string} end
 * @param {boolean} selected
 * @param {(stream: string) => void} ondismiss
 */
function endedRow(entry, end, selected, ondismiss) {
  const texts = [hasAlert(entry) && "alert before the end", end];
  const label = `Dismiss ${nameOf(entry)}`;
  const onclick = () => ondismiss(entry.stream);
  return el(
    "li",
    {},
    el("div", attributesOf(entry, "past", selected), content(entry, { sign: "✕", kind: "past", texts })),
    el("button", { class: "close", "aria-label": label, title: "Dismiss", onclick }, "×"),
  );
}
