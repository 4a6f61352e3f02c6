"""Is this tracing like the ECGs that the networks have learnt from? `score` tells how far from them it is, and in what.

Two things have a Mahalanobis distance (Proc Natl Inst Sci India 1936, 2:49) to PTB-XL's folds 1-8: how the leads go
together, and how the tracing runs in time and frequency. Lee et al. (NeurIPS 2018, 31:7167) take the distance of a
network's features; these are the field's own, and no network is asked. Besides, the waves' size must be an ECG's, and
the stored limb leads must agree with one another as Einthoven's and Goldberger's leads do by definition.
`benchmarks/fit/outliers.py` fits it, `benchmarks/accuracy/outliers.py` measures it;
docs/explanation/outliers.md has the figures.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from pathlib import Path

import numpy as np
from scipy.fft import rfft

from einthoven.arrays import Float32Array, Float64Array
from einthoven.signal.bands import RATE, Bands, median

INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The leads that are looked at; the other four follow from I and II."""
USUAL_MV = (0.123, 0.122, 0.147, 0.237, 0.234, 0.228, 0.202, 0.159)
"""Median rms of each of them in PTB-XL's folds 1-8, 0.6 to 42 Hz."""
FITTED = ("leads", "spectrum")
"""What has a Mahalanobis distance."""
EDGES_HZ = (0.6, 2, 4, 8, 15, 25, 42)
LEADS_REFUSED = 1.4
"""Distance of how the leads go together from which a tracing is refused; from 1 on it is only doubted, since ECG
simulators and rare hearts come near (a simulator's recording has 1.3)."""
SIZE_LIMIT = 5.0
"""Times by which the waves may be larger or smaller than usual; PTB-XL's extremes are 4.8 and 1 / 4.3."""
CONTRADICTION_LIMIT = 0.5
"""Share of the limb leads' rms by which one may differ from what I and II give."""
PARAMETERS = Path(__file__).with_name("outlier.npz")

_FLAT_MV = 0.005  # rms below which a lead holds no signal
_PAIRS = np.triu_indices(len(INDEPENDENT), 1)
_LIMB = {"III": (-1, 1), "aVR": (-0.5, -0.5), "aVL": (1, -0.5), "aVF": (-0.5, 1)}  # parts of I and II


@dataclass(frozen=True)
class Outlier:
    """How far a tracing is from the ECGs that are known."""

    leads: float
    """Distance of how the leads go together; doubted from 1, refused from LEADS_REFUSED."""
    spectrum: float
    """Distance of how the tracing runs in time and frequency; refused from 1."""
    size: float
    """The waves' rms relative to PTB-XL's, 1 being usual."""
    contradiction: float
    """The largest rms by which a limb lead differs from what I and II give, over the limb leads' rms; 0 if unknown."""

    @property
    def score(self) -> float:
        """The largest distance relative to its limit, size included; beyond 1 the tracing is unlike any known ECG."""
        return max(
            self.leads / LEADS_REFUSED, self.spectrum, float(abs(np.log(max(self.size, 1e-9))) / np.log(SIZE_LIMIT))
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the tracing should not be interpreted, one clause each; none where it may be."""
        if self.size == 0:
            return (f"none of the leads {', '.join(INDEPENDENT)} holds a signal",)
        reasons = []
        if self.spectrum > 1:
            other = "it may be noise, another signal, or of another sampling rate"
            reasons.append(
                f"the tracing does not run like an ECG (outlier score {self.spectrum:.1f}, limit 1): {other}"
            )
        if not 1 / SIZE_LIMIT <= self.size <= SIZE_LIMIT:
            reasons.append(f"the waves are {self.size:.2g} times as large as usual in an ECG: the unit may be wrong")
        if self.leads > LEADS_REFUSED:
            reasons.append(self._mixed_up(LEADS_REFUSED))
        if self.contradiction > CONTRADICTION_LIMIT:
            reasons.append("the limb leads contradict each other: electrodes or lead names may be mixed up")
        return tuple(reasons)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What to note of a tracing that is not refused, in the same words."""
        return (self._mixed_up(1),) if 1 < self.leads <= LEADS_REFUSED else ()

    def _mixed_up(self, limit: float) -> str:
        return (
            f"the leads do not go together as in other ECGs (outlier score {self.leads:.1f}, limit {limit:g}): "
            "electrodes or lead names may be mixed up"
        )


def score(bands: Bands, leads: Sequence[str], off: Collection[str] = (), derived: Collection[str] = ()) -> Outlier:
    """How far a tracing is from PTB-XL: its `bands`, with `leads` naming their rows; well under a millisecond.

    Leads that are `off` are not looked at, nor those that are flat or not there; `derived` ones were computed from
    others and cannot contradict them. Where none of INDEPENDENT is left, the size is 0 and the score infinite.
    """
    beats, rms, at = _live(bands, leads, off)
    contradiction = _contradiction(bands, leads, {*off, *derived})
    if not at:
        return Outlier(np.inf, np.inf, 0.0, contradiction)
    found, fitted = {"leads": _lead_features(beats, at), "spectrum": _spectrum(beats, bands)}, _fitted()
    leads_distance, spectrum_distance = (
        distance(found[k], fitted[f"{k}_scale"], fitted[f"{k}_scatter"], fitted[f"{k}_inverse"])
        / float(fitted[f"{k}_limit"])
        for k in FITTED
    )
    return Outlier(
        leads_distance, spectrum_distance, float(np.exp(np.log(rms / np.take(USUAL_MV, at)).mean())), contradiction
    )


def features(bands: Bands, leads: Sequence[str], off: Collection[str] = ()) -> dict[str, Float64Array]:
    """What `distance` takes, by FITTED's names; NaN where a lead is off. Arguments as for `score`, not all off."""
    beats, _, at = _live(bands, leads, off)
    return {"leads": _lead_features(beats, at), "spectrum": _spectrum(beats, bands)}


def _live(bands: Bands, leads: Sequence[str], off: Collection[str]) -> tuple[Float32Array, Float32Array, list[int]]:
    """The INDEPENDENT leads that hold a signal: scaled to an rms of 1 (leads, samples), their rms in mV, which."""
    beats, rms, names = _held(bands, leads, [lead for lead in INDEPENDENT if lead not in off])
    return beats / rms[:, None], rms, [INDEPENDENT.index(lead) for lead in names]


def _held(bands: Bands, leads: Sequence[str], wanted: Sequence[str]) -> tuple[Float32Array, Float32Array, list[str]]:
    """The `wanted` leads that hold a signal: their waves (leads, samples) in mV, whose mean is 0; their rms; which."""
    names = [lead for lead in wanted if lead in leads]
    waves = bands.ecg[[leads.index(lead) for lead in names]]
    rms = _rms(waves)
    live = rms > _FLAT_MV
    if not live.all():
        waves, rms, names = waves[live], rms[live], list(compress(names, live))
    return waves, rms, names


def _lead_features(beats: Float32Array, at: list[int]) -> Float64Array:
    """Fisher's z of each pair's correlation, and each lead's skewness: whether its QRS complex points up or down."""
    samples = beats.shape[1]
    if len(at) < len(INDEPENDENT):
        beats, live = np.full((len(INDEPENDENT), samples), np.nan, np.float32), beats
        beats[at] = live
    correlations = (beats @ beats.T / samples)[_PAIRS].astype(np.float64)
    skewness = np.cbrt(np.einsum("ij,ij->i", beats * beats, beats) / samples)
    return np.concatenate([np.arctanh(np.clip(correlations, -0.999, 0.999)), skewness])


def _spectrum(beats: Float32Array, bands: Bands) -> Float64Array:
    """Logs of the shares of power in bands and of the usual slope; how steep the leads are together at the median."""
    samples = beats.shape[1]
    spectrum = rfft(beats, axis=1).view(np.float32)  # (leads, frequencies times 2): real and imaginary parts in turn
    power = np.einsum("ij,ij->j", spectrum, spectrum)
    edges = [2 * round(hz * (samples / RATE)) for hz in EDGES_HZ]
    powers = np.add.reduceat(power[: edges[-1]], edges[:-1])
    slopes = beats[:, 1:] - beats[:, :-1]
    slope = median(np.sqrt(np.einsum("ij,ij->i", slopes, slopes) / samples))
    return np.array([*np.log(np.maximum([*powers / powers.sum(), slope], 1e-4)), bands.resting_slope])


def distance(
    values: Float64Array, scale: Float64Array, scatter: Float64Array, inverse: Float64Array | None = None
) -> float:
    """Mahalanobis distance of `values` (features,), those that are NaN left out, which never makes it larger.

    `scale` as for `standardised`; `scatter` (features, features) holds the mean products of what that gives;
    `inverse`: that of `scatter`, where it is there already.
    """
    x, kept = standardised(values, scale), np.isfinite(values)
    if inverse is not None and kept.all():
        return float(np.sqrt(x @ inverse @ x))
    if not kept.all():
        x, scatter = x[kept], scatter[np.ix_(kept, kept)]
    return float(np.sqrt(x @ np.linalg.solve(scatter, x)))


def standardised(values: Float64Array, scale: Float64Array) -> Float64Array:
    """`values` (..., features) as multiples of their spread: `scale` (3, features) has middle, spread below and above.

    Two spreads take the skewness out.
    """
    middle, below, above = scale
    centred = values - middle
    units: Float64Array = centred / np.where(centred < 0, below, above)
    return units


def _contradiction(bands: Bands, leads: Sequence[str], excluded: Collection[str]) -> float:
    """The largest rms by which a limb lead differs from what I and II give, over the limb leads' rms; 0 if unknown."""
    limb, rms, names = _held(bands, leads, [lead for lead in ("I", "II", *_LIMB) if lead not in excluded])
    if names[:2] != ["I", "II"] or len(names) == 2:
        return 0.0
    parts = np.array([_LIMB[lead] for lead in names[2:]], np.float32)
    differences = _rms(limb[2:] - parts @ limb[:2])
    return float(differences.max() / np.sqrt(np.square(rms).mean()))


def _rms(waves: Float32Array) -> Float32Array:
    """Of each of `waves` (leads, samples)."""
    rms: Float32Array = np.sqrt(np.einsum("ij,ij->i", waves, waves) / np.float32(waves.shape[1]))
    return rms


@cache
def _fitted() -> dict[str, Float64Array]:
    """What was fitted: for each of FITTED the scale (3, features), the scatter matrix, its inverse and the limit."""
    with np.load(PARAMETERS) as stored:
        fitted = {name: stored[name].astype(np.float64) for name in stored.files}
    return fitted | {f"{name}_inverse": np.linalg.inv(fitted[f"{name}_scatter"]) for name in FITTED}
