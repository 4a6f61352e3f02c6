"""Fit the thresholds of rhythm outputs of low support (`src/einthoven/interpret/rhythm/thresholds.json`).

    configs/acute/train.sh ptb-xl
    python benchmarks/fit/rhythm.py --data ptb-xl --runs runs/acute/without-* [--write]

These outputs have 13 to 66 positive records in PTB-XL's folds 1-9, fold 9 alone 1 to 7. So three networks, each trained
without three of these folds, score the folds that they have not seen. A threshold is the lowest score from which three
of four records have the statement, if at least ten of them do; without such a score the label is never named by the
model. Prints Markdown; without `--write` nothing is changed.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from einthoven.datasets.dataset import Dataset
from einthoven.files import atomic_write
from einthoven.interpret.rhythm.thresholds import PARAMETERS, thresholds
from einthoven.train.predict import predict
from einthoven.train.run import Run

FOLDS = tuple(range(1, 10))
PRECISION, MIN_HITS = 0.75, 10
LABELS = ("AFLT", "SVTAC", "PSVT", "2AVB", "3AVB", "TRIGU")


def out_of_sample(dataset: Dataset, runs: Sequence[Path]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return rows, and the score of each label by networks that have not seen them."""
    rows, scores = [], {label: [] for label in LABELS}
    for folder in runs:
        run = Run.open(folder)
        unseen = tuple(fold for fold in FOLDS if fold not in run.config.train_folds)
        probabilities = predict(run, dataset, unseen).probabilities
        rows.append(dataset.rows(unseen))
        for label, columns in scores.items():
            columns.append(probabilities[:, run.labels.index(label)])
    return np.concatenate(rows), {label: np.concatenate(columns) for label, columns in scores.items()}


def threshold(score: np.ndarray, truth: np.ndarray) -> float | None:
    """Return the lowest score from which PRECISION of the records have the statement; None with fewer than MIN_HITS."""
    order = np.argsort(-score)
    hits = truth[order].cumsum()
    enough = np.flatnonzero((hits >= PRECISION * np.arange(1, len(order) + 1)) & (hits >= MIN_HITS))
    return round(float(score[order][enough[-1]]), 3) if len(enough) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--write", action="store_true", help="replace the package's thresholds")
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    rows, scores = out_of_sample(dataset, options.runs)
    statements = dataset.annotations.statements.iloc[rows]
    fitted = {}
    print("| label | records | AUROC | threshold | package | sensitivity | others |\n|---|---|---|---|---|---|---|")
    for label, score in scores.items():
        truth, least = statements[label].to_numpy(), None
        if (least := threshold(score, truth)) is not None:
            fitted[label] = least
        hit = score >= (np.inf if least is None else least)
        figures = [truth.sum(), f"{roc_auc_score(truth, score):.3f}", least, thresholds().get(label)]
        figures += [f"{hit[truth].mean():.2f}", (hit & ~truth).sum()]
        print(f"| {label} | " + " | ".join(map(str, figures)) + " |")
    if options.write:
        with atomic_write(PARAMETERS) as part:
            part.write_text(json.dumps(fitted, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
