/** The recordings that were opened: asked about one after the other, and what became of them. */

import { announce } from "./dom.js";
import { group } from "./files.js";
import { call, interpret } from "./service.js";
import { change, state, touched } from "./store.js";
import { sentence } from "./words.js";

const AT_ONCE = 2;
const LONG_BYTES = 4e6;
const waiting = [];
let busy = 0;

/** Open files; the first of them is shown. */
export async function open(files) {
  const found = await group(files);
  add(found.map((one) => ({ ...one, simulated: false })));
}

/** Open a simulated tracing by its name. */
export async function openSample(sample) {
  const response = await call(`/v1/samples/${encodeURIComponent(sample.name)}`);
  const file = new File([await response.blob()], `${sample.name}.json`);
  add([{ name: sample.title, files: [file], simulated: true }]);
}

function add(found) {
  if (!found.length) return;
  const recordings = found.map((one) => ({ ...one, explanations: new Map() }));
  change({ recordings: [...state.recordings, ...recordings] });
  queue(recordings);
  select(recordings[0]);
}

/** Ask again about one that failed, with what its `table` does not say. */
export function again(recording, table) {
  Object.assign(recording, { table, problem: undefined });
  queue([recording]);
}

function queue(recordings) {
  for (const recording of recordings) recording.status = "waiting";
  waiting.push(...recordings);
  while (busy < AT_ONCE && waiting.length) work();
}

export function select(recording) {
  change({ selected: recording, start: 0, shade: null });
}

export function close(recording) {
  const place = state.recordings.indexOf(recording);
  const recordings = state.recordings.filter((other) => other !== recording);
  change({ recordings });
  if (state.selected === recording) select(recordings[Math.min(place, recordings.length - 1)] ?? null);
}

async function work() {
  busy += 1;
  for (let recording = waiting.shift(); recording; recording = waiting.shift()) {
    if (state.recordings.includes(recording)) await read(recording);
  }
  busy -= 1;
}

async function read(recording) {
  recording.status = "reading";
  touched(recording);
  try {
    const { tracing, ...answer } = await ask(recording);
    recording.tracing = tracing && tracingOf(tracing);
    recording.answer = answer;
    recording.status = "done";
    if (recording === state.selected) announce(`${recording.name}: ${brief(answer)}`);
  } catch (problem) {
    recording.problem = problem;
    recording.status = "failed";
  }
  touched(recording);
}

/** The answer with the tracing. Of a long recording they come one by one, without the tracing if that is too much. */
async function ask(recording) {
  const long = recording.files.reduce((bytes, file) => bytes + file.size, 0) > LONG_BYTES;
  const answer = await (await interpret(recording, { tracing: String(!long), intervals: "true" })).json();
  if (!long) return answer;
  try {
    return { ...answer, tracing: (await (await interpret(recording, { tracing: "true" })).json()).tracing };
  } catch {
    return answer;
  }
}

function tracingOf({ rate_hz, leads, signal }) {
  const lines = new Map(leads.map((lead, row) => [lead, Float32Array.from(signal[row])]));
  return { rate: rate_hz, leads, lines, seconds: signal[0].length / rate_hz };
}

/** An answer in a sentence. */
export function brief(answer) {
  if (answer.abstained) return `Not interpreted: ${answer.abstained_because.join("; ")}.`;
  return answer.mi ? sentence(answer.mi.in_words) : "Interpreted.";
}

/** An answer in a few words, for the list. */
export function glance(recording) {
  if (recording.status === "failed") return "not read";
  if (recording.status !== "done") return recording.status;
  if (recording.answer.abstained) return "not interpreted";
  return recording.answer.mi?.in_words ?? "interpreted";
}
