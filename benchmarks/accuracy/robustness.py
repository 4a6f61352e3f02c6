"""Measure a bundle on disturbed, shortened or badly recorded ECGs: AUROC and calibration, a table and a plot.

    python benchmarks/accuracy/robustness.py BUNDLE --data ptb-xl --out docs/images/robustness.png [--fold 9]
    python benchmarks/accuracy/robustness.py BUNDLE --data ptb-xl --answers [--every 4]

Every record of the fold is changed in each way (with a fixed seed) and interpreted as `einthoven interpret --force`
would. `--answers` prints what users get instead, without `--force`: how many records are refused, and how infarcts are
answered. The default fold is 9, so that the test fold is not used. Prints Markdown.
"""

import argparse
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import numpy as np
from common import Signal, derive_limb_leads, millivolts, swap_arms
from scipy.signal import butter, resample_poly, sosfilt

from einthoven.arrays import Int64Array
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.array_metrics import expected_calibration_error, macro_auroc
from einthoven.interpret.interpreter import Interpreter
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.recording import LEADS, Recording
from einthoven.signal.resampling import resample
from einthoven.simulate.tracing import ELECTRODES, leads_from_electrodes

Change = Callable[[Signal, np.random.Generator], Signal]
RATE = 100


def _sine(frequency: float, amplitude: float) -> Change:
    """Return a change that adds a sine to each lead, as sampled at 100 Hz after a recorder's anti-aliasing filter."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        time = np.arange(signal.shape[1]) / RATE
        return signal + amplitude * np.sin(2 * np.pi * frequency * time + rng.uniform(0, 2 * np.pi, (12, 1)))

    return change


def _hum(mains: float, amplitude: float) -> Change:
    """Return a change that adds hum at 500 Hz, resampled to 100 Hz by the package, as in a recording at 500 Hz."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        time = np.arange(5 * signal.shape[1]) / (5 * RATE)
        hum = amplitude * np.sin(2 * np.pi * mains * time + rng.uniform(0, 2 * np.pi, (12, 1)))
        return signal + resample(hum.astype(np.float32), 5 * RATE, RATE)

    return change


def _muscle(amplitude: float) -> Change:
    return lambda signal, rng: signal + rng.normal(0, amplitude, signal.shape)


def at_electrodes(amplitude: float, low: float = 0, high: float = RATE / 2) -> Change:
    """Return a change that adds noise of `amplitude` mV rms at each electrode, from `low` to `high` Hz."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        noise = rng.normal(0, 1, (len(ELECTRODES), signal.shape[1]))
        frequency = np.fft.rfftfreq(signal.shape[1], 1 / RATE)
        noise = np.fft.irfft(np.fft.rfft(noise) * ((frequency >= low) & (frequency <= high)), signal.shape[1])
        i, ii, *chest = leads_from_electrodes(amplitude * noise / noise.std(axis=1, keepdims=True))
        return signal + derive_limb_leads(np.stack([i, ii, i, i, i, i, *chest]))

    return change


def _without(*leads: str) -> Change:
    def change(signal: Signal, _rng: np.random.Generator) -> Signal:
        out = signal.copy()
        out[[LEADS.index(lead) for lead in leads]] = 0
        return out

    return change


def _filtered(cutoff: float, kind: str) -> Change:
    """Return a change that applies a recorder's causal filter: high-pass of first order, low-pass of fourth order."""
    sos = butter(1 if kind == "highpass" else 4, cutoff, kind, fs=RATE, output="sos")
    return lambda signal, rng: sosfilt(sos, signal - signal[:, :1])


def _missing(count: int) -> Change:
    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        out = signal.copy()
        out[rng.choice(12, count, replace=False)] = 0
        return out

    return change


def _stuck(signal: Signal, rng: np.random.Generator) -> Signal:
    """Simulate a chest electrode that came off: its lead is at the limit of a 16-bit amplifier's range."""
    out = signal.copy()
    out[rng.integers(6, 12)] = 32.767
    return out


def _offset(most: float) -> Change:
    """Return a change that adds an offset to each electrode, as without a high-pass filter; Einthoven's law holds."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        i, ii, *chest = rng.uniform(-most, most, 8)
        return signal + derive_limb_leads(np.array([i, ii, 0, 0, 0, 0, *chest]))[:, None]

    return change


def _limb_only(signal: Signal, _rng: np.random.Generator) -> Signal:
    return np.concatenate([signal[:6], np.zeros_like(signal[6:])])


def _from(rate: int) -> Change:
    """Return a change that resamples the record to `rate` and back with the package's resampling."""
    return lambda signal, rng: resample(resample_poly(signal, rate // 50, 2, axis=-1).astype(np.float32), rate, RATE)


def _first(seconds: float) -> Change:
    return lambda signal, rng: signal[:, : int(seconds * RATE)]


def _gain(factor: float) -> Change:
    return lambda signal, rng: signal * np.float32(factor)


CHANGES: dict[str, Change] = {
    "as recorded": lambda signal, rng: signal,
    "50-Hz hum, 0.1 mV": _hum(50, 0.1),
    "60-Hz hum, 0.1 mV": _hum(60, 0.1),
    "hum folded to 40 Hz, 0.1 mV": _sine(40, 0.1),
    "baseline wander, 0.3 mV at 0.2 Hz": _sine(0.2, 0.3),
    "muscle noise, 0.05 mV rms": _muscle(0.05),
    "muscle noise, 0.1 mV rms": _muscle(0.1),
    "0.5-Hz high-pass": _filtered(0.5, "highpass"),
    "40-Hz low-pass": _filtered(40, "lowpass"),
    "one lead missing": _missing(1),
    "two leads missing": _missing(2),
    "three leads missing": _missing(3),
    "limb leads only": _limb_only,
    "a chest lead at 32.767 mV": _stuck,
    "electrodes' offsets, up to 1 mV": _offset(1),
    "electrodes' offsets, up to 5 mV": _offset(5),
    "from 250 Hz": _from(250),
    "from 500 Hz": _from(500),
    "first 2.5 s": _first(2.5),
    "first 5 s": _first(5),
    "amplitude × 0.5": _gain(0.5),
    "amplitude × 2": _gain(2),
    "arm electrodes swapped": lambda signal, rng: swap_arms(signal),
}


ANSWERED: dict[str, Change] = {
    "as recorded": CHANGES["as recorded"],
    "muscle noise at each electrode, 0.05 mV rms": at_electrodes(0.05),
    "muscle noise at each electrode, 0.075 mV rms": at_electrodes(0.075),
    "muscle noise at each electrode, 0.1 mV rms": at_electrodes(0.1),
    "muscle noise at each electrode, 0.15 mV rms": at_electrodes(0.15),
    "motion at each electrode, 1 to 10 Hz, 0.05 mV rms": at_electrodes(0.05, 1, 10),
    "motion at each electrode, 1 to 10 Hz, 0.1 mV rms": at_electrodes(0.1, 1, 10),
    "baseline wander, 0.3 mV at 0.2 Hz": CHANGES["baseline wander, 0.3 mV at 0.2 Hz"],
    "V2 missing": _without("V2"),
    "one lead missing": CHANGES["one lead missing"],
    "two leads missing": CHANGES["two leads missing"],
    "three leads missing": CHANGES["three leads missing"],
    "four leads missing": _missing(4),
    "left arm off": _without("I", "III", "aVR", "aVL", "aVF"),
    "limb leads only": CHANGES["limb leads only"],
    "first 2.5 s": CHANGES["first 2.5 s"],
    "arm electrodes swapped": CHANGES["arm electrodes swapped"],
}
"""Changes whose answers are counted."""


def count_answers(interpreter: Interpreter, dataset: Dataset, rows: Int64Array, change: Change) -> list[str]:
    """Return shares of records that are refused; for MI and NORM records, also those ruled in and ruled out."""
    signals = (change(millivolts(dataset, row), np.random.default_rng(int(row))) for row in rows)
    answers = list(interpreter.batch(Recording(np.asarray(signal, np.float32), RATE, LEADS) for signal in signals))
    refused = np.array([answer.abstained for answer in answers])
    decision = np.array([answer.mi.decision if answer.mi else "" for answer in answers])
    shares = [refused.mean()]
    for label in ("MI", "NORM"):
        who = dataset.annotations.labels((label,))[rows, 0].astype(bool)
        shares += [refused[who].mean(), *((decision[who] == answer).mean() for answer in ("rule-in", "rule-out"))]
    return [f"{share:.1%}".replace("%", " %") for share in shares]


def measure(interpreter: Interpreter, dataset: Dataset, rows: Int64Array, change: Change) -> tuple[float, float, float]:
    """Return superclass macro AUROC, MI AUROC and the worst superclass's ECE of the changed records."""

    def probabilities(row: int) -> list[float]:
        signal = change(millivolts(dataset, row), np.random.default_rng(int(row)))
        interpretation = interpreter(Recording(np.asarray(signal, np.float32), RATE, LEADS), force=True)
        probability = {finding.label: finding.probability for finding in interpretation.findings}
        return [probability[label] for label in SUPERCLASSES]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        p = np.array(list(pool.map(probabilities, rows)))
    truth = dataset.annotations.labels(SUPERCLASSES)[rows]
    mi = SUPERCLASSES.index("MI")
    worst = max(expected_calibration_error(y, q) for y, q in zip(truth.T, p.T, strict=True))
    return macro_auroc(truth, p), macro_auroc(truth[:, [mi]], p[:, [mi]]), worst


def draw(results: dict[str, tuple[float, float, float]], title: str, path: Path) -> None:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    names = list(results)[::-1]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 6.5), sharey=True, layout="constrained")
    for k, (label, marker) in enumerate((("superclass macro AUROC", "o"), ("MI AUROC", "s"))):
        left.plot([results[name][k] for name in names], range(len(names)), marker, label=label)
    right.plot([results[name][2] for name in names], range(len(names)), "D", color="tab:green")
    left.axvline(results["as recorded"][0], color="0.8", zorder=0)
    right.axvline(results["as recorded"][2], color="0.8", zorder=0)
    left.set_yticks(range(len(names)), names)
    left.set_xlabel("AUROC")
    right.set_xlabel("ECE of the worst superclass")
    left.legend()
    for axes in (left, right):
        axes.grid(axis="y", color="0.93")
    figure.suptitle(title)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=9)
    parser.add_argument("--out", type=Path, help="the plot")
    parser.add_argument("--answers", action="store_true", help="count refusals and answers, without --force")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th record")
    options = parser.parse_args()
    interpreter = Interpreter.load(options.bundle)
    dataset = Dataset.open(options.data, RATE)
    rows = dataset.rows((options.fold,))[:: options.every]
    if options.answers:
        print("| change | refused | MI: refused | rule-in | rule-out | NORM: refused | rule-in | rule-out |")
        print("|---|---|---|---|---|---|---|---|")
        for name, change in ANSWERED.items():
            print(f"| {name} | {' | '.join(count_answers(interpreter, dataset, rows, change))} |", flush=True)
        return
    if options.out is None:
        parser.error("--out is required without --answers")
    results = {}
    print("| change | superclass macro AUROC | MI AUROC | ECE, worst superclass |\n|---|---|---|---|")
    for name, change in CHANGES.items():
        auroc, mi, ece = results[name] = measure(interpreter, dataset, rows, change)
        print(f"| {name} | {auroc:.3f} | {mi:.3f} | {ece:.3f} |", flush=True)
    title = f"{interpreter.bundle.card.name} on fold {options.fold} of PTB-XL, {len(rows):,} records"
    draw(results, title, options.out)


if __name__ == "__main__":
    main()
