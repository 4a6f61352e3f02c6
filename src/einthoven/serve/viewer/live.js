/** The live tab: the streams under way, and one that is watched. */

import { announce, byId } from "./dom.js";
import { clear, markStale, showAnswer } from "./live-answer.js";
import { Monitor } from "./monitor.js";
import { call } from "./service.js";
import * as streams from "./streams.js";
import { Watched } from "./watched.js";

const EVERY_MS = 2000;
const PATIENCE_MS = 4000; // for the list, after which the service counts as away
const TICK_MS = 250;
const ALONE = { kind: "none", words: "Nothing is watched." };
const OF_NOW = ["live", "behind", "connecting", "none"]; // kinds in which no tracing of the past is shown

let timer = null;
let asking = false;
let answers = true;
let watched = null;
let kind = null; // of what is shown of it
const monitor = new Monitor(byId("monitor"));
const bar = byId("live-bar");

/** The tab is shown. */
export function start() {
  list();
  timer ??= setInterval(list, EVERY_MS);
  monitor.start();
  tick();
}

/** The tab is hidden. */
export function stop() {
  clearInterval(timer);
  timer = null;
  monitor.stop();
}

async function list() {
  if (asking) return;
  asking = true;
  let trouble = "";
  let found = [];
  try {
    const response = await call("/v1/streams", { signal: AbortSignal.timeout(PATIENCE_MS) });
    ({ streams: found } = await response.json());
    streams.update(found);
    if (!answers) watched?.connection.hurry();
    answers = true;
  } catch (problem) {
    answers = problem.status > 0 && problem.status < 500;
    trouble = answers ? problem.message : "The service does not answer. Trying again.";
  }
  asking = false;
  const connected = found.filter(({ state }) => state !== "gone");
  const here = `ws${location.protocol === "https:" ? "s" : ""}://${location.host}`;
  byId("no-streams").textContent =
    trouble ||
    (connected.length ? "" : `No monitor sends now. To try: einthoven replay FILE --loop --url ${here}/v1/stream`);
  if (connected.length === 1 && !watched) watch(connected[0]);
  tick();
  show();
}

function show() {
  const { stream, over } = watched ?? {};
  const current = OF_NOW.includes(kind);
  streams.render({ watched: stream, current, over, answers, onwatch: watch, ondismiss: dismiss });
}

/** Watch a stream from now on. */
function watch({ stream, name }) {
  if (watched?.stream === stream) return;
  leave();
  watched = new Watched(stream, streams.nameOf({ stream, name }), hear);
  tick();
}

function leave() {
  watched?.close();
  watched = null;
  kind = null;
  monitor.begin([]);
  clear();
}

function dismiss(stream) {
  streams.dismiss(stream);
  if (watched?.stream === stream) leave();
  tick();
  show();
}

function hear(message) {
  if (message.type === "ready" && message.leads.join() !== monitor.leads.join()) monitor.begin(message.leads);
  if (message.type === "samples") monitor.add(message);
  if (message.type === "answer") showAnswer(message);
  tick();
}

/** Timers may have stood still, and the network may be there again. */
function wake() {
  watched?.connection.hurry();
  if (timer) list();
  tick();
}

/** Show whether what is watched is of now. Runs by the clock too: silence sends no message. */
function tick() {
  const status = watched?.status(answers) ?? ALONE;
  if (byId("live-state").textContent !== status.words) byId("live-state").textContent = status.words;
  if (status.kind === "behind") markStale("the answers stopped");
  else if (status.kind !== "live") markStale("the signal was lost");
  monitor.setStale(!OF_NOW.includes(status.kind));
  if (status.kind === kind) return;
  const name = watched?.name ?? "";
  byId("live-name").textContent = name;
  bar.dataset.kind = status.kind;
  byId("dismiss").hidden = status.kind !== "over";
  const back = status.kind === "live" && kind !== null && kind !== "connecting";
  if (status.kind !== "none") announce(`${name}: ${back ? "watching again" : status.words}`);
  kind = status.kind;
  show();
}

byId("dismiss").addEventListener("click", () => dismiss(watched.stream));
setInterval(tick, TICK_MS);
for (const event of ["pageshow", "online", "offline", "visibilitychange"]) addEventListener(event, wake);
