"""Measure how often PTB-XL's records have a heart rate, pacing spikes and P waves that fit their statements.

    python benchmarks/accuracy/beats.py --data ptb-xl --folds 9 [--add-spikes]

`--add-spikes` adds pacing spikes to every eighth sinus rhythm instead, and measures their effect.
Spikes in records that neither state PACE nor name a pacemaker count as false, though some are real. Prints Markdown.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal.bands import split
from einthoven.signal.beat_values import Beats
from einthoven.signal.beats import analyze_beats
from einthoven.signal.measurements.measure import measure_signal
from einthoven.signal.pacing import Pacing, find_spikes, remove_spikes
from einthoven.signal.pacing_capture import is_captured, without_remains
from einthoven.signal.resampling import resample

STATEMENTS = ("SR", "AFIB", "AFLT", "PACE", "CLBBB", "PVC", "BIGU", "STACH", "SBRAD", "1AVB", "2AVB", "3AVB")
P_WAVES = ("leading", "absent", "dropped", "dissociated", None)


def analyze(signal: np.ndarray, rate: int) -> tuple[Pacing, Beats, tuple[float, float]]:
    start = time.thread_time()
    spikes = find_spikes(signal, rate)
    middle = time.thread_time()
    bands = split(remove_spikes(signal, rate, spikes), rate)
    later = time.thread_time()
    beats = analyze_beats(bands)
    answers = without_remains(np.asarray(beats.times_s), spikes, bands.ecg)
    captured = is_captured(spikes, answers, signal.shape[1] / rate)
    return Pacing(tuple(spikes.tolist()), captured), beats, (middle - start, time.thread_time() - later)


def added_spikes(dataset: Dataset, rows: Sequence[int], rate: int = 500, before_s: float = 0.08) -> None:
    """Add spikes of 2 ms before each beat; print the changes with and without their removal."""
    print("| added spikes | records | spikes found, % | | rate within 1 bpm, % | QRS, ms | QRS within 10 ms, % |")
    print("|---|---|---|---|---|---|---|")
    rng = np.random.default_rng(0)
    for height_mv in (2, 5, 10):
        found, changes = [], {"removed": [], "left": []}
        for row in rows:
            plain = resample(dataset.signals[row].astype(np.float32) / 1000, dataset.rate, rate)
            times = analyze_beats(split(plain, rate)).times_s - before_s
            samples = np.rint(times[(times > 0) & (times < 9.99)] * rate).astype(int)
            spiked = plain.copy()
            spiked[:, samples] += height_mv * _direction(rng)[:, None]
            spikes = find_spikes(spiked, rate)
            found.append(min(1, len(spikes) / max(1, len(samples))))
            before = _rate_and_qrs(plain, rate)
            for name, signal in (("removed", remove_spikes(spiked, rate, spikes)), ("left", spiked)):
                changes[name].append(
                    [_less(now, then) for now, then in zip(_rate_and_qrs(signal, rate), before, strict=True)]
                )
        for name, values in changes.items():
            bpm, qrs = np.array(values, float).T
            same_rate, same_qrs = (100 * (abs(change) <= limit).mean() for change, limit in ((bpm, 1), (qrs, 10)))
            print(
                f"| {height_mv} mV | {len(rows)} | {100 * np.mean(found):.1f} | {name} | {same_rate:.1f} | "
                f"{np.nanmean(qrs):+.1f} ± {np.nanstd(qrs):.1f} | {same_qrs:.1f} |"
            )


def _direction(rng: np.random.Generator) -> np.ndarray:
    """Return the amplitudes of a random dipole in the leads; the largest is 1."""
    i, ii, *chest = rng.normal(size=8)
    leads = np.array([i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2, *chest], np.float32)
    return leads / np.abs(leads).max()


def _rate_and_qrs(signal: np.ndarray, rate: int) -> tuple[float | None, float | None]:
    return analyze_beats(split(signal, rate)).rate_bpm, measure_signal(signal, rate, LEADS).qrs_ms


def _less(now: float | None, then: float | None) -> float:
    return now - then if now is not None and then is not None else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, nargs="+", default=[9])
    parser.add_argument("--add-spikes", action="store_true")
    args = parser.parse_args()
    dataset = Dataset.open(args.data)
    rows = dataset.rows(tuple(args.folds))
    if args.add_spikes:
        sinus = dataset.annotations.statements["SR"].iloc[rows].to_numpy()
        added_spikes(dataset, rows[sinus][::8].tolist())
        return
    results = [analyze(dataset.signals[row].astype(np.float32) / 1000, dataset.rate) for row in rows]
    stated = dataset.annotations.statements.iloc[rows]
    rates = np.array([beats.rate_bpm is not None and pacing.captured is not False for pacing, beats, _ in results])
    spikes = np.array([bool(pacing.spikes) for pacing, _, _ in results])
    p_waves = np.array([[beats.p_waves == kind for kind in P_WAVES] for _, beats, _ in results])
    print("| records | number | rate, % | spikes, % | P waves leading | absent | dropped | dissociated | unclear |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in ("all", *STATEMENTS):
        of = np.ones(len(rows), bool) if name == "all" else stated[name].to_numpy()
        shares = [rates[of].mean(), spikes[of].mean(), *p_waves[of].mean(axis=0)]
        print(f"| {name} | {of.sum()} | " + " | ".join(f"{100 * share:.1f}" for share in shares) + " |")
    unpaced = ~stated["PACE"].to_numpy() & dataset.annotations.table["pacemaker"].iloc[rows].isna().to_numpy()
    find_ms, beats_ms = np.median([cost for *_, cost in results], axis=0) * 1000
    print(f"\nSpikes without a pacemaker: {spikes[unpaced].sum()} of {unpaced.sum()}.")
    print(f"Cost, median: spikes {find_ms:.2f} ms, beats {beats_ms:.2f} ms.")


if __name__ == "__main__":
    main()
