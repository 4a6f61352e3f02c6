"""Confidence intervals: the bootstrap over patients, and Wilson's for small proportions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float64Array, Int64Array
from einthoven.evaluate.array_metrics import Weights
from einthoven.model.figures import Interval

Statistic = Callable[[Weights], dict[str, Float64Array]]
"""Function that maps weights (n_resamples, records) to named statistics (n_resamples, ...), NaN if undefined."""

TRIES_PER_RESAMPLE = 200
"""Draws per resample before resamples that lack a label are accepted as they are."""
_CHUNK = 2**18  # weights in memory at a time; small enough to stay in the processor's cache
_Z = 1.959963984540054  # the .975 quantile of the normal distribution


@dataclass(frozen=True)
class Estimates:
    """Statistics with their bootstrap distribution."""

    values: dict[str, Float64Array]
    """Statistics on the original records: (...)."""
    samples: dict[str, Float64Array]
    """Statistics in each resample: (n_resamples, ...)."""
    incomplete_resamples: int
    """Number of resamples in which some label has no positive or no negative, in spite of TRIES_PER_RESAMPLE draws."""

    def interval(self, name: str, *index: int) -> Interval | None:
        """Return a statistic and its 95 % percentile interval.

        Parameters
        ----------
        name
            Name of the statistic.
        *index
            Index within the statistic, such as the number of a label.

        Returns
        -------
        Interval or None
            Statistic with its interval; None if the statistic is undefined.
        """
        value = self.values[name][index]
        samples = np.moveaxis(self.samples[name], 0, -1)[index]
        samples = samples[~np.isnan(samples)]
        if np.isnan(value) or not len(samples):
            return None
        low, high = np.percentile(samples, [2.5, 97.5])
        return Interval(float(value), float(low), float(high))


def bootstrap(
    statistic: Statistic, patients: Int64Array, required: BoolArray, *, n_resamples: int = 1000, seed: int = 0
) -> Estimates:
    """Bootstrap a statistic over patients.

    Each resample draws as many patients as there are, with replacement, each with all records. A resample that lacks a
    positive or a negative record of a label is drawn again, as by Strodthoff et al. 2021. If that fails too often, as
    in tiny folds, the remaining resamples stay incomplete and are counted. Statistics that are undefined in a resample
    leave it out.

    Parameters
    ----------
    statistic
        Function that computes the statistics.
    patients
        Patient of each record, shape (records,).
    required
        Masks of shape (records, masks). Each resample needs a record of every mask, such as a label's positives.
    n_resamples
        Number of resamples.
    seed
        Seed of the random number generator.

    Returns
    -------
    Estimates
        The statistics and their distribution.
    """
    values = statistic(np.ones((1, len(patients)), np.float32))
    chunks, incomplete = [], 0
    for weights, incomplete_in_chunk in _draw(patients, required, n_resamples, np.random.default_rng(seed)):
        chunks.append(statistic(weights))
        incomplete += incomplete_in_chunk
    samples = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in values}
    return Estimates({name: value[0] for name, value in values.items()}, samples, incomplete)


def _draw(
    patients: Int64Array, required: BoolArray, n_resamples: int, rng: np.random.Generator
) -> Iterator[tuple[Weights, int]]:
    """Yield chunks of weights (resamples, records), each with the number of its incomplete resamples."""
    row = np.unique(patients, return_inverse=True)[1]
    number = int(row.max()) + 1
    patient_has = np.zeros((number, required.shape[1]), np.float32)
    np.maximum.at(patient_has, row, required.astype(np.float32))
    chunk = max(1, min(n_resamples, _CHUNK // len(patients)))
    tries = n_resamples * TRIES_PER_RESAMPLE
    remaining = n_resamples
    while remaining > 0:
        accepted: list[Weights] = []
        missing = min(chunk, remaining)
        while missing:
            picks = rng.integers(0, number, (chunk, number)) + number * np.arange(chunk)[:, None]
            counts = np.bincount(picks.ravel(), minlength=chunk * number).reshape(chunk, number).astype(np.float32)
            complete = (counts @ patient_has > 0).all(1)
            tries -= chunk
            accepted.append(counts[complete][:missing])
            missing -= len(accepted[-1])
            if tries <= 0:
                accepted.append(counts[~complete][:missing])
                break
        weights = np.concatenate(accepted)
        yield weights[:, row], min(missing, len(weights))
        remaining -= len(weights)


def p_value(samples: Float64Array) -> float:
    """Compute the two-sided p-value of no difference: twice the smaller tail of the bootstrap distribution.

    One is added to both counts, so that it is never below 2 / (n_resamples + 1): a finite number of resamples proves
    nothing for certain (Davison and Hinkley 1997, Bootstrap Methods and their Application, 4.2).

    Parameters
    ----------
    samples
        Bootstrap differences of shape (n_resamples,). NaN is left out.

    Returns
    -------
    float
        p-value from 0 to 1.
    """
    samples = samples[~np.isnan(samples)]
    tail = min((samples <= 0).sum(), (samples >= 0).sum())
    return float(min(1.0, 2 * (tail + 1) / (len(samples) + 1)))


def wilson(successes: int, number: int) -> Interval | None:
    """Compute a proportion with Wilson's 95 % score interval, which holds for small numbers too.

    Source: Wilson 1927, JASA 22:209.

    Parameters
    ----------
    successes, number
        Numbers whose quotient is the proportion.

    Returns
    -------
    Interval or None
        Proportion with its interval; None if `number` is 0.
    """
    if number == 0:
        return None
    share = successes / number
    center = (share + _Z**2 / (2 * number)) / (1 + _Z**2 / number)
    half = _Z / (1 + _Z**2 / number) * np.sqrt(share * (1 - share) / number + _Z**2 / (4 * number**2))
    return Interval(share, max(0.0, float(center - half)), min(1.0, float(center + half)))
