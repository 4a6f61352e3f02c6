"""The records that are evaluated: their truth and their scores for one task."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float64Array, IndexArray, Int64Array
from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.evaluate.bootstrap import Estimates, Statistic, bootstrap
from einthoven.evaluate.predictions import Predictions, label_scores


@dataclass(frozen=True)
class EvaluationData:
    """Records with their truth and their scores for one task."""

    labels: tuple[str, ...]
    truth: BoolArray
    """Labels of the records, shape (records, labels)."""
    scores: Float64Array
    """Scores from 0 to 1, shape (records, labels)."""
    patients: Int64Array
    """Patient of each record, shape (records,)."""

    def select(self, mask: BoolArray) -> "EvaluationData":
        """Return some of the records.

        Parameters
        ----------
        mask
            Boolean mask (records,) of the records to select.

        Returns
        -------
        EvaluationData
            Data of the selected records, in the same order.
        """
        return EvaluationData(self.labels, self.truth[mask], self.scores[mask], self.patients[mask])

    @property
    def defined(self) -> BoolArray:
        """Boolean mask (labels,) of labels with positive and negative records; only they enter the macro averages."""
        positives: Int64Array = self.truth.sum(0)
        return (positives > 0) & (positives < len(self.truth))

    def bootstrap(self, statistic: Statistic, n_resamples: int, seed: int) -> Estimates:
        """Bootstrap over patients, so that every defined label keeps a positive and a negative record.

        Parameters
        ----------
        statistic
            Computes the statistics.
        n_resamples
            Number of resamples.
        seed
            Seed of the random number generator.

        Returns
        -------
        Estimates
            The statistics and their distribution.
        """
        truth = self.truth[:, self.defined]
        required = np.hstack([truth, ~truth])
        return bootstrap(statistic, self.patients, required, n_resamples=n_resamples, seed=seed)


def evaluation_data(
    predictions: Predictions, annotations: Annotations, rows: IndexArray, labels: tuple[str, ...]
) -> EvaluationData:
    """Collect truth and scores of some records.

    Parameters
    ----------
    predictions
        Predictions of at least these records.
    annotations
        The data set.
    rows
        The records, as rows of the data set.
    labels
        The labels, predicted themselves or through their statements.

    Returns
    -------
    EvaluationData
        The records in the order of `rows`.

    Raises
    ------
    EinthovenError
        If a record or a label is not predicted.
    """
    ids = annotations.ecg_ids[rows]
    missing = ids[~np.isin(ids, predictions.ecg_ids)]
    if len(missing):
        raise EinthovenError(
            f"{len(missing)} of {len(ids)} records have no prediction, first ecg_id "
            f"{missing[0]}; predict every record of the test and validation folds.",
            predictions.name,
        )
    scores = label_scores(predictions.select(ids), annotations, labels)
    if scores is None:
        raise EinthovenError(
            f"not all of the labels {', '.join(labels)} are predicted; predict them too.", predictions.name
        )
    return EvaluationData(labels, annotations.labels(labels)[rows], scores, annotations.patients[rows])


def fold_rows(annotations: Annotations, folds: Sequence[int], labels: tuple[str, ...] = ()) -> IndexArray:
    """Find the records of some folds.

    Parameters
    ----------
    annotations
        The data set.
    folds
        Numbers of the folds.
    labels
        Labels that must all be known of a record.

    Returns
    -------
    IndexArray
        Rows of the data set.

    Raises
    ------
    EinthovenError
        If there are none.
    """
    rows = np.flatnonzero(np.isin(annotations.folds, folds) & annotations.known(labels))
    if not len(rows):
        available = ", ".join(str(fold) for fold in np.unique(annotations.folds))
        raise EinthovenError(f"no record is in {fold_words(folds)}; choose from {available}.", annotations.folder)
    return rows


def fold_words(folds: Sequence[int]) -> str:
    """Name folds, such as `fold 9` or `folds 8, 9`.

    Parameters
    ----------
    folds
        Numbers of the folds.

    Returns
    -------
    str
        Text for a sentence.
    """
    return f"fold{'s' if len(folds) > 1 else ''} {', '.join(str(fold) for fold in folds)}"
