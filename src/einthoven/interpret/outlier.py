"""Is this tracing like the ECGs that the networks have learnt from? `judge` tells how far from them it is, and in what.

Three things are looked at, each by its Mahalanobis distance (Proc Natl Inst Sci India 1936, 2:49) to PTB-XL's folds
1-8, as Lee et al. (NeurIPS 2018, 31:7167) do it with a network's features; here the features are the field's own and no
network is asked: how the leads go together, how large the waves are, how they run in time and frequency. Apart from
that the stored limb leads must agree with one another as Einthoven's and Goldberger's leads do by definition.
`benchmarks/outliers.py` fits, sets the limits and measures; docs/outliers.md has the figures.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.bands import RATE, Bands

Floats = NDArray[np.float64]

INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The leads that are looked at; the other four follow from I and II."""
USUAL_MV = (0.123, 0.122, 0.147, 0.237, 0.234, 0.228, 0.202, 0.159)
"""Median rms of each of them in PTB-XL's folds 1-8, 0.6 to 42 Hz."""
ASPECTS = ("leads", "size", "course")
"""What is looked at, each with its own distance."""
EDGES_HZ = (0.6, 2, 4, 8, 15, 25, 42)
CONTRADICTION_LIMIT = 0.5
"""Share of the limb leads' rms by which one may differ from what I and II give."""
PARAMETERS = Path(__file__).with_name("outlier.npz")

_FLAT_MV = 0.005  # rms below which a lead holds no signal
_PAIRS = np.triu_indices(len(INDEPENDENT), 1)
_LIMB = {"III": (-1, 1), "aVR": (-0.5, -0.5), "aVL": (1, -0.5), "aVF": (-0.5, 1)}  # parts of I and II


@dataclass(frozen=True)
class Outlier:
    """How far a tracing is from the ECGs that are known."""

    distances: Mapping[str, float]
    """For each of ASPECTS, the distance relative to its limit."""
    contradiction: float
    """The largest rms by which a limb lead differs from what I and II give, relative to the limb leads' rms."""
    larger: bool
    """Whether the waves are larger than usual, rather than smaller."""

    @property
    def score(self) -> float:
        """The largest of the distances; beyond 1 the tracing is unlike any ECG that is known."""
        return max(self.distances.values())

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the tracing should not be interpreted, one clause each; none where it may be."""
        if np.isinf(self.score):
            return (f"none of the leads {', '.join(INDEPENDENT)} holds a signal",)
        words = {
            "leads": ("the leads do not go together as in other ECGs", "electrodes or lead names may be mixed up"),
            "size": (f"the waves are far too {'large' if self.larger else 'small'} for an ECG", "check the unit"),
            "course": (
                "the tracing does not run like an ECG",
                "it may be noise, another signal, or of another sampling rate",
            ),
        }
        found = [
            f"{words[aspect][0]} (outlier score {distance:.1f}, limit 1): {words[aspect][1]}"
            for aspect, distance in self.distances.items()
            if distance > 1
        ]
        if self.contradiction > CONTRADICTION_LIMIT:
            found.append("the limb leads contradict each other: electrodes or lead names may be mixed up")
        return tuple(found)


def judge(bands: Bands, leads: Sequence[str], off: Collection[str] = (), derived: Collection[str] = ()) -> Outlier:
    """How far a tracing is from PTB-XL: its `bands`, with `leads` naming their rows; half a millisecond.

    Leads that are `off` are not looked at, nor those that are flat or not there; `derived` ones were computed from
    others and cannot contradict them. Where none of INDEPENDENT is left, all distances are infinite.
    """
    found, fitted = features(bands, leads, off), _fitted()
    distances = {
        aspect: distance(values, fitted[f"{aspect}_scale"], fitted[f"{aspect}_scatter"])
        / float(fitted[f"{aspect}_limit"])
        for aspect, values in found.items()
    }
    return Outlier(distances, _contradiction(bands, leads, {*off, *derived}), bool(found["size"][0] > 0))


def features(bands: Bands, leads: Sequence[str], off: Collection[str] = ()) -> dict[str, Floats]:
    """The features of each of ASPECTS, NaN where a lead that is needed is off; arguments as for `judge`."""
    names = [lead for lead in INDEPENDENT if lead in leads and lead not in off]
    beats = bands.beats[[leads.index(lead) for lead in names]].astype(np.float64)
    beats -= beats.mean(axis=1, keepdims=True)
    rms = np.sqrt(np.square(beats).mean(axis=1))
    there = rms > _FLAT_MV
    beats, rms = beats[there] / rms[there, None], rms[there]
    at = [INDEPENDENT.index(lead) for lead, is_there in zip(names, there, strict=True) if is_there]
    return {
        "leads": _together(beats, at),
        "size": np.array([np.log(rms / np.take(USUAL_MV, at)).mean() if at else np.nan]),
        "course": _course(beats) if at else np.full(len(EDGES_HZ) + 3, np.nan),
    }


def _together(beats: Floats, at: list[int]) -> Floats:
    """Fisher's z of each pair's correlation, and each lead's skewness: whether its QRS complex points up or down."""
    correlations = np.full((len(INDEPENDENT), len(INDEPENDENT)), np.nan)
    correlations[np.ix_(at, at)] = beats @ beats.T / beats.shape[1]
    skewness = np.full(len(INDEPENDENT), np.nan)
    skewness[at] = np.cbrt((beats * beats * beats).mean(axis=1))
    return np.concatenate([np.arctanh(np.clip(correlations[_PAIRS], -0.999, 0.999)), skewness])


def _course(beats: Floats) -> Floats:
    """Log shares of power in bands, log of the usual slope, and how the steepness of all leads is spread over time."""
    samples = beats.shape[1]
    power = np.square(np.abs(np.fft.rfft(beats, axis=1))).mean(axis=0)
    edges = np.round(np.multiply(EDGES_HZ, samples / RATE)).astype(int)
    shares = np.add.reduceat(power[: edges[-1]], edges[:-1]) / power[edges[0] : edges[-1]].sum()
    slope = np.median(np.sqrt(np.square(np.diff(beats, axis=1)).mean(axis=1)))
    wave = beats.astype(np.float32)
    steepness = Bands(wave, wave, wave, wave[:, 0]).common_steepness
    centred = np.square(steepness - steepness.mean())
    kurtosis = np.square(centred).mean() / np.square(centred.mean())
    logs = np.log(np.maximum([*shares, slope, kurtosis], 1e-4))
    return np.array([*logs, np.median(steepness), steepness.mean()])


def distance(values: Floats, scale: Floats, scatter: Floats) -> float:
    """Mahalanobis distance of `values` (features,) per feature, those that are NaN left out; infinite if all are.

    `scale` as for `standardised`; `scatter` (features, features) holds the mean products of what that gives.
    """
    kept = np.isfinite(values)
    if not kept.any():
        return np.inf
    x = standardised(values, scale)[kept]
    return float(np.sqrt(x @ np.linalg.solve(scatter[np.ix_(kept, kept)], x) / len(x)))


def standardised(values: Floats, scale: Floats) -> Floats:
    """`values` (..., features) as multiples of their spread: `scale` (3, features) has middle, spread below and above.

    Two spreads take the skewness out.
    """
    middle, below, above = scale
    centred = values - middle
    units: Floats = centred / np.where(centred < 0, below, above)
    return units


def _contradiction(bands: Bands, leads: Sequence[str], excluded: Collection[str]) -> float:
    """The largest rms by which a limb lead differs from what I and II give, over the limb leads' rms; 0 if unknown."""
    row = {lead: bands.beats[k] for k, lead in enumerate(leads) if lead not in excluded}
    limb = {lead: row[lead] for lead in ("I", "II", *_LIMB) if lead in row and _rms(row[lead]) > _FLAT_MV}
    if not {"I", "II"} <= limb.keys():
        return 0.0
    differences = [_rms(limb[k] - a * limb["I"] - b * limb["II"]) for k, (a, b) in _LIMB.items() if k in limb]
    return max(differences, default=0.0) / _rms(np.stack(list(limb.values())))


def _rms(wave: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.square(wave).mean()))


@cache
def _fitted() -> dict[str, Floats]:
    """What was fitted: of each aspect the scale (3, features), the scatter matrix and the limit."""
    with np.load(PARAMETERS) as stored:
        return {name: stored[name].astype(np.float64) for name in stored.files}
