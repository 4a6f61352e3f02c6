"""Predicting a data set with a bundle, without torch."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.evaluate.predictions import Predictions
from einthoven.model.bundle import Bundle
from einthoven.progress import progress
from einthoven.ptbxl.dataset import Dataset
from einthoven.ptbxl.records import UNITS_PER_MV
from einthoven.workers import cpu_count

_CHUNK = 256


def predict_with_bundle(bundle: Bundle, dataset: Dataset, folds: tuple[int, ...]) -> Predictions:
    """The bundle's scores, before calibration, for every record of the data set in `folds`.

    Raises EinthovenError where the data set has another rate than the bundle takes.
    """
    if dataset.rate != bundle.card.rate:
        raise EinthovenError(
            f"was opened at {dataset.rate} Hz, and {bundle.card.name} takes "
            f"{bundle.card.rate} Hz; open it at that rate.",
            dataset.annotations.folder,
        )
    rows = dataset.rows(folds)

    def scores(row: int) -> Float64Array:
        # Each record alone, so that what is said of it does not depend on its neighbours.
        return bundle.scores(dataset.signals[row] / np.float32(UNITS_PER_MV))

    done: list[Float64Array] = []
    with progress() as bar, ThreadPoolExecutor(cpu_count()) as pool:
        task = bar.add_task("Predicting", total=len(rows))
        for part in np.array_split(rows, max(1, -(-len(rows) // _CHUNK))):
            done += pool.map(scores, part)
            bar.advance(task, len(part))
    return Predictions(dataset.annotations.ecg_ids[rows], bundle.card.labels, np.stack(done), bundle.card.name)


def calibrate_predictions(bundle: Bundle, scores: Predictions) -> Predictions:
    """The probabilities that the bundle's card makes of its `scores`."""
    return Predictions(scores.ecg_ids, scores.labels, bundle.card.calibrate(scores.probabilities), scores.name)
