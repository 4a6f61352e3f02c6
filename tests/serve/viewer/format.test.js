import assert from "node:assert/strict";
import { test } from "node:test";
import {
  caliperText,
  clock,
  formatDuration,
  formatPercent,
  formatRarePercent,
  problemsText,
  sentence,
  timeOfDay,
} from "../../../src/einthoven/serve/viewer/ui/format.js";

test("percents never claim certainty", () => {
  assert.deepEqual([0, 0.0099, 0.01, 0.5, 0.99, 0.9901, 1].map(formatPercent), [
    ...["<1 %", "<1 %", "1 %", "50 %", "99 %", ">99 %", ">99 %"],
  ]);
  assert.deepEqual([0.00041, 0.0096, 0.02].map(formatRarePercent), ["0.04 %", "1 %", "2 %"]);
});

test("durations and clocks", () => {
  assert.deepEqual([0, 2.345, 119, 120, 3599, 3600].map(formatDuration), [
    ...["0 s", "2.35 s", "119 s", "2:00 min", "59:59 min", "1:00:00 h"],
  ]);
  assert.deepEqual([0, 20.4, 59.6, 3723].map(clock), ["0:00", "0:20", "1:00", "1:02:03"]);
});

test("a time of day has its date unless that is today", () => {
  const today = new Date();
  today.setHours(9, 5, 7);
  assert.equal(timeOfDay(today), "09:05:07");
  assert.equal(timeOfDay(today, false), "09:05");
  assert.match(timeOfDay(new Date(2020, 0, 2, 9, 5, 7)), /2 Jan.* 09:05:07/);
});

test("a sentence has one full stop and keeps its capitals", () => {
  assert.equal(sentence("V1 is off"), "V1 is off.");
  assert.equal(sentence("no beats."), "No beats.");
});

test("problems of a lead, including one that the page does not know", () => {
  assert.equal(problemsText({ problems: ["steps", "noise"] }), "jumping, noisy");
  assert.equal(problemsText({ problems: ["new-problem"] }), "new-problem");
  assert.equal(problemsText({ problems: [] }), "");
});

test("calipers: mV only if they are meant, a rate only if it is given", () => {
  assert.equal(caliperText({ ms: 400.4, mv: 1, rate: 150 }), "400 ms · 1.00 mV · 150 bpm");
  assert.equal(caliperText({ ms: 80, mv: 0.019, rate: null }), "80 ms");
});
