"""Measure the accuracy of the heart rate on simulated ECGs of known rate, and on PTB-XL with its statements and xqrs.

    python benchmarks/accuracy/heart_rate.py --data ptb-xl

PTB-XL has no measured rate. Fold 9 is compared with its statements (bradycardia below 60, tachycardia above 100), and
250 records of it with the median of wfdb's detector xqrs on II, V2 and V5 (resampled to 500 Hz). Prints Markdown.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly
from wfdb.processing import XQRS

from einthoven.datasets.dataset import Dataset
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.simulate.heart import normal_heart
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing

NOISES = {"clean": (0.01, 0.005), "muscle noise 0.1 mV": (0.01, 0.1), "wander 0.5 mV": (0.5, 0.005)}


def simulated() -> None:
    print("| simulated, 30 to 185 bpm | ECGs | none | largest error, % |\n|---|---|---|---|")
    for name, (wander, muscle) in NOISES.items():
        noise = Noise(np.full(len(ELECTRODES), wander), np.full(len(ELECTRODES), muscle))
        errors, none = [], 0
        rates = np.arange(30, 186, 5)
        for seed, rate in enumerate(np.repeat(rates, 3)):
            rhythm = Rhythm(float(rate), sinus_arrhythmia=0, irregularity=0)
            signal = tracing(normal_heart(), rhythm, noise, [100], np.random.default_rng(seed))[0].T / np.float32(1000)
            bpm = heart_rate_bpm(signal, 100)
            none += bpm is None
            errors += [] if bpm is None else [abs(bpm / rate - 1)]
        print(f"| {name} | {3 * len(rates)} | {none} | {100 * max(errors):.1f} |")


def xqrs_bpm(signal: np.ndarray) -> float:
    """Return the median of three leads' rates."""
    rates = []
    for lead in (1, 7, 10):
        detector = XQRS(resample_poly(signal[lead].astype(float), 5, 1), 500)
        detector.detect(verbose=False)
        at = detector.qrs_inds
        rates.append(30000 * (len(at) - 1) / (at[-1] - at[0]) if len(at) > 2 else np.nan)
    return float(np.nanmedian(rates))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    simulated()
    dataset = Dataset.open(options.data)
    rows = dataset.rows((9,))
    signals = dataset.signals[rows] / np.float32(1000)
    bpm = np.array([heart_rate_bpm(signal, dataset.rate) or np.nan for signal in signals])
    print("| PTB-XL fold 9 | records | none | share within | 1st, 50th, 99th percentile |\n|---|---|---|---|---|")
    for statement, low, high in (("all", 0, 999), ("SBRAD", 0, 62), ("STACH", 98, 999), ("AFIB", 0, 999)):
        member = dataset.annotations.statements[statement].to_numpy()[rows] if statement != "all" else np.isfinite(rows)
        known = bpm[member & ~np.isnan(bpm)]
        within = "" if high - low == 999 else f"{((known >= low) & (known <= high)).mean():.1%} in {low} to {high}"
        percentiles = ", ".join(f"{p:.0f}" for p in np.percentile(known, [1, 50, 99]))
        print(f"| {statement} | {member.sum():,} | {np.isnan(bpm[member]).mean():.1%} | {within} | {percentiles} |")
    some = np.random.default_rng(0).choice(len(rows), 250, replace=False)
    difference = np.abs(bpm[some] / np.array([xqrs_bpm(signals[k]) for k in some]) - 1)
    known = difference[~np.isnan(difference)]
    print(
        f"xqrs: median difference {np.median(known):.2%}, more than 5 %: {(known > 0.05).sum()} of {len(known)} known"
    )


if __name__ == "__main__":
    main()
