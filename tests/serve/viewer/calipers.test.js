import assert from "node:assert/strict";
import { test } from "node:test";
import { marchPositions, measure, nearestLine } from "../../../src/einthoven/serve/viewer/tracing/calipers.js";

const corners = (width, height = 0) => [
  { x: 20, y: 40 },
  { x: 20 + width, y: 40 - height },
];

test("mm become ms and mV at the scale of the paper", () => {
  assert.deepEqual(measure(corners(5, 10), 25, 10), { ms: 200, mv: 1, rate: 300 });
  assert.deepEqual(measure(corners(-10, -10), 50, 20), { ms: 200, mv: 0.5, rate: 300 });
});

test("a rate is read only from times between beats", () => {
  assert.equal(measure(corners(20), 25, 10).rate, 75);
  assert.equal(measure(corners(4.9), 25, 10).rate, null);
  assert.equal(measure(corners(75), 25, 10).rate, 20);
  assert.equal(measure(corners(75.1), 25, 10).rate, null);
});

test("the nearest line counts both directions", () => {
  const lines = [
    { lead: "I", left: 12, right: 74, zero: 20 },
    { lead: "aVR", left: 75, right: 137, zero: 20 },
    { lead: "II", left: 12, right: 74, zero: 60 },
  ];
  const lead = (x, y) => nearestLine(lines, { x, y }).lead;
  assert.deepEqual([lead(30, 35), lead(30, 45), lead(80, 10), lead(0, 100)], ["I", "II", "aVR", "II"]);
});

test("calipers march over the whole paper in both directions", () => {
  assert.deepEqual(marchPositions(50, 20, 100), [10, 30, 50, 70, 90]);
});
