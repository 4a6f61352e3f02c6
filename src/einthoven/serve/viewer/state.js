// @ts-check
/** What the page shows: the recordings that were opened, the selected one, and how to draw it. */

import { interpret, request } from "./service.js";
import { announce } from "./ui/dom.js";
import { sentence } from "./ui/format.js";

export const LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];

const WORKERS = 2;
const LONG_BYTES = 4e6;

/** @type {State} */
export const state = {
  recordings: [],
  selected: null,
  layout: "3x4",
  speed: 25,
  gain: 10,
  start: 0,
  zoom: "auto",
  explained: null,
};

/** @type {{keys: (keyof State)[], listener: () => void}[]} */
const listeners = [];
/** @type {Recording[]} */
const queue = [];
let working = 0;

/**
 * Call `listener` when one of `keys` changes.
 * @param {(keyof State)[]} keys
 * @param {() => void} listener
 */
export const onChange = (keys, listener) => listeners.push({ keys, listener });

/**
 * Set keys of `state`.
 * @param {Partial<State>} update
 */
export function change(update) {
  Object.assign(state, update);
  for (const { keys, listener } of listeners) if (keys.some((key) => key in update)) listener();
}

/**
 * Tell the listeners that a recording has changed.
 * @param {Recording} recording
 */
function touch(recording) {
  change({ recordings: state.recordings });
  if (recording === state.selected) change({ selected: recording });
}

/**
 * Open recordings, and select the first of them.
 * @param {RecordingFiles[]} opened
 */
export function openRecordings(opened) {
  if (!opened.length) return;
  /** @type {Recording[]} */
  const recordings = opened.map((files) => ({
    simulated: false,
    ...files,
    status: "waiting",
    explanations: new Map(),
  }));
  change({ recordings: [...state.recordings, ...recordings] });
  enqueue(recordings);
  select(recordings[0]);
}

/**
 * Open a simulated recording.
 * @param {Sample} sample
 */
export async function openSample(sample) {
  const response = await request(`/v1/samples/${encodeURIComponent(sample.name)}`);
  const file = new File([await response.blob()], `${sample.name}.json`);
  openRecordings([{ name: sample.title, files: [file], simulated: true }]);
}

/**
 * Interpret a failed table again, with the options that its file lacks.
 * @param {Recording} recording
 * @param {TableFacts} table
 */
export function retry(recording, table) {
  Object.assign(recording, { table, problem: undefined, status: "waiting" });
  enqueue([recording]);
}

/**
 * @param {Recording | null} recording
 */
export function select(recording) {
  change({ selected: recording, start: 0, explained: null });
}

/**
 * @param {Recording} recording
 */
export function close(recording) {
  const place = state.recordings.indexOf(recording);
  const recordings = state.recordings.filter((other) => other !== recording);
  change({ recordings });
  if (state.selected === recording) select(recordings[Math.min(place, recordings.length - 1)] ?? null);
}

/**
 * @param {Recording[]} recordings
 */
function enqueue(recordings) {
  queue.push(...recordings);
  while (working < WORKERS && queue.length) work();
}

async function work() {
  working += 1;
  for (let recording = queue.shift(); recording; recording = queue.shift()) {
    if (state.recordings.includes(recording)) await read(recording);
  }
  working -= 1;
}

/**
 * @param {Recording} recording
 */
async function read(recording) {
  recording.status = "reading";
  touch(recording);
  try {
    const { tracing, ...answer } = await fetchAnswer(recording);
    recording.tracing = tracing && decodeTracing(tracing);
    recording.answer = answer;
    recording.status = "done";
    if (recording === state.selected) announce(`${recording.name}: ${conclusion(answer)}`);
  } catch (problem) {
    recording.problem = /** @type {Error} */ (problem);
    recording.status = "failed";
  }
  touch(recording);
}

/** @typedef {{rate_hz: number, leads: string[], signal: number[][]}} TracingJson */

/**
 * The answer and the tracing. For a long recording these are two requests; without the tracing if it is too large.
 * @param {Recording} recording
 * @returns {Promise<Interpretation & {tracing?: TracingJson}>}
 */
async function fetchAnswer(recording) {
  const long = recording.files.reduce((bytes, file) => bytes + file.size, 0) > LONG_BYTES;
  const answer = await (await interpret(recording, { tracing: String(!long) })).json();
  if (!long) return answer;
  try {
    return { ...answer, tracing: (await (await interpret(recording, { tracing: "true" })).json()).tracing };
  } catch {
    return answer;
  }
}

/**
 * @param {TracingJson} tracing
 * @returns {Tracing}
 */
function decodeTracing({ rate_hz: rate, leads, signal }) {
  const lines = new Map(leads.map((lead, row) => [lead, Float32Array.from(signal[row])]));
  return { rate, leads, lines, seconds: signal[0].length / rate };
}

/**
 * @param {Interpretation} answer
 */
function conclusion(answer) {
  if (answer.abstained) return `Not interpreted: ${answer.abstained_because.join("; ")}.`;
  return answer.mi ? sentence(answer.mi.in_words) : "Interpreted.";
}
