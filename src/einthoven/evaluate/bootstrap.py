"""Confidence intervals: the bootstrap over patients, and Wilson's for small proportions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from einthoven.arrays import BoolArray, Float64Array, Int64Array
from einthoven.evaluate.array_metrics import Weights

Statistic = Callable[[Weights], dict[str, Float64Array]]
"""From weights (n_resamples, records) to named statistics (n_resamples, ...), nan where undefined."""

TRIES_PER_ROUND = 200
"""Draws made for each round asked for, before n_resamples that lack a label are taken as they are."""
_CHUNK = 2**18  # weights held at once; small enough to stay in the processor's cache
_Z = 1.959963984540054  # the normal distribution's .975 quantile


@dataclass(frozen=True)
class Estimates:
    """Statistics with their bootstrap distribution."""

    values: dict[str, Float64Array]
    """On the records as they are: (...)."""
    samples: dict[str, Float64Array]
    """In each bootstrap round: (n_resamples, ...)."""
    incomplete_rounds: int
    """Rounds in which some label had no positive or no negative although redrawn TRIES_PER_ROUND times."""

    def interval(self, name: str, *place: int) -> dict[str, float] | None:
        """Value and 95 % percentile interval of the statistic `name` at `place`; None where undefined."""
        value = self.values[name][place]
        samples = np.moveaxis(self.samples[name], 0, -1)[place]
        samples = samples[~np.isnan(samples)]
        if np.isnan(value) or not len(samples):
            return None
        low, high = np.percentile(samples, [2.5, 97.5])
        return {"value": float(value), "low": float(low), "high": float(high)}


def bootstrap(
    statistic: Statistic, patients: Int64Array, present: BoolArray, *, n_resamples: int = 1000, seed: int = 0
) -> Estimates:
    """Bootstrap `statistic` over patients: each round draws as many patients as there are, with replacement.

    `patients` (records,) names each record's patient, whose records are drawn together. `present` (records,
    masks): a round that has no record of some mask (a label's positives, or its negatives) is drawn again, as
    Strodthoff et al. 2021 do; where that does not end (tiny folds), the remaining n_resamples stay incomplete and
    are counted, and whatever is undefined in them is left out.
    """
    values = statistic(np.ones((1, len(patients)), np.float32))
    parts, incomplete = [], 0
    for weights, lacking in _draw(patients, present, n_resamples, np.random.default_rng(seed)):
        parts.append(statistic(weights))
        incomplete += lacking
    samples = {name: np.concatenate([part[name] for part in parts]) for name in values}
    return Estimates({name: value[0] for name, value in values.items()}, samples, incomplete)


def _draw(
    patients: Int64Array, present: BoolArray, n_resamples: int, rng: np.random.Generator
) -> Iterator[tuple[Weights, int]]:
    """Chunks of weights (n_resamples, records), each with the number of its n_resamples that lack something."""
    row = np.unique(patients, return_inverse=True)[1]
    number = int(row.max()) + 1
    members = np.zeros((number, present.shape[1]), np.float32)
    np.maximum.at(members, row, present.astype(np.float32))
    chunk = max(1, min(n_resamples, _CHUNK // len(patients)))
    tries = n_resamples * TRIES_PER_ROUND
    while n_resamples > 0:
        size = min(chunk, n_resamples)
        kept: list[Weights] = []
        short = size
        while short:
            picks = rng.integers(0, number, (chunk, number)) + number * np.arange(chunk)[:, None]
            counts = np.bincount(picks.ravel(), minlength=chunk * number).reshape(chunk, number).astype(np.float32)
            whole = (counts @ members > 0).all(1)
            tries -= chunk
            kept.append(counts[whole][:short])
            short -= len(kept[-1])
            if tries <= 0:
                kept.append(counts[~whole][:short])
                break
        weights = np.concatenate(kept)
        yield weights[:, row], min(short, len(weights))
        n_resamples -= len(weights)


def p_value(samples: Float64Array) -> float:
    """Two-sided p-value of no difference, from bootstrap differences (n_resamples,): twice the smaller tail.

    One is added to both counts, so that it is never below 2 / (n_resamples + 1): a finite number of n_resamples proves
    nothing for certain (Davison and Hinkley 1997, Bootstrap Methods and their Application, 4.2).
    """
    samples = samples[~np.isnan(samples)]
    tail = min((samples <= 0).sum(), (samples >= 0).sum())
    return float(min(1.0, 2 * (tail + 1) / (len(samples) + 1)))


def wilson(hits: int, number: int) -> dict[str, Any]:
    """The proportion `hits` of `number` with Wilson's 95 % score interval, right also for small numbers.

    Nulls where `number` is 0. Source: Wilson 1927, JASA 22:209.
    """
    if number == 0:
        return {"value": None, "low": None, "high": None}
    share = hits / number
    centre = (share + _Z**2 / (2 * number)) / (1 + _Z**2 / number)
    half = _Z / (1 + _Z**2 / number) * np.sqrt(share * (1 - share) / number + _Z**2 / (4 * number**2))
    return {"value": share, "low": max(0.0, float(centre - half)), "high": min(1.0, float(centre + half))}
