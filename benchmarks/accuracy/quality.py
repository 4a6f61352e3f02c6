"""Measure the accuracy and the speed of the quality gate: nested cross-validation on the Challenge 2011 data, PTB-XL.

    python benchmarks/accuracy/quality.py --challenge quality --data ptb-xl [--bundle default]

`--challenge` is a folder with `labels.csv` (record, quality) and `signals.flac` (one 16-bit stream: for each row twelve
leads of 5,000 samples at 500 Hz, 5 uV a unit; read with soundfile). For each part of a cross-validation the three
limits that decide are chosen on the other parts. PTB-XL's fold 10 is only reported: the refusals of the gates there,
and the bundle's AUROC with and without them. Prints Markdown.
"""

import argparse
import csv
import time
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import soundfile
from common import existing_path, millivolts, percent
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.array_metrics import macro_auroc
from einthoven.evaluate.bundles import predict_with_bundle
from einthoven.model.bundle import Bundle
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.recording import LEADS
from einthoven.signal.bands import split
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.outlier import score
from einthoven.signal.quality import Quality, assess
from einthoven.signal.quality.gate import AGREEMENT, LEAP_MV, LOST_LIMIT, PROBLEM_TEXTS, lost_seconds
from einthoven.signal.quality.measures import Measures, measure
from einthoven.signal.steep_places import beats_stand_out

RATE = 500
LIMITS = tuple(np.arange(0.75, 4.01, 0.25) / 12)
GRID = ((6.0, 8.0, 10.0, 15.0), (-1.0, 0.4, 0.5, 0.6, 0.7), LIMITS)  # leap in mV, agreement, share lost
CHOICES = list(product(*GRID))
REPEATS = 10
LEAST = 10  # records with and without each label that an AUROC needs to mean anything


def read_challenge(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the signals (records, 12, 5000) in mV, and which of them are unacceptable."""
    signals = soundfile.read(str(folder / "signals.flac"), dtype="int16")[0].reshape(-1, len(LEADS), 5000)
    with (folder / "labels.csv").open() as file:
        unacceptable = [row["quality"] == "unacceptable" for row in csv.DictReader(file)]
    return signals * np.float32(0.005), np.array(unacceptable)


def measures_of(signal: np.ndarray, rate: float) -> tuple[Measures, bool]:
    """Return the measures, and whether beats stand out."""
    bands = split(signal, rate)
    return measure(signal, rate, bands), beats_stand_out(bands)


def choose(right: np.ndarray) -> int:
    """Return the column of `right` (records, CHOICES) of the highest share; of several, that nearest their median."""
    share = right.mean(axis=0)
    best = np.flatnonzero(share > share.max() - 1e-9)
    points = np.stack(np.unravel_index(best, tuple(map(len, GRID))), axis=1)
    return int(best[np.abs(points - np.median(points, axis=0)).sum(axis=1).argmin()])


def nested(right: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, Counter]:
    """Return which records (repeats, records) a choice made without them assesses correctly; count the choices."""
    correct, chosen = np.zeros((REPEATS, len(truth)), bool), Counter()
    for repeat in range(REPEATS):
        for train, test in StratifiedKFold(10, shuffle=True, random_state=repeat).split(truth, truth):
            choice = choose(right[train])
            correct[repeat, test] = right[test, choice]
            chosen[CHOICES[choice]] += 1
    return correct, chosen


def challenge(folder: Path) -> None:
    signals, unacceptable = read_challenge(folder)
    measures, seen = zip(*[measures_of(signal, RATE) for signal in signals], strict=True)
    lost = {(mv, r): np.array([lost_seconds(m, LEADS, mv, r).mean() for m in measures]) for mv, r, _ in CHOICES}
    hidden = ~np.array(seen)
    right = np.stack([((lost[mv, r] > limit) | hidden) == unacceptable for mv, r, limit in CHOICES], axis=1)
    correct, chosen = nested(right, unacceptable)
    shipped = ((lost[LEAP_MV, AGREEMENT] > LOST_LIMIT) | hidden) == unacceptable
    print(f"accuracies of the {REPEATS} repeats: {', '.join(f'{a:.3f}' for a in correct.mean(axis=1))}")
    print("| | accuracy | sensitivity for unacceptable | specificity |\n|---|---|---|---|")
    for name, hits in (("nested cross-validation", correct.mean(axis=0)), ("as shipped, same data", shipped)):
        parts = (np.ones_like(unacceptable), unacceptable, ~unacceptable)
        print(f"| {name} | " + " | ".join(percent(hits[part]) for part in parts) + " |")
    print("chosen most often (leap in mV, agreement, leads lost):")
    for (mv, r, limit), times in chosen.most_common(4):
        print(f"  {mv:g}, {r:g}, {12 * limit:.2f}: {times} of {10 * REPEATS}")
    one = np.array([sorted(lost_seconds(m, LEADS).all(axis=1)) for m in measures]).sum(axis=1) == 1
    print(
        f"exactly one lead wholly lost: {one.sum()} records, {(one & unacceptable).sum()} of them labelled unacceptable"
    )
    print("missed:", np.flatnonzero(~shipped & unacceptable).tolist())
    print("refused though acceptable:", np.flatnonzero(~shipped & ~unacceptable).tolist())


def assessed(dataset: Dataset, folds: tuple[int, ...]) -> list[Quality]:
    return [assess(millivolts(dataset, r), dataset.rate, LEADS) for r in dataset.rows(folds)]


def ptbxl(dataset: Dataset) -> None:
    print("| problem | leads that have it, folds 1-9 |\n|---|---|")
    folds = tuple(range(1, 10))
    rows, qualities = dataset.rows(folds), assessed(dataset, folds)
    for problem in PROBLEM_TEXTS:
        print(f"| {problem} | {np.mean([problem in lead.problems for q in qualities for lead in q.leads]):.2%} |")
    refused = [int(dataset.annotations.ecg_ids[r]) for r, q in zip(rows, qualities, strict=True) if not q.acceptable]
    print(f"refused, folds 1-9: {percent(~np.array([q.acceptable for q in qualities]))}, ecg_id {refused}")
    print("| annotation, folds 1-9 | records | problem | among annotated | among others |\n|---|---|---|---|---|")
    for column, problem in (("baseline_drift", "wander"), ("static_noise", "noise"), ("electrodes_problems", "off")):
        annotated = dataset.annotations.table[column].notna().to_numpy()[rows]
        has = np.array([any(problem in lead.problems for lead in q.leads) for q in qualities])
        shares = f"{has[annotated].mean():.0%} | {has[~annotated].mean():.0%}"
        print(f"| {column} | {annotated.sum():,} | {problem} | {shares} |")
    # AUROC of the underlying measures, which owes nothing to the limits
    sample = rows[::8]
    measures = [measures_of(millivolts(dataset, r), dataset.rate)[0] for r in sample]
    for column, values in (
        ("baseline_drift", [m.wander.max() for m in measures]),
        ("static_noise", [m.noise.mean(axis=1).max() for m in measures]),
    ):
        annotated = dataset.annotations.table[column].notna().to_numpy()[sample]
        print(f"AUROC for {column}: {roc_auc_score(annotated, values):.2f}")


def gates(signal: np.ndarray, rate: float) -> tuple[bool, bool, bool]:
    """Return whether the quality gate refuses a signal, whether any gate does, and whether anything is noted."""
    bands = split(signal, rate)
    quality = assess(signal, rate, LEADS, bands)
    outlier = score(bands, LEADS, [lead.lead for lead in quality.leads if lead.lost_share == 1])
    unfit = not quality.acceptable
    return unfit, unfit or bool(outlier.reasons), bool(quality.problems or outlier.doubts)


def with_bundle(dataset: Dataset, bundle: Bundle) -> None:
    """Print the bundle's AUROC on the records of fold 10 that are accepted and refused, with and without notes."""
    decisions = [gates(millivolts(dataset, r), dataset.rate) for r in dataset.rows((10,))]
    unfit, refused, noted = np.array(decisions).T
    accepted = ~refused
    truth = dataset.annotations.labels(SUPERCLASSES)[dataset.rows((10,))]
    columns = [bundle.card.labels.index(label) for label in SUPERCLASSES]
    scores = predict_with_bundle(bundle, dataset, (10,)).probabilities[:, columns]
    print(f"refused, fold 10: {percent(unfit)} by the quality gate,", end=" ")
    print(f"{percent(refused)} by it or the outlier score, of {len(accepted):,}")
    print(f"| fold 10, bundle {bundle.card.name} | records | superclass macro AUROC |\n|---|---|---|")
    for name, part in (
        ("all", np.ones_like(accepted)),
        ("accepted", accepted),
        ("refused", refused),
        ("accepted, nothing noted", accepted & ~noted),
        ("accepted, something noted", accepted & noted),
    ):
        few = min(truth[part].sum(axis=0).min(), (~truth[part]).sum(axis=0).min()) < LEAST
        print(f"| {name} | {part.sum():,} | {'too few' if few else f'{macro_auroc(truth[part], scores[part]):.3f}'} |")


def speed() -> None:
    print("| 10 s of 12 leads at | assess, ms: fastest (median) | heart_rate_bpm |\n|---|---|---|")
    for rate in (100, 250, 500):
        signal = np.random.default_rng(0).normal(size=(12, 10 * rate)).astype(np.float32)
        times = []
        for call in (lambda s, r: assess(s, r, LEADS), heart_rate_bpm):
            laps = []
            for _ in range(200):
                start = time.perf_counter()
                call(signal, rate)
                laps.append(time.perf_counter() - start)
            times.append(f"{1000 * min(laps):.1f} ({1000 * float(np.median(laps)):.1f})")
        print(f"| {rate} Hz | {' | '.join(times)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--challenge", type=existing_path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", default="default", help="a shipped bundle's name, or a folder")
    options = parser.parse_args()
    challenge(options.challenge)
    dataset = Dataset.open(options.data)
    ptbxl(dataset)
    with_bundle(dataset, Bundle.load(options.bundle))
    speed()


if __name__ == "__main__":
    main()
