"""Measure the refusals of the outlier score: PTB-XL's ECGs, changed ECGs, and signals that are not ECGs.

    python benchmarks/accuracy/outliers.py --data ptb-xl [--fold 9] [--every 8] [FILE ...]

benchmarks/fit/outliers.py fits the score. The default fold is 9, so that the test fold is not used. FILEs are further
recordings to score. Signals that are not ECGs are made from the fold's own records, with a fixed seed: each lead as
large as it was, and limb leads that agree with one another, as every recorder computes them. Prints Markdown.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import Signal, derive_limb_leads, millivolts, percent
from scipy.signal import sawtooth, square
from sklearn.metrics import roc_auc_score

import einthoven
from einthoven.datasets.dataset import Dataset
from einthoven.errors import RecordingError
from einthoven.recording import LEADS, Recording
from einthoven.signal import outlier
from einthoven.signal.analysis import analyze_segments
from einthoven.signal.bands import RATE, split
from einthoven.signal.quality import assess
from einthoven.signal.resampling import resample
from einthoven.signal.segments import segments

Change = Callable[[Signal, np.random.Generator], Signal]


def as_large_as(signal: Signal, wave: Signal) -> Signal:
    """Return `wave` (12, samples) with each lead as large as in `signal`, and the limb leads computed from I and II."""
    scaled = (wave - wave.mean(axis=1, keepdims=True)) / wave.std(axis=1, keepdims=True)
    return derive_limb_leads(scaled * signal.std(axis=1, keepdims=True))


def noise(power: float) -> Change:
    """Return a change to Gaussian noise of power 1 / f ** `power`."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        frequency = np.maximum(np.fft.rfftfreq(signal.shape[1]), 1 / signal.shape[1])
        spectrum = np.fft.rfft(rng.normal(size=signal.shape)) * frequency ** (-power / 2)
        return as_large_as(signal, np.fft.irfft(spectrum, signal.shape[1]))

    return change


def sine(signal: Signal, rng: np.random.Generator) -> Signal:
    t = np.arange(signal.shape[1]) / RATE
    return as_large_as(signal, np.sin(2 * np.pi * (rng.uniform(0.8, 3) * t + rng.uniform(size=(12, 1)))))


def pulse(signal: Signal, rng: np.random.Generator) -> Signal:
    """Return a pulse wave, 50 to 110 per minute, each with its dicrotic wave, and some breathing."""
    t = np.arange(signal.shape[1]) / RATE
    at = np.cumsum(60 / rng.uniform(50, 110) * (1 + 0.03 * rng.normal(size=100)))[:, None] - 2
    wave = (np.exp(-(((t - at) / 0.11) ** 2)) + 0.45 * np.exp(-(((t - at - 0.32) / 0.13) ** 2))).sum(axis=0)
    wave += 0.2 * np.sin(2 * np.pi * (0.25 * t + rng.uniform()))
    return as_large_as(signal, wave * rng.choice([-1, 1], (12, 1)) + rng.normal(0, 0.01, signal.shape))


def breath(signal: Signal, rng: np.random.Generator) -> Signal:
    """Return breathing, 9 to 24 per minute."""
    t = np.arange(signal.shape[1]) / RATE
    phase = 2 * np.pi * (rng.uniform(0.15, 0.4) * t + 0.005 * np.cumsum(rng.normal(size=t.size)))
    wave = np.sin(phase) + 0.3 * np.sin(2 * phase + rng.uniform(0, 2 * np.pi))
    return as_large_as(signal, wave * rng.choice([-1, 1], (12, 1)) + rng.normal(0, 0.02, signal.shape))


def periodic(wave: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Return a change to one wave, 30 to 180 per minute, in all leads."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        phase = 2 * np.pi * (rng.uniform(0.5, 3) * np.arange(signal.shape[1]) / RATE + rng.uniform())
        waves = wave(phase) * rng.choice([-1, 1], (12, 1)) + rng.normal(0, 0.01, signal.shape)
        return as_large_as(signal, waves)

    return change


def one_lead(signal: Signal, rng: np.random.Generator) -> Signal:
    return np.repeat(signal[[rng.integers(12)]], 12, axis=0)


def shuffled(first: int, last: int) -> Change:
    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        return signal[[*range(first), *(first + rng.permutation(last - first)), *range(last, 12)]]

    return change


def exchanged(first: int, last: int) -> Change:
    """Return a change that exchanges two leads."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        a, b = first + rng.choice(last - first, 2, replace=False)
        order = np.arange(12)
        order[[a, b]] = b, a
        return signal[order]

    return change


def ordered(*order: int) -> Change:
    return lambda signal, rng: signal[list(order)]


def electrodes(i: Callable[[Signal], Signal], ii: Callable[[Signal], Signal]) -> Change:
    """Return a change that exchanges limb electrodes, given the leads that are then in I and II."""
    return lambda signal, rng: derive_limb_leads(np.stack([i(signal), ii(signal), *signal[2:]]))


def times(factor: float) -> Change:
    return lambda signal, rng: signal * np.float32(factor)


def noisy(db: float) -> Change:
    """Return a change that adds white noise to the electrodes' leads."""

    def change(signal: Signal, rng: np.random.Generator) -> Signal:
        return signal + as_large_as(signal, rng.normal(size=signal.shape)) * 10 ** (-db / 20)

    return change


def without(*rows: int) -> Change:
    def change(signal: Signal, _rng: np.random.Generator) -> Signal:
        out = signal.copy()
        out[list(rows)] = 0
        return out

    return change


def as_recorded(signal: Signal, _rng: np.random.Generator) -> Signal:
    return signal


CHANGES: dict[str, Change | tuple[Change, float]] = {
    "white noise": noise(0),
    "1/f noise, as in EEG": noise(1),
    "1/f² noise": noise(2),
    "constant": lambda signal, rng: np.repeat(signal[:, :1], signal.shape[1], axis=1),
    "sine, 0.8 to 3 Hz": sine,
    "sine in all leads": periodic(np.sin),
    "square wave": periodic(square),
    "sawtooth": periodic(sawtooth),
    "calibration pulses": periodic(lambda phase: square(phase, 0.2)),
    "pulse wave": pulse,
    "breathing": breath,
    "one lead in all twelve": one_lead,
    "one lead in all, limb leads computed": lambda signal, rng: derive_limb_leads(one_lead(signal, rng)),
    "all leads shuffled": shuffled(0, 12),
    "limb leads shuffled": shuffled(0, 6),
    "chest leads shuffled": shuffled(6, 12),
    "two limb leads exchanged": exchanged(0, 6),
    "two chest leads exchanged": exchanged(6, 12),
    "limb and chest leads exchanged": ordered(*range(6, 12), *range(6)),
    "chest leads in reverse order": ordered(*range(6), *range(11, 5, -1)),
    "arm electrodes exchanged": electrodes(lambda s: -s[0], lambda s: s[2]),
    "right arm and left leg exchanged": electrodes(lambda s: -s[2], lambda s: -s[1]),
    "amplitude × 1000": times(1000),
    "amplitude / 1000": times(1e-3),
    "amplitude × 10": times(10),
    "amplitude / 10": times(0.1),
    "amplitude × 2": times(2),
    "2.5 times as slow": lambda signal, rng: resample(signal, RATE, 250),
    "twice as slow": lambda signal, rng: resample(signal, RATE, 200),
    "2.5 times as fast": (as_recorded, 250),
    "twice as fast": (as_recorded, 200),
    "time reversed": lambda signal, rng: signal[:, ::-1],
    "upside down": times(-1),
    "noise, 20 dB": noisy(20),
    "noise, 10 dB": noisy(10),
    "noise, 0 dB": noisy(0),
    "noise, -10 dB": noisy(-10),
    "first 5 s": lambda signal, rng: signal[:, :500],
    "first 2.5 s": lambda signal, rng: signal[:, :250],
    "V1 off": without(6),
    "limb leads only, the others zeros": without(*range(6, 12)),
}
"""Changes of a record by name; with a rate, its samples are treated as if they had that rate."""


def score_signal(signal: Signal, rate: float) -> tuple[float, bool, bool, tuple[str, ...]]:
    """Return the score on all leads; whether the first segment is refused, or at least doubted; the score's reasons."""
    all_leads = outlier.score(split(signal, rate), LEADS)
    recording = Recording(signal, rate, LEADS)
    analysis = next(analyze_segments(segments(recording, RATE), LEADS, force=False))
    refused = bool(analysis.refusal_reasons)
    withheld = refused or any(doubt.withholds for doubt in analysis.doubts)
    return min(all_leads.score, 1e9), refused, withheld, analysis.refusal_reasons or all_leads.reasons


def measure_records(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Print the share of unchanged records that are refused; return their scores."""
    results = [score_signal(millivolts(dataset, r), RATE) for r in rows]
    score, refused, withheld = (np.array([r[k] for r in results]) for k in range(3))
    print("| as recorded | records | score over 1 | refused | or rule-out withheld |\n|---|---|---|---|---|")
    stated = {label: dataset.annotations.labels((label,))[rows, 0] for label in ("NORM", "MI", "CD", "AFIB", "PACE")}
    for name, who in {"all": np.ones(len(rows), bool), **stated}.items():
        shares = [percent(x[who.astype(bool)], 2) for x in (score > 1, refused, withheld)]
        print(f"| {name} | {who.sum():,} | {' | '.join(shares)} |")
    ids = dataset.annotations.ecg_ids[rows]
    for k in np.flatnonzero([bool(result[3]) for result in results]):
        print(f"  ecg_id {ids[k]}: {'refused' if refused[k] else 'interpreted'}: {'; '.join(results[k][3])}")
    return score


def measure_changes(dataset: Dataset, rows: np.ndarray, known: np.ndarray) -> None:
    print("| changed | score over 1 | refused | or rule-out withheld | AUROC of the score |\n|---|---|---|---|---|")
    for name, change in CHANGES.items():
        change, rate = change if isinstance(change, tuple) else (change, RATE)
        results = []
        for row in rows:
            signal = change(millivolts(dataset, row), np.random.default_rng(int(row)))
            results.append(score_signal(np.ascontiguousarray(signal, np.float32), rate))
        score, refused, withheld = (np.array([r[k] for r in results]) for k in range(3))
        auroc = roc_auc_score(np.repeat([0, 1], [len(known), len(score)]), np.concatenate([known, score]))
        shares = " | ".join(f"{x.mean():.1%}".replace("%", " %") for x in (score > 1, refused, withheld))
        print(f"| {name} | {shares} | {auroc:.3f} |", flush=True)


def pairs(dataset: Dataset, data: Path, fold: int) -> None:
    """Print differences between the scores at 500 Hz and at 100 Hz, of the records that are available at both."""
    scores = []
    for row in dataset.rows((fold,)):
        path = data / f"{dataset.annotations.table['filename_hr'].iloc[row]}.hea"
        if path.exists():
            recording = einthoven.read(path)
            high = outlier.score(split(recording.signal, recording.rate), recording.leads)
            scores.append([outlier.score(split(millivolts(dataset, row), RATE), LEADS).score, high.score])
    if scores:
        low, high = np.array(scores).T
        ratio, same = np.quantile(high / low, [0.01, 0.5, 0.99]).round(3), ((low > 1) == (high > 1)).mean()
        print(f"score at 500 Hz / at 100 Hz of {len(low)} records: 1, 50 and 99 % {ratio}; same decision {same:.2%}")


def speed() -> None:
    bands = split(np.random.default_rng(0).normal(size=(12, 1000)).astype(np.float32), RATE)
    laps = []
    for _ in range(500):
        start = time.perf_counter()
        outlier.score(bands, LEADS)
        laps.append(time.perf_counter() - start)
    print(f"score: {1000 * float(np.median(laps)):.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=9)
    parser.add_argument("--every", type=int, default=1, help="take only every n-th record for the changes")
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    rows = dataset.rows((options.fold,))
    measure_changes(dataset, rows[:: options.every], measure_records(dataset, rows))
    pairs(dataset, options.data, options.fold)
    speed()
    for path in options.files:
        try:
            recording = einthoven.read(path)
        except RecordingError as error:
            print(error)
            continue
        bands = split(recording.signal, recording.rate)
        score = outlier.score(bands, recording.leads, derived=recording.derived_leads)
        accepted = assess(recording.signal, recording.rate, recording.leads).acceptable
        print(f"{path.name}: {score.score:.2f}, contradiction {score.contradiction:.2f}, gate accepts: {accepted}")


if __name__ == "__main__":
    main()
