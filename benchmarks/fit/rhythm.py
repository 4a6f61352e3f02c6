"""Fit the thresholds of rhythm outputs of low support (`src/einthoven/interpret/rhythm/thresholds.json`).

    configs/acute/train.sh ptb-xl
    python benchmarks/fit/rhythm.py --data ptb-xl --runs runs/acute/without-* [--write]

These outputs have 13 to 66 positive records in PTB-XL's folds 1-9, fold 9 alone 1 to 7. So three networks, each trained
without three of these folds, score the folds that they have not seen. A threshold is the score of the highest F1, and
at least that which one of 1,000 records without a related statement reaches. Prints Markdown; without `--write` nothing
is changed.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from einthoven.files import write_beside
from einthoven.interpret.rhythm.thresholds import PARAMETERS, thresholds
from einthoven.ptbxl.dataset import Dataset
from einthoven.train.predict import predict
from einthoven.train.run import Run

FOLDS = tuple(range(1, 10))
FALSE_SHARE = 0.001
RELATED = {
    "AFLT": ("AFIB", "SVTAC", "PSVT"),
    "SVTAC": ("PSVT", "AFLT", "STACH"),
    "PSVT": ("SVTAC", "AFLT", "STACH"),
    "2AVB": ("3AVB",),
    "3AVB": ("2AVB",),
}
"""Statements whose records do not count as false."""


def out_of_sample(dataset: Dataset, runs: Sequence[Path]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Rows, and the score of each label by networks that have not seen them."""
    rows, scores = [], {label: [] for label in RELATED}
    for folder in runs:
        run = Run.open(folder)
        unseen = tuple(fold for fold in FOLDS if fold not in run.config.train_folds)
        probabilities = predict(run, dataset, unseen).probabilities
        rows.append(dataset.rows(unseen))
        for label, columns in scores.items():
            columns.append(probabilities[:, run.labels.index(label)])
    return np.concatenate(rows), {label: np.concatenate(columns) for label, columns in scores.items()}


def threshold(score: np.ndarray, truth: np.ndarray, counts: np.ndarray) -> float:
    """The score of the highest F1 among the records that count, and at most FALSE_SHARE of false ones."""
    least = np.quantile(score[counts & ~truth], 1 - FALSE_SHARE)
    order = np.argsort(-score[counts])
    hits = truth[counts][order].cumsum()
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    return round(float(max(score[counts][order][f1.argmax()], least)), 3)


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
    print("| label | records | AUROC | threshold | package | sensitivity | false, of all others |\n|---|---|---|---|---|---|---|")
    for label, score in scores.items():
        truth = statements[label].to_numpy()
        counts = truth | ~statements[list(RELATED[label])].to_numpy().any(axis=1)
        fitted[label] = threshold(score, truth, counts)
        hit = score >= fitted[label]
        figures = [truth.sum(), f"{roc_auc_score(truth, score):.3f}", fitted[label], thresholds().get(label)]
        figures += [f"{hit[truth].mean():.2f}", f"{(hit & ~truth & counts).sum()} and {(hit & ~counts).sum()} related"]
        print(f"| {label} | " + " | ".join(map(str, figures)) + " |")
    if options.write:
        with write_beside(PARAMETERS) as part:
            part.write_text(json.dumps(fitted, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
