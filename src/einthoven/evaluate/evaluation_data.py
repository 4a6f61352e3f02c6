"""The records that are evaluated: their truth and their scores for one task."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float64Array, IndexArray, Int64Array
from einthoven.errors import EinthovenError
from einthoven.evaluate.bootstrap import Estimates, Statistic, bootstrap
from einthoven.evaluate.predictions import Predictions, label_scores
from einthoven.ptbxl.annotations import Annotations


@dataclass(frozen=True)
class EvaluationData:
    """Records with their truth and their scores for one task."""

    labels: tuple[str, ...]
    truth: BoolArray
    """(records, labels)."""
    scores: Float64Array
    """(records, labels), 0-1."""
    patients: Int64Array
    """(records,)."""

    def where(self, chosen: BoolArray) -> "EvaluationData":
        """The `chosen` records (records,)."""
        return EvaluationData(self.labels, self.truth[chosen], self.scores[chosen], self.patients[chosen])

    @property
    def defined(self) -> BoolArray:
        """(labels,) those with a positive and a negative record; only these enter the macro averages."""
        positives: Int64Array = self.truth.sum(0)
        return (positives > 0) & (positives < len(self.truth))

    def bootstrap(self, statistic: Statistic, n_resamples: int, seed: int) -> Estimates:
        """Bootstrap over patients such that every defined label keeps a positive and a negative record."""
        truth = self.truth[:, self.defined]
        return bootstrap(statistic, self.patients, np.hstack([truth, ~truth]), n_resamples=n_resamples, seed=seed)


def evaluation_data(
    predictions: Predictions, annotations: Annotations, rows: IndexArray, labels: tuple[str, ...]
) -> EvaluationData:
    """Truth and scores for `labels` of the records in these rows of the data set, in their order.

    Raises EinthovenError for a record without prediction and for labels not answered.
    """
    ids = annotations.ecg_ids[rows]
    missing = ids[~np.isin(ids, predictions.ecg_ids)]
    if len(missing):
        raise EinthovenError(
            f"{predictions.name}: {len(missing)} of {len(ids)} records are not predicted, first ecg_id "
            f"{missing[0]}; predict every record of the test and validation folds."
        )
    scores = label_scores(predictions.select(ids), annotations, labels)
    if scores is None:
        raise EinthovenError(
            f"{predictions.name}: not all of the labels {', '.join(labels)} are predicted; predict them too."
        )
    return EvaluationData(labels, annotations.labels(labels)[rows], scores, annotations.patients[rows])


def fold_rows(annotations: Annotations, folds: Sequence[int]) -> IndexArray:
    """The rows of the data set that are in `folds`; EinthovenError when there are none."""
    rows = np.flatnonzero(np.isin(annotations.folds, folds))
    if not len(rows):
        there = ", ".join(str(fold) for fold in np.unique(annotations.folds))
        raise EinthovenError(f"{annotations.folder}: no record is in {fold_words(folds)}; choose from {there}.")
    return rows


def fold_words(folds: Sequence[int]) -> str:
    """Return `fold 9` or `folds 8, 9`."""
    return f"fold{'s' if len(folds) > 1 else ''} {', '.join(str(fold) for fold in folds)}"
