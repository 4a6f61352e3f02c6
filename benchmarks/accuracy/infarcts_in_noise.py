"""Measure the sensitivity for infarcts at a specificity of .95 with muscle noise at each electrode.

    python benchmarks/accuracy/infarcts_in_noise.py BUNDLE ... --data ptb-xl [--amplitude 0.075] [--draws 5]

The threshold is that of the noisy records, and that of the clean ones, as users have it. Each draw adds other noise to
every record of fold 9, so that the test fold is not used. Prints Markdown.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from common import Signal, millivolts
from robustness import RATE, at_electrodes

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.thresholds import at_specificity
from einthoven.model.bundle import Bundle

SPECIFICITY = 0.95


def infarct_scores(bundle: Bundle, signals: Sequence[Signal]) -> np.ndarray:
    """Return the scores of MI, shape (records,)."""
    mi = bundle.card.labels.index("MI")
    return np.array([scores[mi] for scores in bundle.batch_scores(signals)])


def measure(bundle: Bundle, clean: Sequence[Signal], infarct: np.ndarray, amplitude: float, draws: int) -> str:
    """Return the row of one bundle."""
    usual, add_noise = infarct_scores(bundle, clean), at_electrodes(amplitude)
    limit = at_specificity(infarct, usual, SPECIFICITY)
    own, users, specificity = [], [], []
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        scores = infarct_scores(bundle, [np.asarray(add_noise(signal, rng), np.float32) for signal in clean])
        own.append((scores[infarct] >= at_specificity(infarct, scores, SPECIFICITY)).mean())
        users.append((scores[infarct] >= limit).mean())
        specificity.append((scores[~infarct] < limit).mean())
    each = ", ".join(f"{value:.3f}" for value in own)
    means = [(usual[infarct] >= limit).mean(), np.mean(own), np.mean(users), np.mean(specificity)]
    without, in_noise, at_limit, its_specificity = (f"{value:.3f}" for value in means)
    return f"| {without} | {in_noise} | {each} | {at_limit} | {its_specificity} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--amplitude", type=float, default=0.075, help="mV rms at each electrode")
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    dataset = Dataset.open(options.data, RATE)
    rows = dataset.rows((9,))
    infarct = dataset.annotations.labels(("MI",))[rows, 0]
    clean = [millivolts(dataset, row) for row in rows]
    print("| bundle | clean | in noise, its own threshold | each draw | clean threshold | its specificity |")
    print("|---|---|---|---|---|---|")
    for name in options.bundles:
        row = measure(Bundle.load(name), clean, infarct, options.amplitude, options.draws)
        print(f"| `{name}` {row}", flush=True)


if __name__ == "__main__":
    main()
