"""Measure the answer about an acute infarct on fold 9 of PTB-XL, which neither bundles nor coefficients have seen.

    python benchmarks/accuracy/acute.py BUNDLE ... --data ptb-xl

BUNDLE is `default`, `edge` or the folder of a bundle. benchmarks/fit/acute.py fits the coefficients on folds 1-8, and
prints the cross-validated figures of folds 1-9. Prints Markdown: separation of acute patterns and calibration of the
probability, decisions about each group of records, and reasons why decisions are withheld.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from common import millivolts, percent

from einthoven import Interpretation, Interpreter, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.array_metrics import Ranking
from einthoven.evaluate.bootstrap import bootstrap
from einthoven.ptbxl.annotations import LATER_STAGES, staged
from einthoven.recording import LEADS, Patient

FOLD = (9,)
BY_STAGE = "stage I or I-II, or injury"  # without the reports that call an infarct acute
BINS = (0.0, 0.005, 0.02, 0.05, 0.2, 1.0)


def interpretations(dataset: Dataset, rows: np.ndarray, bundle: str) -> list[Interpretation]:
    """Return the interpretations of the records, as a user gets them."""
    table = dataset.annotations.table.iloc[rows]
    patients = [
        Patient(age=None if np.isnan(age) else float(age), sex="female" if sex == 1 else "male")
        for age, sex in zip(table.age, table.sex, strict=True)
    ]
    recordings = [
        Recording(millivolts(dataset, row), dataset.rate, LEADS, patient=patient)
        for row, patient in zip(rows, patients, strict=True)
    ]
    return list(Interpreter.load(bundle).batch(recordings))


def groups_of(dataset: Dataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return masks of the records in each group, shape (records,)."""
    annotations = dataset.annotations
    later = staged(annotations.table, LATER_STAGES).to_numpy()[rows]
    names = ("ACUTE", "INJURY", "acute-pattern", "MI", "NORM")
    elevation, injury, by_stage, infarct, normal = annotations.labels(names)[rows].T
    acute = elevation | injury
    return {
        "ACUTE": elevation,
        "INJURY": injury,
        "either": acute,
        BY_STAGE: by_stage,
        "other infarcts": infarct & ~acute,
        "of a later stage": infarct & later & ~acute,
        "NORM": normal & ~infarct,
        "others": ~infarct & ~normal,
        "all without an acute pattern": ~acute,
        "CLBBB": annotations.labels(("CLBBB",))[rows, 0],
        "PACE": annotations.labels(("PACE",))[rows, 0],
    }


def auroc(patients: np.ndarray, truth: np.ndarray, scores: np.ndarray) -> str:
    """Return an AUROC with its 95 % interval over patients."""
    ranking, required = Ranking.from_scores(scores, truth), np.stack([truth, ~truth], axis=1)
    estimates = bootstrap(lambda weights: {"auroc": ranking.areas(weights)[0]}, patients, required)
    return f"{estimates.interval('auroc'):.3f}"


def separation(groups: dict[str, np.ndarray], patients: np.ndarray, scores: dict[str, np.ndarray]) -> None:
    """Print AUROCs of each score."""
    infarct = groups["either"] | groups["other infarcts"]  # without a label here, an infarct counts as another one
    print("\n| fold 9 | records | score | AUROC against all others | against other infarcts | of a later stage |")
    print("|---|---|---|---|---|---|")
    for name in ("ACUTE", "INJURY", "either", BY_STAGE):
        truth = groups[name]
        for score, values in scores.items():
            answered = ~np.isnan(values)
            among = (answered, answered & infarct, answered & (truth | groups["of a later stage"]))
            areas = [auroc(patients[some], truth[some], values[some]) for some in among]
            print(f"| {name} | {(truth & answered).sum()} | {score} | {' | '.join(areas)} |")


def calibration(truth: np.ndarray, probability: np.ndarray) -> None:
    """Print expected and observed patterns by probability."""
    print("\n| probability | records | expected | with an acute pattern |\n|---|---|---|---|")
    for low, high in pairwise(BINS):
        inside = (probability >= low) & (probability < high)
        print(f"| {low:g} to {high:g} | {inside.sum():,} | {probability[inside].sum():.1f} | {truth[inside].sum()} |")


def decisions(groups: dict[str, np.ndarray], results: Sequence[Interpretation]) -> None:
    """Print the decisions about each group."""
    acute = [result.acute for result in results]
    ruled_in = np.array([pattern is not None and pattern.decision == "rule-in" for pattern in acute])
    ruled_out = np.array([pattern is not None and pattern.decision == "rule-out" for pattern in acute])
    withheld = np.array([pattern is not None and pattern.withheld_because is not None for pattern in acute])
    stemi = np.array([any(c.code == "STEMI-UDMI4" and c.met for c in result.criteria) for result in results])
    print("\n| fold 9 | records | criteria of ST elevation met | ruled in | ruled out | withheld |")
    print("|---|---|---|---|---|---|")
    for name, member in groups.items():
        shares = [percent(values[member]) for values in (stemi, ruled_in, ruled_out, withheld)]
        print(f"| {name} | {member.sum():,} | {' | '.join(shares)} |")
    reasons = Counter(pattern.withheld_because for pattern in acute if pattern and pattern.withheld_because)
    print("\n| withheld because | records |\n|---|---|")
    for reason, count in reasons.most_common():
        print(f"| {reason} | {count} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    rows = dataset.rows(FOLD)
    groups, patients = groups_of(dataset, rows), dataset.annotations.patients[rows]
    for bundle in options.bundles:
        results = interpretations(dataset, rows, bundle)
        answered = np.array([result.acute is not None for result in results])
        print(f"\n## {bundle}\n\n{answered.sum():,} of {len(rows):,} records are interpreted.")
        probability = np.array([result.acute.probability if result.acute else np.nan for result in results])
        infarct = np.array([result.mi.probability if result.mi else np.nan for result in results])
        separation(groups, patients, {"acute": probability, "infarct of any age": infarct})
        calibration(groups["either"][answered], probability[answered])
        decisions(groups, results)


if __name__ == "__main__":
    main()
