"""Fit and measure the flag for swapped arm electrodes on PTB-XL, signals only.

    python benchmarks/swapped_arms.py --data ptb-xl

Folds 1-8 fit the weights, fold 9 sets the threshold, fold 10 measures. A swap is simulated as it is in nature: I turns
over, II and III, aVR and aVL change places. Prints weights, threshold and a Markdown table.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from einthoven.evaluate.bootstrap import wilson
from einthoven.ptbxl.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal.bands import split
from einthoven.signal.heart_rate import find_beats
from einthoven.signal.quality import assess
from einthoven.signal.quality.arms import correlations

SWAP = [0, 2, 1, 4, 3, 5, 6, 7, 8, 9, 10, 11]
FALSE_FLAGS = 0.002


def features(signal: np.ndarray, rate: float) -> np.ndarray:
    bands = split(signal, rate)
    return correlations(bands.ecg, find_beats(bands.common_slope), LEADS).ravel()


def swapped(signal: np.ndarray) -> np.ndarray:
    swapped = signal[SWAP].copy()
    swapped[0] *= -1
    return swapped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    dataset = Dataset.open(options.data)

    def millivolts(row: int) -> np.ndarray:
        return dataset.signals[row] / np.float32(1000)

    x, nine = (
        np.stack([features(millivolts(r), dataset.rate) for r in dataset.rows(folds)])
        for folds in (tuple(range(1, 9)), (9,))
    )
    truth = np.repeat([0, 1], len(x))
    model = LogisticRegression(C=1, fit_intercept=False, max_iter=3000).fit(np.concatenate([x, -x]), truth)
    weights = model.coef_.astype(np.float64).reshape(3, 7).round(2)
    threshold = np.quantile(nine @ weights.ravel(), 1 - FALSE_FLAGS)
    print(weights.tolist(), f"{threshold:.2f}")
    print("| fold 10 as shipped | records | share flagged, 95 % interval |\n|---|---|---|")
    stated = dataset.annotations.statements
    groups = {"all": np.ones(len(stated), bool)}
    groups |= {label: dataset.annotations.labels((label,))[:, 0] for label in ("NORM", "MI", "CD", "AFIB", "PACE")}
    ten = dataset.rows((10,))
    flags = {
        name: dict(
            zip(ten, [assess(change(millivolts(r)), dataset.rate, LEADS).arms_swapped for r in ten], strict=True)
        )
        for name, change in (("as recorded", lambda s: s), ("arms swapped", swapped))
    }
    for group, member in groups.items():
        rows = [r for r in ten if member[r]]
        for name, flag in flags.items():
            w = wilson(sum(flag[r] for r in rows), len(rows))
            print(f"| {group}, {name} | {len(rows):,} | {w['value']:.2%} ({w['low']:.2%} to {w['high']:.2%}) |")
    print("flagged as recorded, ecg_id:", [int(dataset.annotations.ecg_ids[r]) for r in ten if flags["as recorded"][r]])


if __name__ == "__main__":
    main()
