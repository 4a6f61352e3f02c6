"""Measure the distance of a signal from the ECGs on which the networks were trained.

Two groups of features have a Mahalanobis distance (Proc Natl Inst Sci India 1936, 2:49) to PTB-XL's folds 1-8:

- the leads: how they relate to each other
- the spectrum: how power is distributed over frequency, and how steep the signal is

Lee et al. (NeurIPS 2018, 31:7167) use the distance of a network's features. These are ECG features, which need no
network. In addition, the size of the waves must be that of an ECG, and the recorded limb leads must agree with one
another by Einthoven's and Goldberger's definitions. benchmarks/fit/outliers.py fits the parameters, and
benchmarks/accuracy/outliers.py measures the refusals. docs/explanation/outliers.md has the figures.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from scipy.fft import rfft

from einthoven.arrays import Float32Array, Float64Array
from einthoven.recording import LIMB_LEAD_WEIGHTS
from einthoven.signal.bands import RATE, Bands
from einthoven.signal.medians import median

INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The leads that are scored; the other four follow from I and II."""
USUAL_MV = (0.123, 0.122, 0.147, 0.237, 0.234, 0.228, 0.202, 0.159)
"""Median root mean square of each of these leads in PTB-XL's folds 1-8 in mV, 0.6 to 42 Hz."""
SCALE_WEIGHTS = (0.361, 0.273, 0.001, 0.121, 0.09, 0.1, 0.105, 0.001)
"""Weights of the leads' log sizes that estimate a common factor with the least error in PTB-XL's folds 1-8 (generalized
least squares; benchmarks/accuracy/plausibility.py --fit), small negative ones at 0.001."""
FITTED = ("leads", "spectrum")
"""The groups of features that have a Mahalanobis distance."""
EDGES_HZ = (0.6, 2, 4, 8, 15, 25, 42)
LEADS_REFUSED = 1.4
"""Distance of the leads beyond which a signal is refused. From 1 on it is only doubted, because ECG simulators and rare
ECGs come close (a simulator's recording has 1.3)."""
SIZE_LIMIT = 5.0
"""Factor by which the waves may be larger or smaller than usual; PTB-XL's extremes are 4.8 and 1 / 4.3."""
CONTRADICTION_LIMIT = 0.5
"""Share of the limb leads' root mean square by which one may differ from what I and II give."""
PARAMETERS = Path(__file__).with_name("outlier.npz")

_USUAL_MV, _SCALE_WEIGHTS = np.array(USUAL_MV), np.array(SCALE_WEIGHTS)
FLAT_MV = 0.005
"""Root mean square below which a lead holds no signal."""
_PAIRS = np.triu_indices(len(INDEPENDENT), 1)


@dataclass(frozen=True)
class Outlier:
    """Distance of a signal from the ECGs of PTB-XL."""

    leads: float
    """Distance of the relations between the leads; doubted from 1, refused from LEADS_REFUSED."""
    spectrum: float
    """Distance of the spectrum; refused from 1."""
    size: float
    """Root mean square of the waves relative to PTB-XL's: 1 is usual."""
    contradiction: float
    """The largest root mean square by which a limb lead differs from what I and II give, relative to the limb leads'; 0
    if unknown."""
    factor: float = 1.0
    """Common scale of all leads: like `size`, but the leads that vary least among ECGs have the largest weights."""

    @property
    def score(self) -> float:
        """The largest distance relative to its limit, size included; beyond 1 the signal is unlike any known ECG."""
        return max(
            self.leads / LEADS_REFUSED, self.spectrum, float(abs(np.log(max(self.size, 1e-9))) / np.log(SIZE_LIMIT))
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons why the signal is unlike an ECG, one clause each. `fitness` decides between refusal and doubt."""
        if self.size == 0:
            return (f"none of the leads {', '.join(INDEPENDENT)} holds a signal",)
        reasons = []
        if self.spectrum > 1:
            reasons.append(f"{self.unlike_an_ecg}: it may be noise, another signal, or have another sampling rate")
        return (*reasons, *self.unit_reasons, *self.mixed_up)

    @property
    def unit_reasons(self) -> tuple[str, ...]:
        """A clause that states that the unit may be wrong; empty for waves of usual size, and without a signal."""
        if self.size == 0 or not self.wrong_unit:
            return ()
        return (f"the waves are {self.size:.2g} times as large as usual in an ECG: the unit may be wrong",)

    @property
    def unlike_an_ecg(self) -> str:
        """Clause for a spectrum whose score exceeds its limit."""
        return f"the signal does not look like an ECG (outlier score {self.spectrum:.1f}, limit 1)"

    @property
    def wrong_unit(self) -> bool:
        """Whether the waves are so large or small that the unit may be wrong."""
        return not 1 / SIZE_LIMIT <= self.size <= SIZE_LIMIT

    @property
    def mixed_up(self) -> tuple[str, ...]:
        """Certain contradictions between the leads, one clause each."""
        clauses = [self._mixed_up(LEADS_REFUSED)] if self.leads > LEADS_REFUSED else []
        if self.contradiction > CONTRADICTION_LIMIT:
            clauses.append("the limb leads contradict each other: electrodes or lead names may be mixed up")
        return tuple(clauses)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Unusual properties of a signal that is not refused, one clause each."""
        return (self._mixed_up(1),) if 1 < self.leads <= LEADS_REFUSED else ()

    def _mixed_up(self, limit: float) -> str:
        return (
            f"the leads do not relate to each other as in other ECGs (outlier score {self.leads:.1f}, limit {limit:g}):"
            " electrodes or lead names may be mixed up"
        )


def score(bands: Bands, leads: Sequence[str], off: Collection[str] = (), derived: Collection[str] = ()) -> Outlier:
    """Score a signal, in well under a millisecond.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    leads
        Standard names of its rows. Leads that are missing or flat do not count.
    off
        Leads that do not count because they are off.
    derived
        Leads that were computed from others, so that they cannot contradict them.

    Returns
    -------
    Outlier
        The outlier scores, with size 0 and infinite distances if none of INDEPENDENT is left.
    """
    waves, rms, at = _scaled_waves(bands, leads, off)
    contradiction = _contradiction(bands, leads, {*off, *derived})
    if not at:
        return Outlier(np.inf, np.inf, 0.0, contradiction)
    groups, parameters = _features(waves, at, bands), _parameters()
    leads_distance, spectrum_distance = (
        distance(values, *(parameters[f"{name}_{kind}"] for kind in ("scale", "scatter", "inverse")))
        / float(parameters[f"{name}_limit"])
        for name, values in groups.items()
    )
    sizes = np.log(rms / _USUAL_MV[at])
    weights = _SCALE_WEIGHTS[at]
    factor = float(np.exp(weights @ sizes / weights.sum()))
    return Outlier(leads_distance, spectrum_distance, float(np.exp(sizes.mean())), contradiction, factor)


def parameters_to_dict() -> dict[str, Any]:
    """Return the parameters of `score` for ports to other languages, which score signals in all leads.

    Returns
    -------
    dict
        Names of leads, usual sizes and weights, the edges of the spectrum, and for each of FITTED the scale (3,
        features), the inverse of the scatter matrix (features, features) and the limit of the distance.
    """
    parameters = _parameters()
    fitted = {
        name: {
            **{kind: parameters[f"{name}_{kind}"].tolist() for kind in ("scale", "inverse")},
            "limit": float(parameters[f"{name}_limit"]),
        }
        for name in FITTED
    }
    sizes = {"usual_mv": USUAL_MV, "weights": SCALE_WEIGHTS, "flat_mv": FLAT_MV}
    return {"independent": INDEPENDENT, **sizes, "edges_hz": EDGES_HZ, **fitted}


def features(bands: Bands, leads: Sequence[str], off: Collection[str] = ()) -> dict[str, Float64Array]:
    """Compute the features whose distances are scored.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    leads
        Standard names of its rows; at least one of INDEPENDENT holds a signal.
    off
        Leads that do not count because they are off.

    Returns
    -------
    dict
        Features of shape (features,) for each of FITTED; NaN where a lead is missing.
    """
    waves, _, at = _scaled_waves(bands, leads, off)
    return _features(waves, at, bands)


def distance(
    values: Float64Array, scale: Float64Array, scatter: Float64Array, inverse: Float64Array | None = None
) -> float:
    """Compute the Mahalanobis distance of features; NaN features are left out, which never makes it larger.

    Parameters
    ----------
    values
        Features, shape (features,).
    scale
        Scale for `standardize`, shape (3, features).
    scatter
        Mean products of standardized features, shape (features, features).
    inverse
        The inverse of `scatter`, if it is known.

    Returns
    -------
    float
        Distance; 0 for features at their medians.
    """
    x, known = standardize(values, scale), np.isfinite(values)
    if inverse is not None and known.all():
        return float(np.sqrt(x @ inverse @ x))
    if not known.all():
        x, scatter = x[known], scatter[np.ix_(known, known)]
    return float(np.sqrt(x @ np.linalg.solve(scatter, x)))


def standardize(values: Float64Array, scale: Float64Array) -> Float64Array:
    """Express features as multiples of their spread, which differs below and above the median to remove skewness.

    Parameters
    ----------
    values
        Features, shape (..., features).
    scale
        Median, spread below it and spread above it, shape (3, features).

    Returns
    -------
    Float64Array
        Standardized features, shape (..., features).
    """
    center, below, above = scale
    centered = values - center
    units: Float64Array = centered / np.where(centered < 0, below, above)
    return units


def _features(waves: Float32Array, at: list[int], bands: Bands) -> dict[str, Float64Array]:
    """Features by the names in FITTED, of the leads `at` places in INDEPENDENT."""
    return {"leads": _lead_features(waves, at), "spectrum": _spectrum(waves, bands)}


def _scaled_waves(
    bands: Bands, leads: Sequence[str], off: Collection[str]
) -> tuple[Float32Array, Float32Array, list[int]]:
    """The INDEPENDENT leads that hold a signal: scaled to a root mean square of 1 (leads, samples); their root mean
    square in mV; their places in INDEPENDENT."""
    waves, rms, names = _live_waves(bands, leads, [lead for lead in INDEPENDENT if lead not in off])
    return waves / rms[:, None], rms, [INDEPENDENT.index(lead) for lead in names]


def _live_waves(
    bands: Bands, leads: Sequence[str], candidates: Sequence[str]
) -> tuple[Float32Array, Float32Array, list[str]]:
    """The candidates that hold a signal: waves (leads, samples) in mV, whose mean is 0; root mean square; names."""
    names = [lead for lead in candidates if lead in leads]
    waves = bands.ecg[[leads.index(lead) for lead in names]]
    rms = _rms(waves)
    live = rms > FLAT_MV
    if not live.all():
        waves, rms, names = waves[live], rms[live], list(compress(names, live))
    return waves, rms, names


def _lead_features(waves: Float32Array, at: list[int]) -> Float64Array:
    """Fisher's z of each pair's correlation, and each lead's skewness: whether its QRS complex points up or down."""
    samples = waves.shape[1]
    if len(at) < len(INDEPENDENT):
        waves, live = np.full((len(INDEPENDENT), samples), np.nan, np.float32), waves
        waves[at] = live
    correlations = (waves @ waves.T / samples)[_PAIRS].astype(np.float64)
    skewness = np.cbrt(np.einsum("ij,ij->i", waves * waves, waves) / samples)
    return np.concatenate([np.arctanh(np.clip(correlations, -0.999, 0.999)), skewness])


def _spectrum(waves: Float32Array, bands: Bands) -> Float64Array:
    """Logs of the shares of power between EDGES_HZ and of the usual slope; the resting slope."""
    samples = waves.shape[1]
    spectrum = rfft(waves, axis=1).view(np.float32)  # (leads, frequencies times 2): real and imaginary parts in turn
    power = np.einsum("ij,ij->j", spectrum, spectrum)
    edges = [2 * round(hz * (samples / RATE)) for hz in EDGES_HZ]
    powers = np.add.reduceat(power[: edges[-1]], edges[:-1])
    slopes = waves[:, 1:] - waves[:, :-1]
    slope = median(np.sqrt(np.einsum("ij,ij->i", slopes, slopes) / samples))
    return np.array([*np.log(np.maximum([*powers / powers.sum(), slope], 1e-4)), bands.resting_slope])


def _contradiction(bands: Bands, leads: Sequence[str], excluded: Collection[str]) -> float:
    candidates = [lead for lead in ("I", "II", *LIMB_LEAD_WEIGHTS) if lead not in excluded]
    limb, rms, names = _live_waves(bands, leads, candidates)
    if names[:2] != ["I", "II"] or len(names) == 2:
        return 0.0
    factors = np.array([LIMB_LEAD_WEIGHTS[lead] for lead in names[2:]], np.float32)
    differences = _rms(limb[2:] - factors @ limb[:2])
    return float(differences.max() / np.sqrt(np.square(rms).mean()))


def _rms(waves: Float32Array) -> Float32Array:
    rms: Float32Array = np.sqrt(np.einsum("ij,ij->i", waves, waves) / np.float32(waves.shape[1]))
    return rms


@cache
def _parameters() -> dict[str, Float64Array]:
    """Scale (3, features), scatter matrix, inverse and distance limit for each of FITTED."""
    with np.load(PARAMETERS) as stored:
        parameters = {name: stored[name].astype(np.float64) for name in stored.files}
    return parameters | {f"{name}_inverse": np.linalg.inv(parameters[f"{name}_scatter"]) for name in FITTED}
