"""Predicting a data set with a bundle, without torch."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.evaluate.predictions import Predictions
from einthoven.model.bundle import Bundle
from einthoven.progress import progress
from einthoven.ptbxl.records import UNITS_PER_MV
from einthoven.workers import cpu_count

_CHUNK = 256


def predict_with_bundle(bundle: Bundle, dataset: Dataset, folds: tuple[int, ...]) -> Predictions:
    """Predict all records of some folds with a bundle.

    Parameters
    ----------
    bundle
        The bundle.
    dataset
        Data set at the bundle's sampling rate.
    folds
        Folds of the records to predict.

    Returns
    -------
    Predictions
        The bundle's scores, before calibration.

    Raises
    ------
    EinthovenError
        If the data set has another sampling rate.
    """
    if dataset.rate != bundle.card.rate:
        raise EinthovenError(
            f"was opened at {dataset.rate} Hz, and {bundle.card.name} takes "
            f"{bundle.card.rate} Hz; open it at that rate.",
            dataset.annotations.folder,
        )
    rows = dataset.rows(folds)

    def _scores(row: int) -> Float64Array:
        # Each record alone, so that its scores do not depend on the others.
        return bundle.scores(dataset.signals[row] / np.float32(UNITS_PER_MV))

    scores: list[Float64Array] = []
    with progress() as bar, ThreadPoolExecutor(cpu_count()) as pool:
        task = bar.add_task("Predicting", total=len(rows))
        for part in np.array_split(rows, max(1, -(-len(rows) // _CHUNK))):
            scores += pool.map(_scores, part)
            bar.advance(task, len(part))
    return Predictions(dataset.annotations.ecg_ids[rows], bundle.card.labels, np.stack(scores), bundle.card.name)


def calibrate_predictions(bundle: Bundle, scores: Predictions) -> Predictions:
    """Turn a bundle's scores into probabilities.

    Parameters
    ----------
    bundle
        Bundle whose card has the calibration.
    scores
        Scores from `predict_with_bundle`.

    Returns
    -------
    Predictions
        Calibrated probabilities.
    """
    return Predictions(scores.ecg_ids, scores.labels, bundle.card.calibrate(scores.probabilities), scores.name)
