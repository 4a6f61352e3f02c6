"""The labels that a layer of a bundle corrects, with the calibration of each one's score."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from einthoven.arrays import Float64Array, IndexArray
from einthoven.model.calibration import Calibration, logit


@dataclass(frozen=True)
class CalibratedLabels:
    """Labels and their calibrations, which give the scores of all models the same meaning."""

    labels: tuple[str, ...]
    """Labels that the layer corrects."""
    calibrations: tuple[Calibration, ...]
    """Calibration of each label's score."""

    def columns(self, labels: Sequence[str]) -> IndexArray:
        """Return the places of the layer's labels.

        Parameters
        ----------
        labels
            Labels of the model; all labels of the layer are among them.

        Returns
        -------
        IndexArray
            Places in `labels`, in the order of the layer's labels.
        """
        return _columns(self.labels, tuple(labels))

    def log_odds(self, scores: Float64Array) -> Float64Array:
        """Return the calibrated log-odds of the layer's labels.

        Parameters
        ----------
        scores
            Scores of the layer's labels from 0 to 1, shape (..., labels).

        Returns
        -------
        Float64Array
            Log-odds, in the shape of `scores`.
        """
        slopes, intercepts = self._coefficients
        return slopes * logit(scores) + intercepts

    @cached_property
    def _coefficients(self) -> tuple[Float64Array, Float64Array]:
        slopes, intercepts = np.array([(c.slope, c.intercept) for c in self.calibrations]).T
        return slopes, intercepts


@lru_cache(maxsize=32)
def _columns(some: tuple[str, ...], labels: tuple[str, ...]) -> IndexArray:
    """Places of some labels, found once for each bundle."""
    return np.array([labels.index(label) for label in some])
