"""Compare a bundle's figures on fold 10 with those of a published xresnet1d101, with paired differences.

    python benchmarks/accuracy/against_published.py BUNDLE --data ptb-xl --benchmark xresnet1d101_statements.npz

The bundle's probabilities are calibrated. The other model's are the stored predictions of Strodthoff et al. 2021, whose
superclass scores are 1 - prod(1 - p) over the member statements. Both get thresholds from their own fold 9. Differences
are of the records of fold 10 that both predicted, with 95 % patient-bootstrap intervals. MI's threshold on fold 10's
own curve is the same in each resample. Prints Markdown.
"""

import argparse
from pathlib import Path

import numpy as np
from common import existing_path

from einthoven.arrays import Float64Array, IndexArray
from einthoven.datasets.annotations import Annotations
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.array_metrics import Weights, expected_calibration_error
from einthoven.evaluate.bootstrap import bootstrap
from einthoven.evaluate.bundles import calibrate_predictions, predict_with_bundle
from einthoven.evaluate.evaluation_data import EvaluationData, evaluation_data, fold_rows
from einthoven.evaluate.predictions import Predictions, label_scores
from einthoven.evaluate.statistics import accuracy_statistic, auc_statistics, decision_statistics, operating_statistics
from einthoven.evaluate.thresholds import Thresholds, at_specificity
from einthoven.model.bundle import Bundle
from einthoven.ptbxl.annotations import SUPERCLASSES

Rows = IndexArray


def stored(path: Path, annotations: Annotations) -> tuple[Predictions, EvaluationData]:
    """Return the published model's predictions on fold 10 by today's ecg_ids, and its superclass scores on its fold 9.

    That fold is of PTB-XL 1.0.1, whose records are not named; its own labels come with it.
    """
    with np.load(path) as file:
        names = tuple(str(name) for name in file["statements"])
        known = file["ecg_id_test"] > 0
        test = Predictions(file["ecg_id_test"][known], names, file["p_test"][known].astype(np.float64), "xresnet1d101")
        p, y = file["p_val"].astype(np.float64), file["y_val"].astype(bool)
    scores = label_scores(Predictions(np.arange(len(p)), names, p), annotations, SUPERCLASSES)
    assert scores is not None
    members = [[name in annotations.members(label) for name in names] for label in SUPERCLASSES]
    truth = np.stack([y[:, of_label].any(1) for of_label in members], axis=1)
    return test, EvaluationData(SUPERCLASSES, truth, scores, np.arange(len(p)))


class Model:
    """Scores of one model on both folds, and its thresholds from its fold 9."""

    def __init__(self, predictions: Predictions, annotations: Annotations, test_rows: Rows, validation: EvaluationData):
        self.superclass = evaluation_data(predictions, annotations, test_rows, SUPERCLASSES)
        self.statements = evaluation_data(predictions, annotations, test_rows, annotations.task("statements"))
        self.mi = evaluation_data(predictions, annotations, test_rows, ("MI",))
        self.thresholds = Thresholds.fit(validation.truth, validation.scores, "fold 9")
        mi = SUPERCLASSES.index("MI")
        self.rule_in = np.array([at_specificity(validation.truth[:, mi], validation.scores[:, mi], 0.95)])
        self.own = np.array([at_specificity(self.mi.truth[:, 0], self.mi.scores[:, 0], 0.95)])

    def statistic(self, weights: Weights) -> dict[str, Float64Array]:
        superclass, single = self.superclass, self.superclass.truth.sum(1) == 1
        right = (superclass.scores.argmax(1) == superclass.truth.argmax(1))[single]
        return {
            "superclass macro AUROC": auc_statistics(superclass)(weights)["macro_auroc"],
            "statements macro AUROC": auc_statistics(self.statements)(weights)["macro_auroc"],
            "statements macro AUROC, 10 positives or more": auc_statistics(self.statements)(weights)[
                "macro_auroc_supported"
            ],
            "MI AUROC": auc_statistics(self.mi)(weights)["macro_auroc"],
            "MI sensitivity at the fold-9 threshold": self._mi(weights, self.rule_in, "sensitivity"),
            "its specificity": self._mi(weights, self.rule_in, "specificity"),
            "MI sensitivity where fold 10's own curve has specificity .95": self._mi(weights, self.own, "sensitivity"),
            "global accuracy": decision_statistics(superclass, self.thresholds)(weights)["global_accuracy"],
            "single-superclass accuracy": accuracy_statistic(right)(weights[:, single])["accuracy"],
        }

    def _mi(self, weights: Weights, threshold: Float64Array, name: str) -> Float64Array:
        return operating_statistics(self.mi.truth, self.mi.scores, threshold)(weights)[name][:, 0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--benchmark", type=existing_path, required=True)
    parser.add_argument("--resamples", type=int, default=1000)
    options = parser.parse_args()
    bundle = Bundle.load(options.bundle)
    dataset = Dataset.open(options.data, bundle.card.rate)
    annotations = dataset.annotations
    predictions = calibrate_predictions(bundle, predict_with_bundle(bundle, dataset, (9, 10)))
    published, published_validation = stored(options.benchmark, annotations)
    validation = evaluation_data(predictions, annotations, fold_rows(annotations, [9]), SUPERCLASSES)
    test_rows = fold_rows(annotations, [10])
    test_rows = test_rows[np.isin(annotations.ecg_ids[test_rows], published.ecg_ids)]
    first = Model(predictions, annotations, test_rows, validation)
    second = Model(published, annotations, test_rows, published_validation)

    def differences(weights: Weights) -> dict[str, Float64Array]:
        a, b = first.statistic(weights), second.statistic(weights)
        return {name: np.stack([a[name], b[name], a[name] - b[name]], -1) for name in a}

    present = np.hstack([first.statements.truth, ~first.superclass.truth])
    estimates = bootstrap(differences, first.mi.patients, present[:, present.any(0)], n_resamples=options.resamples)
    print(f"| figure, {len(test_rows):,} records | Einthoven | xresnet1d101 | difference (95 %) |\n|---|---|---|---|")
    for name, (a, b, _) in estimates.values.items():
        d = estimates.interval(name, 2)
        assert d
        print(f"| {name} | {a:.4f} | {b:.4f} | {d:+.4f} |")
    for k, label in enumerate(SUPERCLASSES):
        both = (first.superclass, second.superclass)
        ece = [expected_calibration_error(data.truth[:, k], data.scores[:, k]) for data in both]
        print(f"| ECE {label} | {ece[0]:.3f} | {ece[1]:.3f} | |")


if __name__ == "__main__":
    main()
