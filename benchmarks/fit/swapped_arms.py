"""Fit the flag for swapped arm electrodes (WEIGHTS and THRESHOLD in `signal/quality/arms.py`) on PTB-XL's signals.

    python benchmarks/fit/swapped_arms.py --data ptb-xl

Folds 1-8 give the weights: a logistic regression without intercept that tells each record from itself with swapped
arms, which changes the sign of every feature. Fold 9 gives the threshold. Prints both next to the package's; copy them
by hand. benchmarks/accuracy/swapped_arms.py measures the flag.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from einthoven.ptbxl.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal.bands import split
from einthoven.signal.heart_rate import find_beats
from einthoven.signal.quality.arms import THRESHOLD, WEIGHTS, correlations

FALSE_FLAGS = 0.002  # share of fold 9 that is flagged as recorded


def features(dataset: Dataset, folds: tuple[int, ...]) -> np.ndarray:
    """The correlations (records, waves times partners) of lead I."""
    records = []
    for row in dataset.rows(folds):
        bands = split(dataset.signals[row] / np.float32(1000), dataset.rate)
        records.append(correlations(bands.ecg, find_beats(bands.common_slope), LEADS).ravel())
    return np.stack(records)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    train = features(dataset, tuple(range(1, 9)))
    swapped = np.repeat([0, 1], len(train))
    model = LogisticRegression(C=1, fit_intercept=False, max_iter=3000).fit(np.concatenate([train, -train]), swapped)
    weights = model.coef_.astype(np.float64).reshape(WEIGHTS.shape).round(2)
    threshold = np.quantile(features(dataset, (9,)) @ weights.ravel(), 1 - FALSE_FLAGS)
    print(f"weights {weights.tolist()}, the package's {WEIGHTS.tolist()}")
    print(f"threshold {threshold:.2f}, the package's {THRESHOLD:.2f}")


if __name__ == "__main__":
    main()
