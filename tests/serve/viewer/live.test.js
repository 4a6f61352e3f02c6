import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Age } from "../../../src/einthoven/serve/viewer/live/connection.js";
import { SampleBuffer } from "../../../src/einthoven/serve/viewer/live/sample-buffer.js";
import { WatchedStream } from "../../../src/einthoven/serve/viewer/live/watched-stream.js";

const RATE = 100;
const samples = (time, count, value = 0) => ({
  type: "samples",
  time_s: time,
  rate_hz: RATE,
  signal: [new Array(count).fill(value), new Array(count).fill(null)],
});

test("the greater age counts, so that a clock that stands still or is set back hides nothing", () => {
  const clocks = [1000, 5000];
  const age = new Age([() => clocks[0], () => clocks[1]]);
  assert.equal(age.ms, Number.POSITIVE_INFINITY);
  assert.equal(age.date, null);
  age.mark();
  clocks[1] += 3000; // performance.now() stood still
  assert.equal(age.ms, 3000);
  clocks[0] += 7000;
  clocks[1] -= 10_000; // the clock of the machine was set back
  assert.equal(age.ms, 7000);
  age.mark(500);
  assert.equal(age.ms, 500);
  assert.equal(age.date.getTime(), clocks[1] - 500);
});

test("a buffer keeps the latest 15 s", () => {
  const buffer = new SampleBuffer(["I", "II"]);
  for (let second = 0; second < 20; second += 1) buffer.add(samples(second, RATE, second));
  assert.equal(buffer.lines[0].length, 15 * RATE);
  assert.equal(buffer.lines[0][0], 5);
  assert.deepEqual([buffer.oldest, buffer.newest, buffer.timeOf(RATE)], [5, 20, 6]);
  assert.ok(buffer.drawn >= buffer.oldest);
});

test("a buffer begins again after a gap", () => {
  const buffer = new SampleBuffer(["I", "II"]);
  buffer.add(samples(0, RATE));
  buffer.add(samples(1.5, RATE));
  assert.deepEqual([buffer.lines[0].length, buffer.oldest, buffer.drawn], [RATE, 1.5, 1.5]);
});

test("the pen runs evenly, catches up, and skips what it would draw over", () => {
  const buffer = new SampleBuffer(["I", "II"]);
  buffer.add(samples(0, RATE / 2));
  assert.deepEqual(buffer.advance(0.1, 5), { from: 0, count: 10 });
  assert.deepEqual(buffer.advance(0.1, 5), { from: 10, count: 10 });
  buffer.add(samples(0.5, RATE));
  assert.deepEqual(buffer.advance(0.1, 5), { from: 20, count: 90 }); // to 0.4 s behind the newest sample
  buffer.add(samples(1.5, 10 * RATE));
  const { from, count } = buffer.advance(0.1, 5);
  assert.deepEqual([from, count, buffer.lag.toFixed(2)], [610, 500, "0.40"]);
});

test("a pen that has nothing to draw waits", () => {
  const buffer = new SampleBuffer(["I", "II"]);
  buffer.add(samples(0, 10));
  for (let k = 0; k < 20; k += 1) buffer.advance(0.1, 5);
  assert.equal(buffer.advance(0.1, 5).count, 0);
  assert.ok(buffer.drawn <= buffer.newest);
});

test("a rewind draws again what is still there", () => {
  const buffer = new SampleBuffer(["I", "II"]);
  buffer.rewind(5);
  assert.equal(buffer.drawn, 0);
  buffer.add(samples(7, RATE));
  buffer.advance(0.5, 5);
  buffer.rewind(5);
  assert.equal(buffer.drawn, 7);
});

/** A socket on which nothing comes but what a test sends. */
class SilentSocket {
  close() {}
}
const clock = { ms: 0 };
let stream;

beforeEach(() => {
  Object.assign(globalThis, { WebSocket: SilentSocket, location: { origin: "http://localhost" } });
  clock.ms = Date.now();
  stream = new WatchedStream("1234", "Bed 4", () => {});
  for (const name of ["data", "warned", "answered"]) stream[name] = new Age([() => clock.ms]);
});

const ready = { type: "ready", state: "live", silent_s: 0, next_sequence: 1, interval_s: 2, warnings: [], leads: [] };
const receive = (...messages) => {
  for (const message of messages) stream.connection.handle(message);
};
const kind = (serviceResponds = true) => stream.status(serviceResponds).kind;

test("a stream is live only while its samples are young", () => {
  assert.equal(kind(), "connecting");
  receive(ready, samples(0, RATE));
  assert.equal(kind(), "live");
  clock.ms += 1999;
  assert.equal(kind(), "live");
  clock.ms += 1;
  assert.equal(kind(), "silent");
  assert.match(stream.status(true).text, /^No data for 2 s; last data at \d\d:\d\d:\d\d\.$/);
  assert.equal(kind(false), "away");
  receive(samples(1, RATE));
  assert.equal(kind(), "live");
});

test("the service knows best how old the samples are", () => {
  receive(ready, samples(0, RATE), { type: "state", state: "silent", silent_s: 30 });
  assert.match(stream.status(true).text, /No data for 30 s/);
  receive({ type: "state", state: "gone", silent_s: 90 });
  assert.match(stream.status(true).text, /^The monitor is disconnected: no data since [\d:]+, for 90 s\.$/);
});

test("answers that stop coming are stated", () => {
  receive(ready, samples(0, RATE), { type: "answer", time_s: 1, missing_s: 0, detail: "" });
  assert.equal(kind(), "live");
  receive(samples(8, RATE));
  clock.ms += 1000;
  assert.deepEqual(stream.status(true), { kind: "behind", text: "Live, 0:09. No new answer for 1 s" });
});

test("missing samples and warnings are part of the live text", () => {
  const warnings = [{ code: "low-pass", text: "The filter is low." }];
  receive({ ...ready, warnings }, samples(0, RATE), { type: "answer", time_s: 1, missing_s: 2, detail: "Too short." });
  receive({ type: "warning", detail: "The rate is wrong." });
  const parts = ["Live, 0:01", "2.0 s of the last 10 s missing", "Too short", "The filter is low", "The rate is wrong"];
  assert.equal(stream.status(true).text, parts.join(". "));
});

test("an end stays, whatever comes after it", () => {
  receive(ready, samples(0, RATE), { type: "ended", ended_by: "monitor" });
  assert.match(stream.over.text, /^The monitor ended the stream at \d\d:\d\d\.$/);
  clock.ms += 60_000;
  assert.equal(kind(false), "over");
});

test("a monitor that did not reconnect, and a stream that is not there any more", () => {
  receive(ready, samples(0, RATE), { type: "ended", ended_by: "timeout" });
  assert.match(stream.over.text, /^The monitor did not reconnect: no data since [\d:]+\.$/);
  stream.over = null;
  receive({ type: "error", problem: { status: 400, detail: "No such stream." } });
  assert.match(stream.over.text, /^This stream no longer exists: no data since/);
});
