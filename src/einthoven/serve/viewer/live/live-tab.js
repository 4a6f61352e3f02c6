// @ts-check
/** The live tab: the list of streams, and the watched stream. */

import { request, ServiceError } from "../service.js";
import { announce, byId } from "../ui/dom.js";
import { clearAnswer, markStale, showAnswer } from "./live-answer.js";
import { Monitor } from "./monitor.js";
import { nameOf, removeStream, renderStreams, updateStreams } from "./stream-list.js";
import { WatchedStream } from "./watched-stream.js";

/** @typedef {import("./watched-stream.js").StatusKind} StatusKind */

const LIST_MS = 2000;
const TIMEOUT_MS = 4000; // of the list, after which the service counts as away
const TICK_MS = 250;
/** @type {StatusKind[]} in which no past tracing is shown */
const CURRENT_KINDS = ["live", "behind", "connecting", "none"];

/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;
let asking = false;
let serviceResponds = true;
/** @type {WatchedStream | null} */
let watched = null;
/** @type {StatusKind | null} that is shown */
let kind = null;
const monitor = new Monitor(byId("monitor"));

/** Start when the tab is shown. */
export function start() {
  refresh();
  timer ??= setInterval(refresh, LIST_MS);
  monitor.start();
  tick();
}

/** Stop when the tab is hidden. */
export function stop() {
  clearInterval(timer);
  timer = undefined;
  monitor.stop();
}

async function refresh() {
  if (asking) return;
  asking = true;
  const { streams, problem } = await fetchStreams();
  asking = false;
  const connected = streams.filter(({ state }) => state !== "gone");
  const url = `${location.origin.replace(/^http/, "ws")}/v1/stream`;
  const hint = `No monitor is connected. To try it: einthoven replay FILE --loop --url ${url}`;
  byId("no-streams").textContent = problem || (connected.length ? "" : hint);
  if (connected.length === 1 && !watched) watch(connected[0]);
  tick();
  render();
}

/** @returns {Promise<{streams: StreamEntry[], problem: string}>} */
async function fetchStreams() {
  try {
    const response = await request("/v1/streams", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { streams } = await response.json();
    updateStreams(streams);
    if (!serviceResponds) watched?.connection.hurry();
    serviceResponds = true;
    return { streams, problem: "" };
  } catch (error) {
    serviceResponds = error instanceof ServiceError && error.status > 0 && error.status < 500;
    const { message } = /** @type {Error} */ (error);
    return { streams: [], problem: serviceResponds ? message : "The service does not respond. Trying again." };
  }
}

function render() {
  const current = kind === null || CURRENT_KINDS.includes(kind);
  const { stream, over } = watched ?? {};
  renderStreams({ watched: stream, current, over, serviceResponds, onwatch: watch, ondismiss: dismiss });
}

/** @param {Pick<StreamEntry, "stream" | "name">} entry */
function watch(entry) {
  if (watched?.stream === entry.stream) return;
  leave();
  watched = new WatchedStream(entry.stream, nameOf(entry), show);
  tick();
}

function leave() {
  watched?.close();
  watched = null;
  kind = null;
  monitor.begin([]);
  clearAnswer();
}

/** @param {string} stream */
function dismiss(stream) {
  removeStream(stream);
  if (watched?.stream === stream) leave();
  tick();
  render();
}

/** @param {StreamMessage} message */
function show(message) {
  if (message.type === "ready" && message.leads.join() !== monitor.leads.join()) monitor.begin(message.leads);
  if (message.type === "samples") monitor.add(message);
  if (message.type === "answer") showAnswer(message);
  tick();
}

/** Timers may have been paused, and the network may be available again. */
function wake() {
  watched?.connection.hurry();
  if (timer) refresh();
  tick();
}

/** Show whether the watched stream is current. Runs by the clock too: silence sends no message. */
function tick() {
  const status = watched?.status(serviceResponds) ?? { kind: "none", text: "No stream is selected." };
  const current = CURRENT_KINDS.includes(status.kind);
  if (byId("live-state").textContent !== status.text) byId("live-state").textContent = status.text;
  if (status.kind === "behind") markStale("the answers stopped");
  else if (status.kind !== "live") markStale("the signal was lost");
  if (monitor.stale === current) monitor.setStale(!current);
  if (status.kind === kind) return;
  const name = watched?.name ?? "";
  byId("live-name").textContent = name;
  byId("live-bar").dataset.kind = status.kind;
  byId("dismiss").hidden = status.kind !== "over";
  const again = status.kind === "live" && kind !== null && kind !== "connecting";
  if (status.kind !== "none") announce(`${name}: ${again ? "live again" : status.text}`);
  kind = status.kind;
  render();
}

byId("dismiss").addEventListener("click", () => watched && dismiss(watched.stream));
setInterval(tick, TICK_MS);
for (const event of ["pageshow", "online", "offline", "visibilitychange"]) addEventListener(event, wake);
