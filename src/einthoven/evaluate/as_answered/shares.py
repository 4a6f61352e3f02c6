"""Shares of records with their bootstrap intervals over patients."""

from typing import NamedTuple

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Int64Array
from einthoven.evaluate.array_metrics import divide
from einthoven.evaluate.as_answered.metrics import YesNoMetrics
from einthoven.evaluate.bootstrap import bootstrap
from einthoven.evaluate.metrics import BootstrapSettings
from einthoven.model.figures import Interval


class Truth(NamedTuple):
    """Positive and negative records of one label in a data set; other records are unknown."""

    positive: BoolArray
    """Boolean mask (records,) of the records that have the label."""
    negative: BoolArray
    """Boolean mask (records,) of the records that do not have it."""

    @property
    def known(self) -> BoolArray:
        """Boolean mask (records,) of the records about which the data set states either."""
        return self.positive | self.negative


class Shares:
    """Computes shares of records, all in the same bootstrap resamples.

    Parameters
    ----------
    patients
        Patient of each record, shape (records,).
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.
    """

    def __init__(self, patients: Int64Array, n_resamples: int, seed: int = 0) -> None:
        nothing_required = np.ones((len(patients), 0), bool)
        drawn = bootstrap(
            lambda weights: {"weights": weights.astype(np.float64)},
            patients,
            nothing_required,
            n_resamples=n_resamples,
            seed=seed,
        )
        self._weights: Float32Array = drawn.samples["weights"].astype(np.float32)
        self.settings = BootstrapSettings(n_resamples, seed, "patient", drawn.incomplete_resamples)

    def of(self, part: BoolArray, whole: BoolArray) -> Interval | None:
        """Compute the share of records that are in a part.

        Parameters
        ----------
        part
            Boolean mask of shape (records,); only records in `whole` count.
        whole
            Boolean mask of shape (records,).

        Returns
        -------
        Interval or None
            Share with its interval; None without records.
        """
        if not whole.any():
            return None
        inside = (part & whole).astype(np.float32)
        samples = divide(self._weights @ inside, self._weights @ whole.astype(np.float32))
        low, high = np.nanpercentile(samples, [2.5, 97.5])
        return Interval(float(inside.sum() / whole.sum()), float(low), float(high))

    def yes_no(self, truth: Truth, yes: BoolArray, answered: BoolArray) -> YesNoMetrics:
        """Measure a yes-or-no answer.

        Parameters
        ----------
        truth
            Positive and negative records of the label.
        yes
            Boolean mask (records,) of the records with the answer yes.
        answered
            Boolean mask (records,) of the records with an answer.

        Returns
        -------
        YesNoMetrics
            Metrics, in which a record without an answer has neither yes nor no.
        """
        yes, no = yes & answered, ~yes & answered
        return YesNoMetrics(
            yes=int(yes.sum()),
            sensitivity=self.of(yes, truth.positive),
            sensitivity_answered=self.of(yes, truth.positive & answered),
            specificity=self.of(no, truth.negative),
            specificity_answered=self.of(no, truth.negative & answered),
            ppv=self.of(truth.positive, yes & truth.known),
        )
