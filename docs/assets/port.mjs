// A port of Einthoven's bundles to JavaScript: docs/reference/bundles.md specifies each step.
//   import { answer, load } from "./port.mjs";
//   answer(await load("bundles/edge"), [Float32Array of lead I in mV, ... of V6], 500)
// It needs onnxruntime-web, or onnxruntime-node with the same calls.
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1;

export async function load(folder) {
  const [card, gate] = ["card.json", "gate.json"].map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")));
  const session = (name) => ort.InferenceSession.create(readFileSync(`${folder}/${name}`));
  const layer = (name) => (card.files[name] ? JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) : null);
  const [rhythm, measured] = ["rhythm.json", "measurements.json"].map(layer);
  return {
    card,
    gate,
    rhythm,
    measured,
    model: await session("model.onnx"),
    placement: await session(gate.placement.file),
  };
}

// Arithmetic on arrays of numbers
const range = (count, of) => Array.from({ length: count }, (_, k) => of(k));
const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
const dot = (a, b) => a.reduce((total, value, k) => total + value * b[k], 0);
const rms = (wave) => Math.sqrt(dot(wave, wave) / wave.length);
const span = (wave) => wave.reduce((a, b) => Math.max(a, b)) - wave.reduce((a, b) => Math.min(a, b));
const sorted = (values) => Float64Array.from(values).sort();
const round = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)); // a half to the even number
const clip = (x, low, high) => Math.min(Math.max(x, low), high);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const centred = (wave) => ((m) => wave.map((x) => x - m))(mean(wave));
const correlation = (a, b) => dot(a, b) / Math.max(Math.sqrt(dot(a, a) * dot(b, b)), 1e-6);
function median(values) {
  const order = sorted(values);
  return (order[(order.length - 1) >> 1] + order[order.length >> 1]) / 2;
}
function quadraticForm(matrix, x) {
  return dot(
    matrix.map((row) => dot(row, x)),
    x,
  );
}

// Sum of x[n] times table[start + n step], the table repeated
function sumAlong(x, table, start, step) {
  let total = 0;
  for (let n = 0, at = start; n < x.length; n++) {
    total += x[n] * table[at];
    at += step;
    if (at >= table.length) at -= table.length; // many times as fast as %
  }
  return total;
}

// Bands: cosine transform, gain, and back at 100 Hz
function cosines(samples) {
  return Float64Array.from({ length: 4 * samples }, (_, k) => Math.cos((Math.PI * k) / (2 * samples)));
}
function split(signal, rate, { wander_hz, low_pass_hz, high_frequency_hz, ...p }) {
  const samples = signal[0].length;
  const count = round((samples * p.rate_hz) / rate);
  const [forward, backward] = [cosines(samples), cosines(count)];
  const ramp = (f, [start, end]) => clip((f - start) / (end - start), 0, 1);
  const gains = range(count, (k) => {
    const f = (k * rate) / (2 * samples);
    const ecg = ramp(f, wander_hz) * ramp(f, low_pass_hz);
    return [1 - ramp(f, wander_hz), ecg, ecg * ramp(f, high_frequency_hz)];
  });
  const used = gains.findLastIndex(([wander, ecg]) => wander || ecg) + 1;
  const spectra = signal.map((lead) => {
    const x = centred(Float64Array.from(lead)); // the scales of both transforms together leave 1 or 2 / samples
    return range(used, (k) => ((k ? 2 : 1) / samples) * sumAlong(x, forward, k, 2 * k));
  });
  const inverse = (c) => Float64Array.from({ length: count }, (_, n) => sumAlong(c, backward, 0, 2 * n + 1));
  const [wander, ecg, high_frequency] = range(3, (b) => {
    const highest = gains.findLastIndex((gain) => gain[b]);
    return spectra.map((c) => inverse(c.slice(0, highest + 1).map((x, k) => x * gains[k][b])));
  });
  const slope = ecg.map((lead) => relativeSlope(lead, p));
  const recorded = slope.filter((lead) => Math.max(...lead) >= 1);
  const common_slope = slope[0].map((_, n) => (recorded.length ? median(recorded.map((lead) => lead[n])) : 0));
  return { wander, ecg, high_frequency, slope, common_slope, resting_slope: median(common_slope) };
}
function relativeSlope(ecg, { smoothing_samples, usual_slope_place, least_slope_mv, most_slope }) {
  const last = ecg.length - 1;
  const change = ecg.map((x, n) => (n ? Math.abs(x - ecg[n - 1]) : 0));
  const mirror = (n) => (n > last ? 2 * last - n : Math.abs(n));
  const slope = ecg.map((_, n) =>
    sum(range(smoothing_samples, (k) => change[mirror(n + k + 1 - smoothing_samples / 2)])),
  );
  const usual = Math.max(sorted(slope)[round(usual_slope_place * slope.length)], least_slope_mv);
  return slope.map((x) => Math.min(x / usual, most_slope));
}

// What the gate measures
function sharpPeaks(signal, rate, { step_s, over_floor, most_peaks }, { spike_sharpness, spike_mv }) {
  const [samples, step] = [signal[0].length, Math.max(1, round(step_s * rate))];
  const fourth = signal.map((x) =>
    x.map((_, n) => {
      if (n < 2 * step || n >= samples - 2 * step) return 0;
      const [near, far] = [x[n - step] + x[n + step], x[n - 2 * step] + x[n + 2 * step]];
      return x[n] - (4 * near - far) / 6;
    }),
  );
  const squares = range(samples, (n) => sum(fourth.map((d) => d[n] ** 2)));
  const width = Math.max(5, step);
  const energy = squares.map((_, n) => sum(squares.slice(Math.max(n - (width >> 1), 0), n + ((width + 1) >> 1))));
  const least = Math.max(over_floor * sorted(energy)[samples >> 1], 1e-6);
  const isMaximum = (n) => energy[n] > energy[n - 1] && energy[n] >= energy[n + 1] && energy[n] > least;
  const maxima = range(samples - 2, (n) => n + 1)
    .filter(isMaximum)
    .sort((a, b) => energy[b] - energy[a] || a - b);
  const chosen = [];
  for (const n of maxima)
    if (chosen.length < most_peaks && chosen.every((other) => Math.abs(n - other) >= 4 * step)) chosen.push(n);
  return chosen.filter((n) => {
    if (n < 3 * step || n >= samples - 3 * step) return false;
    const height = signal.map((x) => {
      const [first, last] = [x[n - 3 * step], x[n + 3 * step]];
      return range(6 * step + 1, (k) => x[n - 3 * step + k] - first - ((last - first) * k) / (6 * step));
    });
    const sharp = sum(range(4 * step + 1, (k) => squares[n - 2 * step + k]));
    const total = sum(height.map((h) => dot(h, h)));
    const size = range(6 * step + 1, (k) => sum(height.map((h) => Math.abs(h[k]))));
    const top = size.indexOf(Math.max(...size));
    return sharp / total >= spike_sharpness && Math.max(...height.map((h) => Math.abs(h[top]))) >= spike_mv;
  }).length;
}
function measure(signal, rate, bands) {
  const seconds = round(signal[0].length / rate);
  const parts = (wave) =>
    ((length) => range(seconds, (k) => wave.slice(k * length, (k + 1) * length)))(Math.floor(wave.length / seconds));
  const noise = bands.high_frequency.map((lead) =>
    parts(lead).map((x) => 3.138 * sorted(x.map(Math.abs))[x.length >> 2]),
  );
  return {
    recorded_range: signal.map((lead) => parts(lead).map(span)),
    ecg_range: bands.ecg.map((lead) => parts(lead).map(span)),
    noise,
    noise_mv: median(noise.map(mean)),
    agreement: bands.slope.map((lead) => correlation(centred(lead), centred(bands.common_slope))),
  };
}
function distances(bands, leads, o) {
  const rows = o.independent.map((lead) => leads.indexOf(lead));
  const sizes = rows.map((row) => rms(bands.ecg[row]));
  const waves = rows.map((row, k) => bands.ecg[row].map((x) => x / sizes[k]));
  const samples = waves[0].length;
  const pairs = waves.flatMap((a, i) =>
    waves.slice(i + 1).map((b) => Math.atanh(clip(dot(a, b) / samples, -0.999, 0.999))),
  );
  const skewness = waves.map((wave) => Math.cbrt(mean(wave.map((x) => x ** 3))));
  const [cos, sin] = [Math.cos, Math.sin].map((wave) => range(samples, (k) => wave((2 * Math.PI * k) / samples)));
  const power = (bin) => sum(waves.map((x) => sumAlong(x, cos, 0, bin) ** 2 + sumAlong(x, sin, 0, bin) ** 2));
  const edges = o.edges_hz.map((hz) => round(hz * (samples / 100)));
  const powers = edges.slice(1).map((end, k) => sum(range(end - edges[k], (n) => power(edges[k] + n))));
  const slope = median(waves.map((x) => Math.sqrt(sum(x.slice(1).map((value, n) => (value - x[n]) ** 2)) / samples)));
  const spectrum = [...powers.map((value) => value / sum(powers)), slope].map((value) =>
    Math.log(Math.max(value, 1e-4)),
  );
  const distance = (values, { scale: [center, below, above], inverse, limit }) => {
    const units = values.map((value, k) => (value - center[k]) / (value < center[k] ? below[k] : above[k]));
    return Math.sqrt(quadraticForm(inverse, units)) / limit;
  };
  const [i, ii, ...others] = bands.ecg.slice(0, 6);
  const laws = [
    [-1, 1],
    [-0.5, -0.5],
    [1, -0.5],
    [-0.5, 1],
  ];
  const differences = others.map((lead, k) => rms(lead.map((x, n) => x - laws[k][0] * i[n] - laws[k][1] * ii[n])));
  const logs = sizes.map((size, k) => Math.log(size / o.usual_mv[k]));
  return {
    distance_leads: distance([...pairs, ...skewness], o.leads),
    distance_spectrum: distance([...spectrum, bands.resting_slope], o.spectrum),
    distance_size: Math.exp(mean(logs)),
    distance_factor: Math.exp(dot(o.weights, logs) / sum(o.weights)),
    distance_contradiction:
      Math.max(...differences) / Math.sqrt(mean(bands.ecg.slice(0, 6).map((lead) => rms(lead) ** 2))),
  };
}
function limbScales(ecg) {
  const limb = ecg.slice(0, 3);
  const matrix = limb.map((a) => limb.map((b) => dot(a, b)));
  const trace = matrix[0][0] + matrix[1][1] + matrix[2][2];
  const minus = (value, scale) => matrix.map((row, i) => row.map((x, j) => (x - (i === j ? value : 0)) / scale));
  const cross = (a, b) => range(3, (k) => a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3]);
  const spread =
    Math.sqrt(
      sum(
        minus(trace / 3, 1)
          .flat()
          .map((x) => x * x),
      ) / 6,
    ) || 1;
  const [a, b, c] = minus(trace / 3, spread);
  const angle = Math.acos(clip(dot(a, cross(b, c)) / 2, -1, 1)) / 3;
  const eigenvalue = (turn) => trace / 3 + 2 * spread * Math.cos(angle + turn);
  const [smallest, second] = [eigenvalue((2 * Math.PI) / 3), eigenvalue((4 * Math.PI) / 3)];
  const [d, e, f] = minus(smallest, trace || 1);
  const [vector] = [cross(d, e), cross(e, f), cross(f, d)].sort((x, y) => dot(y, y) - dot(x, x));
  const [x, y, z] = [vector[0], -vector[1], vector[2]];
  const logs = [x, y, z].map((factor) => Math.log(Math.abs(factor)));
  const shares = { law_rest: smallest / (trace || 1), law_second: second / (trace || 1) };
  return { ...shares, law_scale: x * y > 0 && y * z > 0 ? span(logs) : 0 };
}
function findBeats(slope, threshold, apart) {
  const beats = [];
  for (let n = 0; n < slope.length; n++) {
    const [before, after] = [n ? slope[n - 1] : 0, n + 1 < slope.length ? slope[n + 1] : 0];
    if (!(slope[n] > before && slope[n] >= after && slope[n] > threshold)) continue;
    const last = beats.at(-1);
    if (last === undefined || n - last >= apart) beats.push(n);
    else if (slope[n] > slope[last]) beats[beats.length - 1] = n;
  }
  return beats;
}
function measureBeats(bands, rows, p) {
  const samples = bands.common_slope.length;
  const lax = findBeats(bands.common_slope, p.lax, p.refractory_samples);
  const strict = findBeats(bands.common_slope, p.strict, p.refractory_samples);
  const live = bands.ecg.filter((_, row) => Math.max(...bands.slope[row]) >= 1);
  const at = (wave, n) => wave[clip(n, 0, samples - 1)];
  const steep = strict.map((beat) =>
    Math.max(
      ...range(2 * p.steep_samples, (k) => beat - p.steep_samples + k).map((n) =>
        mean(live.map((x) => Math.abs(at(x, n + 1) - at(x, n)))),
      ),
    ),
  );
  const [half, reach] = [p.half_samples, p.half_samples + p.moves];
  const whole = strict.filter((beat) => beat >= reach && beat < samples - reach);
  const wave = (n) => centred(rows.flatMap((row) => [...bands.ecg[row].slice(n - half, n + half + 1)]));
  const waves = whole.map(wave);
  const form = whole.length ? waves[0].map((_, k) => median(waves.map((values) => values[k]))) : [];
  const likeness = (beat) => Math.max(...range(2 * p.moves + 1, (k) => correlation(wave(beat - p.moves + k), form)));
  return {
    beats_lax: lax,
    beats_strict: strict,
    beats_steep_mv: strict.length ? median(steep) : 0,
    beats_alike: whole.map(likeness),
    beats_rate_bpm: meanBpm(lax),
    beats_strict_bpm: meanBpm(strict),
  };
}
const meanBpm = (beats) => (beats.length > 1 ? (6000 * (beats.length - 1)) / (beats.at(-1) - beats[0]) : 0);
function medianBeat(bands, rows, beats, { before_samples, after_samples }) {
  const whole = beats.filter((beat) => beat >= before_samples && beat + after_samples <= bands.common_slope.length);
  if (whole.length < 2) return null;
  return rows.map((row) =>
    range(before_samples + after_samples, (k) =>
      median(whole.map((beat) => bands.ecg[row][beat - before_samples + k])),
    ),
  );
}

// The gate: which measures are beyond their limits. `not (x <= limit)` also holds for NaN.
function failing(conditions) {
  return Object.keys(conditions).filter((code) => conditions[code]);
}
export function assess(signal, rate, gate) {
  const { input, limits, placement } = gate;
  const long = signal[0].length >= input.least_s * rate && signal[0].length <= input.most_s * rate + 0.5;
  const whole =
    signal.length === input.leads.length &&
    signal.every((lead) => lead.length === signal[0].length && lead.every(Number.isFinite));
  if (!(long && whole && rate >= input.least_hz)) return { reasons: ["input"] };
  const bands = split(signal, rate, gate.bands);
  const stages = { ...bands, ...measure(signal, rate, bands), spikes: sharpPeaks(signal, rate, gate.spikes, limits) };
  const rests = bands.resting_slope <= limits.resting_slope;
  const apart = stages.agreement.map((x) => !(x >= (rests ? limits.agreement : -1)));
  const allowed = sum(apart) === 1 && apart.slice(0, 3).includes(true);
  const lost =
    Math.min(...stages.recorded_range.flat()) < limits.flat_mv ||
    Math.max(...stages.ecg_range.flat()) > limits.leap_mv ||
    (sum(apart) > 0 && !allowed) ||
    Math.min(...bands.ecg.map(rms)) <= gate.outlier.flat_mv;
  const reasons = failing({
    spikes: stages.spikes > limits.spikes,
    lost,
    noise: !(stages.noise_mv <= limits.noise_mv),
    "no-rest": !rests,
  });
  if (lost) return { reasons, stages };
  const rows = placement.leads.map((lead) => input.leads.indexOf(lead));
  const beats = measureBeats(bands, rows, gate.beats);
  const median_beat = medianBeat(bands, rows, beats.beats_lax, placement);
  const s = Object.assign(stages, distances(bands, input.leads, gate.outlier), limbScales(bands.ecg), beats, {
    median_beat,
  });
  const alike = s.beats_alike.filter((x) => x >= limits.alike).length / s.beats_alike.length >= limits.alike_share;
  reasons.push(
    ...failing({
      leads: !(s.distance_leads <= limits.leads),
      spectrum: !(s.distance_spectrum <= limits.spectrum),
      "limb-leads": !(s.distance_contradiction <= limits.contradiction),
      "scaled-separately":
        s.law_rest <= limits.law_rest && s.law_second >= limits.law_plane && s.law_scale > limits.law_scale,
      scale: !(
        s.distance_factor >= limits.factor_low &&
        s.distance_factor <= limits.factor_high &&
        s.distance_size >= limits.size_low &&
        s.distance_size <= limits.size_high
      ),
      beats: !(s.beats_alike.length >= limits.beats && median_beat && alike && s.beats_steep_mv >= limits.steep_mv),
      fast: !(s.beats_rate_bpm <= limits.rate_bpm),
    }),
  );
  return { reasons, stages };
}

// The model's input
export function resample(x, rate, target) {
  if (rate === target) return Float64Array.from(x);
  let [up, down] = [1, 1]; // the fraction closest to target / rate with a denominator of at most 1,000
  for (let d = 1; d <= 1000; d++) {
    const n = Math.round((target / rate) * d);
    if (Math.abs(n / d - target / rate) < Math.abs(up / down - target / rate) - 1e-15) [up, down] = [n, d];
  }
  const factor = Math.max(up, down);
  const bessel = (z) => range(40, (k) => k).reduceRight((total, k) => 1 + (total * z * z) / (4 * (k + 1) ** 2), 1);
  const taps = range(20 * factor + 1, (k) => {
    const m = k - 10 * factor;
    const sinc = m ? Math.sin((Math.PI * m) / factor) / ((Math.PI * m) / factor) : 1;
    return (sinc * bessel(5 * Math.sqrt(1 - (m / (10 * factor)) ** 2))) / bessel(5);
  });
  const scale = up / sum(taps);
  const line = (n) => x[0] + ((x.at(-1) - x[0]) / (x.length - 1)) * n;
  return Float64Array.from({ length: Math.ceil((x.length * up) / down) }, (_, j) => {
    let total = 0; // of sample n, at n * up, seen through the filter centred at j * down
    const [first, last] = [Math.ceil((j * down - 10 * factor) / up), Math.floor((j * down + 10 * factor) / up)];
    for (let n = Math.max(first, 0); n <= Math.min(last, x.length - 1); n++)
      total += (x[n] - line(n)) * taps[j * down - n * up + 10 * factor];
    return total * scale + line((j * down) / up);
  });
}
export function removeOffset(x, { keep_below_mv, remove_above_mv }) {
  const offset = median(x.filter((_, n) => n % 4 === 0));
  const removed = offset * clip((Math.abs(offset) - keep_below_mv) / (remove_above_mv - keep_below_mv), 0, 1);
  return x.map((value) => value - removed);
}
function cut(signal, { window_samples, stride_samples, edge_margin_samples }) {
  const room = signal[0].length - window_samples;
  const first = Math.min(edge_margin_samples, Math.floor(room / 2));
  const steps = Math.ceil((room - 2 * first) / stride_samples);
  const starts = [...range(steps, (k) => first + round(k * ((room - 2 * first) / steps))), room - first];
  return starts.map((start) => signal.map((lead) => [...lead.slice(start, start + window_samples)]));
}

// The rhythm layer: scores of rhythms corrected by the RR intervals
function beatTimes(slope, beats) {
  const whole = beats.filter((beat) => beat >= 25 && beat < slope.length - 25);
  return whole.map((beat) => {
    const above = range(21, (k) => Math.max(slope[beat - 10 + k] - slope[beat] / 2, 0));
    return (beat + sum(above.map((x, k) => x * (k - 10))) / sum(above)) / 100;
  });
}
function rrFeatures(times) {
  const differences = (values, apart = 1) => values.slice(apart).map((value, k) => value - values[k]);
  const size = (values) => values.map(Math.abs);
  const ramp = (x) => clip((x - 0.05) / 0.15, 0, 1);
  const seconds = differences(times);
  if (seconds.length < 3) return range(16, () => 0);
  const usual = median(seconds);
  const rr = seconds.map((interval) => interval / usual);
  const [steps, away] = [differences(rr), centred(rr)];
  const [apart_1, apart_2] = [mean(size(steps)) + 0.01, mean(size(differences(rr, 2)))];
  const apart_3 = rr.length > 3 ? mean(size(differences(rr, 3))) : apart_2;
  return [
    1,
    Math.log(usual / 0.8),
    Math.min(span(rr), 2),
    Math.min(rms(away), 1),
    Math.min(rms(steps), 1),
    Math.min(mean(size(differences(steps))), 2),
    median(size(steps)),
    Math.min(...rr) - 1,
    Math.min(Math.max(...rr) - 1, 2),
    mean(rr.map((x) => ramp(1 - x))),
    mean(rr.map((x) => ramp(x - 1))),
    sum(rr.slice(1).map((x, k) => ramp(1 - rr[k]) * ramp(x - 1))) / 5,
    dot(away.slice(1), away.slice(0, -1)) / (dot(away, away) + 1e-4),
    Math.min(apart_2 / apart_1, 3),
    Math.min(apart_3 / apart_1, 3),
    rr.length / 10,
  ];
}
// Places of a layer's labels among those of the card, and the log-odds of their scores
function calibratedLogOdds(scores, labels, layer) {
  const at = layer.labels.map((name) => labels.findIndex((label) => label.name === name));
  const logit = (p) => ((q) => Math.log(q / (1 - q)))(clip(p, 1e-7, 1 - 1e-7));
  const logOdds = at.map((k, n) => layer.calibrations[n].slope * logit(scores[k]) + layer.calibrations[n].intercept);
  return { at, logOdds };
}
// What the measurement layer does without measurements, which a port does not make
function withoutMeasurements(scores, labels, layer) {
  const { at, logOdds } = calibratedLogOdds(scores, labels, layer);
  const calibrated = [...scores];
  for (const [n, k] of at.entries()) calibrated[k] = sigmoid(logOdds[n]);
  return calibrated;
}
function correctRhythms(scores, labels, { centre, spread, hidden, output, ...layer }, rr) {
  const { at, logOdds } = calibratedLogOdds(scores, labels, layer);
  const through = (inputs, rows) =>
    rows[0].map((_, n) =>
      dot(
        [...inputs, 1],
        rows.map((row) => row[n]),
      ),
    );
  const inputs = [...logOdds.map((x) => clip(x, -9, 9) / 3), ...rr.map((x, k) => (x - centre[k]) / spread[k])];
  const units = through(inputs, hidden).map((x) => Math.max(x, 0));
  const corrected = [...scores];
  through(units, output).forEach((added, n) => {
    const only = layer.only_lowered.includes(layer.labels[n]) ? -Math.log1p(Math.exp(added)) : added;
    corrected[at[n]] = sigmoid(logOdds[n] + only);
  });
  return corrected;
}

async function run(session, input, output, array) {
  const shape = [array.length, array[0].length, array[0][0].length];
  const { [output]: tensor } = await session.run({ [input]: new ort.Tensor("float32", array.flat(2), shape) }, [
    output,
  ]);
  const width = tensor.dims[1];
  return range(tensor.dims[0], (k) => [...tensor.data.slice(k * width, (k + 1) * width)]);
}

/** What the bundle answers about `signal` (12 leads in mV) at `rate` Hz, and each stage of the computation. */
export async function answer({ card, gate, rhythm, measured, model, placement }, signal, rate) {
  const { reasons, stages } = assess(signal, rate, gate);
  const nothing = { infarct_reasons: [], infarct: null, probabilities: null, present: null };
  if (reasons.length) return { reasons, ...nothing, stages };
  const p = gate.placement;
  const [log_odds] = await run(placement, p.input, p.output, [stages.median_beat]);
  const odds = (p.prior / (1 - p.prior)) * mean(log_odds.map(Math.exp));
  const leads = card.input.leads.map((lead) => signal[gate.input.leads.indexOf(lead)]);
  const resampled = leads.map((lead) => resample(lead, rate, card.input.rate_hz));
  const model_input = resampled.map((lead) => removeOffset(lead, gate.offset));
  const logits = await run(model, card.input.name, "logits", cut(model_input, card.input));
  const around = stages.median_beat.map((lead) => lead.slice(p.before_samples - 10, p.before_samples + 11));
  const [i, ii] = around;
  const limb = [
    [1, 0],
    [0, 1],
    [-1, 1],
    [0.5, 0.5],
    [1, -0.5],
    [-0.5, 1],
  ].map(([a, b]) => i.map((x, k) => a * x + b * ii[k]));
  const qrs_mv = Math.sqrt(Math.max(...limb.map(span)) * Math.max(...around.slice(2).map(span)));
  const means = logits[0].map((_, k) => mean(logits.map((row) => sigmoid(row[k]))));
  const rr = rrFeatures(beatTimes(stages.common_slope, stages.beats_lax));
  const corrected = rhythm ? correctRhythms(means, card.labels, rhythm, rr) : means;
  const scores = measured ? withoutMeasurements(corrected, card.labels, measured) : corrected;
  Object.assign(stages, { log_odds, exchange: odds / (1 + odds), resampled, model_input, qrs_mv, logits, rr, scores });
  const probability = ({ calibration: c }, k, lower = 0) =>
    c ? sigmoid(c.slope * (Math.log(scores[k] / (1 - scores[k])) - lower) + c.intercept) : scores[k];
  const probabilities = card.labels.map((label, k) => probability(label, k));
  const place = (name) => card.labels.findIndex((label) => label.name === name);
  const of = (name) => probabilities[place(name)] ?? 0;
  const { infarct: rule, limits } = gate;
  const slow = Math.min(stages.beats_rate_bpm, stages.beats_strict_bpm) < limits.slow_bpm;
  const lowered = (name) => (measured?.labels.includes(name) ? measured.limit : 0); // at most, by measurements
  const least = (name) => (place(name) < 0 ? 0 : probability(card.labels[place(name)], place(name), lowered(name)));
  const infarct_reasons = failing({
    electrodes: !(stages.exchange < limits.exchange),
    rhythm: !(
      sum(rule.sinus.map(least)) >= (slow ? limits.slow_sinus : limits.sinus) ||
      of(rule.fibrillation) >= limits.fibrillation
    ),
  });
  const hidden = (label) => infarct_reasons.length > 0 && rule.labels.includes(label.name);
  const decided = (label) =>
    label.thresholds && !gate.without_decision.includes(label.name) && `${label.kinds}` !== "acute" && !hidden(label);
  const mi = card.labels[place(rule.label)]?.thresholds;
  const certain = mi && least(rule.label) >= mi.rule_in[rule.rule_in].threshold;
  return {
    reasons,
    infarct_reasons,
    infarct: !mi || infarct_reasons.length ? null : certain && qrs_mv >= limits.qrs_mv ? "rule-in" : "undecided",
    probabilities: probabilities.map((value, k) => (hidden(card.labels[k]) ? null : value)),
    present: card.labels.map((label, k) =>
      decided(label) ? Number(probabilities[k] >= Math.max(label.thresholds.f1, 0.5)) : -1,
    ),
    stages,
  };
}
