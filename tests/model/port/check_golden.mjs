// Compare the port in JavaScript with golden.json of a bundle: node check_golden.mjs BUNDLE. Prints what differs.
import { readFileSync } from "node:fs";
import process, { argv } from "node:process";
import { answer, load } from "../../../docs/assets/port.mjs";

const STAGES = {
  bands: ["wander", "ecg", "high_frequency", "slope", "common_slope", "resting_slope", "resampled", "model_input"],
  measures: [
    "recorded_range",
    "ecg_range",
    "noise",
    "noise_mv",
    "agreement",
    "distance_leads",
    "distance_spectrum",
  ].concat(["distance_size", "distance_factor", "distance_contradiction", "law_rest", "law_second"]),
  beats: [
    "spikes",
    "beats_lax",
    "beats_strict",
    "beats_steep_mv",
    "beats_alike",
    "beats_rate_bpm",
    "beats_strict_bpm",
    "median_beat",
  ],
  placement: ["log_odds", "exchange"],
  logits: ["logits"],
  probabilities: ["qrs_mv", "rr", "scores"],
};
const IN_PART = ["wander", "ecg", "high_frequency", "slope", "common_slope", "resampled", "model_input"];
const golden = JSON.parse(readFileSync(`${argv[2]}/golden.json`, "utf8"));
const bundle = await load(argv[2]);

function difference(one, other) {
  const [a, b] = [one, other].map((x) => [x].flat(3).flatMap((y) => (ArrayBuffer.isView(y) ? [...y] : y)));
  if (a.length !== b.length) return Infinity;
  return Math.max(0, ...a.map((x, k) => Math.abs(x - b[k]) / Math.max(1, Math.abs(x))));
}
const part = (values) => values.filter((_, k) => k % golden.every === 0);
let problems = 0;
function report(...words) {
  problems++;
  console.log(...words);
}
for (const { name, rate_hz, signal_uv, stages, ...expected } of golden.recordings) {
  const signal = signal_uv.map((lead) => Float32Array.from(lead, (uv) => uv / 1000));
  const { stages: computed, ...answered } = await answer(bundle, signal, rate_hz);
  for (const [stage, names] of Object.entries(STAGES))
    for (const value of names.filter((value) => value in stages)) {
      let own = computed[value] ?? [];
      if (IN_PART.includes(value)) own = own[0]?.length ? own.map(part) : part(own);
      const off = difference(stages[value], own);
      if (!(off <= golden.tolerances[stage])) report(`${name}: ${value} differs by ${off}`);
    }
  for (const field of ["reasons", "infarct_reasons", "infarct", "present"])
    if (`${answered[field]}` !== `${expected[field]}`)
      report(`${name}: ${field} is ${answered[field]}, not ${expected[field]}`);
  const off = difference((expected.probabilities ?? []).map(Number), (answered.probabilities ?? []).map(Number));
  if (!(off <= golden.tolerances.probabilities)) report(`${name}: probabilities differ by ${off}`);
}
console.log(`${golden.recordings.length} recordings, ${problems} differences`);
process.exitCode = problems ? 1 : 0; // process.exit would lose what is not yet printed
