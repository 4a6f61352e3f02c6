import assert from "node:assert/strict";
import { test } from "node:test";
import { LEADS } from "../../../src/einthoven/serve/viewer/state.js";
import {
  extremes,
  latestStart,
  median,
  placeRows,
  stripsOf,
  traceOf,
} from "../../../src/einthoven/serve/viewer/tracing/layout.js";

const tracingOf = (seconds, leads = LEADS, rate = 500) => ({
  rate,
  leads,
  seconds,
  lines: new Map(leads.map((lead) => [lead, new Float32Array(seconds * rate)])),
});
const times = ({ strips }, lead) => strips.filter((strip) => strip.lead === lead).map(({ start, end }) => [start, end]);

test("columns follow one another, and the rhythm strip shows all of the time", () => {
  const layout = stripsOf("3x4", tracingOf(10), 0);
  assert.equal(layout.rows, 4);
  assert.equal(layout.follow, true);
  assert.deepEqual(times(layout, "aVR"), [[2.5, 5]]);
  const bothOfII = times(layout, "II");
  assert.deepEqual(bothOfII, [
    [0, 2.5],
    [0, 10],
  ]);
});

test("columns of a recording that is too short begin at the same time", () => {
  assert.equal(stripsOf("3x4", tracingOf(9.5), 0).follow, true); // four fifths of the last column are filled
  const layout = stripsOf("3x4", tracingOf(9.4), 0);
  assert.equal(layout.follow, false);
  assert.deepEqual(times(layout, "V6"), [[0, 2.5]]);
});

test("leads that were not recorded leave their place empty; V1 is the rhythm without II", () => {
  const { strips } = stripsOf("3x4", tracingOf(10, ["V1", "V2"]), 0);
  assert.deepEqual(
    strips.map(({ lead, row, at }) => [lead, row, at]),
    [
      ["V1", 0, 5],
      ["V2", 1, 5],
      ["V1", 3, 0],
    ],
  );
});

test("the latest start leaves no empty paper", () => {
  assert.equal(latestStart(tracingOf(60)), 50);
  assert.equal(latestStart(tracingOf(8)), 0);
});

test("the median lies between the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([]), 0);
});

test("a trace is in mm from its median, and no peak is lost", () => {
  const tracing = tracingOf(2, ["II"], 1000);
  const line = tracing.lines.get("II").fill(0.5);
  line[777] = 1.5;
  const { x, up } = traceOf({ lead: "II", row: 0, at: 0, start: 0, end: 2 }, tracing, 25, 10);
  assert.ok(x.length <= 1000);
  const peak = up.indexOf(Math.max(...up));
  assert.equal(up[peak], 10);
  assert.ok(Math.abs(x[peak] - 25 * 0.777) < 1e-9);
});

test("extremes come in the order of time", () => {
  assert.deepEqual(extremes(Float32Array.of(0, 5, -5, 0, 1, 1, 1), 4), [1, 2, 4]);
});

test("rows are evenly apart, farther if their traces would meet, and squeezed onto the page", () => {
  const size = { width: 262, even: 24, pulse: 10, room: 0 };
  const flat = placeRows([], 3, size);
  assert.deepEqual(flat, { zero: [13, 37, 61], height: 75 });
  const low = { row: 0, left: 12, x: [30], up: [-30] };
  const high = { row: 1, left: 12, x: [31], up: [20] };
  const [first, second] = placeRows([low, high], 3, size).zero;
  assert.equal(second - first, 50);
  const elsewhere = { ...high, x: [60] };
  const [third, fourth] = placeRows([low, elsewhere], 3, size).zero;
  assert.ok(fourth - third < 50);
  assert.equal(placeRows([low, high], 3, { ...size, most: 60 }).height, 60);
  assert.equal(placeRows([], 3, { ...size, room: 112 }).height, 110);
});
