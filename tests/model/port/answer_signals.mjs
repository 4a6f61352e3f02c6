// Answer many signals: node answer_signals.mjs BUNDLE SIGNALS.json prints a JSON object for each. SIGNALS.json holds
// {rate, samples} for each signal, whose 12 leads in mV lie one after the other in SIGNALS.bin (float32).
import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { answer, load } from "../../../docs/assets/port.mjs";

const bundle = await load(argv[2]);
const bytes = readFileSync(argv[3].replace(".json", ".bin"));
let offset = 0;
for (const { rate, samples } of JSON.parse(readFileSync(argv[3], "utf8"))) {
  const signal = Array.from({ length: 12 }, () => {
    const lead = Float32Array.from({ length: samples }, (_, n) => bytes.readFloatLE(offset + 4 * n));
    offset += 4 * samples;
    return lead;
  });
  const { stages, ...answered } = await answer(bundle, signal, rate);
  console.log(JSON.stringify(answered));
}
