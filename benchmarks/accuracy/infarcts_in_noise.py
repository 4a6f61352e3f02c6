"""Measure the sensitivity for infarcts at a specificity of .95 with muscle noise at each electrode.

    python benchmarks/accuracy/infarcts_in_noise.py BUNDLE ... --data ptb-xl [--amplitude 0.075] [--drawings 5]

The threshold is that of the noisy records, and that of the clean ones, as users have it. Each drawing adds other noise
to every record of fold 9, so that the test fold is not used. Prints Markdown.
"""

import argparse
from pathlib import Path

import numpy as np
from common import millivolts
from robustness import RATE, at_electrodes

from einthoven.datasets.dataset import Dataset
from einthoven.model.bundle import Bundle

SPECIFICITY = 0.95


def threshold(scores: np.ndarray, infarct: np.ndarray) -> float:
    """Return the lowest threshold at which scores (records,) have this specificity."""
    return float(np.quantile(scores[~infarct], SPECIFICITY, method="higher"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--amplitude", type=float, default=0.075, help="mV rms at each electrode")
    parser.add_argument("--drawings", type=int, default=5)
    options = parser.parse_args()
    dataset = Dataset.open(options.data, RATE)
    rows = dataset.rows((9,))
    infarct = dataset.annotations.labels(("MI",))[rows, 0].astype(bool)
    clean = [millivolts(dataset, row) for row in rows]
    add_noise = at_electrodes(options.amplitude)
    print("| bundle | clean | in noise, its own threshold | each drawing | clean threshold | its specificity |")
    print("|---|---|---|---|---|---|")
    for name in options.bundles:
        bundle = Bundle.load(name)
        mi = bundle.card.labels.index("MI")
        usual = np.array([scores[mi] for scores in bundle.batch_scores(clean)])
        limit = threshold(usual, infarct)
        own, users, specificity = [], [], []
        for seed in range(options.drawings):
            rng = np.random.default_rng(seed)
            noisy = [np.asarray(add_noise(signal, rng), np.float32) for signal in clean]
            scores = np.array([scores[mi] for scores in bundle.batch_scores(noisy)])
            own.append((scores[infarct] > threshold(scores, infarct)).mean())
            users.append((scores[infarct] > limit).mean())
            specificity.append((scores[~infarct] <= limit).mean())
        each = ", ".join(f"{value:.3f}" for value in own)
        usually = (usual[infarct] > limit).mean()
        at_limit = f"{np.mean(users):.3f} | {np.mean(specificity):.3f}"
        print(f"| `{name}` | {usually:.3f} | {np.mean(own):.3f} | {each} | {at_limit} |", flush=True)


if __name__ == "__main__":
    main()
