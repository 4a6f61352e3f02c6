/** Single keys, and the page that names them. */

import { byId, el } from "./dom.js";
import { SECONDS } from "./layout.js";
import { goto } from "./navigator.js";
import { select } from "./opened.js";
import * as stage from "./stage.js";
import { change, state } from "./store.js";

const next = (values, key) => change({ [key]: values[(values.indexOf(state[key]) + 1) % values.length] });

function step(by) {
  const place = state.recordings.indexOf(state.selected) + by;
  if (state.recordings[place]) select(state.recordings[place]);
}

const KEYS = [
  ["o", "Open files", () => byId("choose").click(), true],
  ["j", "Next recording", () => step(1)],
  ["k", "Recording before", () => step(-1)],
  ["1", "3 × 4 + rhythm", () => change({ layout: "3x4" })],
  ["2", "6 × 2", () => change({ layout: "6x2" })],
  ["3", "12 × 1", () => change({ layout: "12x1" })],
  ["s", "Paper speed", () => next([25, 50], "speed")],
  ["g", "Gain", () => next([5, 10, 20], "gain")],
  ["+", "Larger", stage.larger],
  ["-", "Smaller", stage.smaller],
  ["0", "True scale", stage.trueScale],
  ["f", "Fit the width", stage.fit],
  ["c", "Calipers; arrow keys move a corner, with Shift faster", stage.toggleCalipers],
  ["m", "March out the calipers", stage.toggleMarch],
  ["PageUp", "10 s back", () => goto(state.start - SECONDS)],
  ["PageDown", "10 s on", () => goto(state.start + SECONDS)],
  ["p", "Print", () => print()],
  ["?", "This page", () => byId("help-dialog").showModal(), true],
];

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !byId("keys-on").checked) return;
  if (event.target.closest("input:not([type=radio]), dialog") || byId("recordings").hidden) return;
  const found = KEYS.find(([key]) => key === event.key || key === event.key.toLowerCase());
  if (!found || (!found[3] && !state.selected?.tracing)) return;
  event.preventDefault();
  found[2]();
});

byId("keys").append(...KEYS.map(([key, what]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, what))));
byId("help").addEventListener("click", () => byId("help-dialog").showModal());
