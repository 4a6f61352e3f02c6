"""A few simulated ECGs to try things with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce

import numpy as np

from einthoven.arrays import Int16Array
from einthoven.ptbxl.records import SECONDS
from einthoven.signal import bands
from einthoven.signal.heart_rate import find_beats
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

RATE = 500
"""Sampling rate of all samples in Hz."""
_BEFORE_BEAT = round(0.3 * RATE)  # samples from the pause between beats, where parts are joined, to the R peak
_MIN_WHOLE_BEATS_S = 7  # that 10 s hold
_WANDER, _MUSCLE = 0.03, 0.006  # mV, root mean square at each electrode: a quiet patient


@dataclass(frozen=True)
class Sample:
    """What is simulated, and how it is described."""

    title: str
    description: str
    kind: str
    """As of `draw_case`."""
    seed: int
    seconds: int = 10
    off: tuple[slice, slice] | None = None
    """Rows and columns that are 0 because electrodes are off."""


SAMPLES: Mapping[str, Sample] = {
    "normal": Sample("Normal", "Sinus rhythm at 72 bpm", "NORM", 7),
    "inferior-infarct": Sample("Inferior infarct", "Q waves and ischemia in II, III and aVF", "MI", 1),
    "anteroseptal-infarct": Sample("Anteroseptal infarct", "R waves lost in V1 to V4", "MI", 46),
    "right-bundle-branch-block": Sample("Right bundle branch block", "Wide QRS, R' in V1", "CD", 9),
    "atrial-fibrillation": Sample("Atrial fibrillation", "Irregular, without P waves", "NONE", 36),
    "extra-beats": Sample("Premature ventricular complexes", "Early and wide, with a pause after each", "NONE", 20),
    "minute": Sample(
        "A minute, leads off for a while", "Inferior infarct; V1 to V6 off at 30 s", "MI", 14, 60,
        (slice(6, 12), slice(31 * RATE, 43 * RATE)),
    ),
    "leads-off": Sample(
        "Electrodes off", "Too little left to interpret", "NORM", 7, 10, (slice(6, 11), slice(None))
    ),
}  # fmt: skip


@cache
def sample_signal(name: str) -> Int16Array:
    """Simulate one of the SAMPLES.

    Parameters
    ----------
    name
        A key of SAMPLES.

    Returns
    -------
    Int16Array
        Shape (12, samples) in uV at RATE, the same at each call.
    """
    sample = SAMPLES[name]
    rng = np.random.default_rng(sample.seed)
    case = draw_case(sample.kind, np.random.default_rng(sample.seed + 1000), rng)
    noise = Noise(np.full(len(ELECTRODES), _WANDER), np.full(len(ELECTRODES), _MUSCLE))
    signal = tracing(case.heart, case.rhythm, noise, (RATE,), rng)[0].T
    if sample.seconds > SECONDS:
        more = (
            tracing(case.heart, case.rhythm, noise, (RATE,), rng)[0].T
            for _ in range(sample.seconds // _MIN_WHOLE_BEATS_S)
        )
        signal = reduce(_append, map(_whole_beats, (signal, *more)))[:, : sample.seconds * RATE]
    if sample.off:
        signal[sample.off] = 0
    return signal


def _append(signal: Int16Array, part: Int16Array) -> Int16Array:
    """`signal` and then `part`, moved to the same baseline."""
    return np.concatenate([signal, part - part[:, :1] + signal[:, -1:]], axis=1)


def _whole_beats(part: Int16Array) -> Int16Array:
    """From the pause before one beat to the pause before another, so that parts join in the pause between beats."""
    beats = find_beats(bands.split((part / 1000).astype(np.float32), RATE).common_slope) * RATE // bands.RATE
    first, last = beats[[1, -1]] - _BEFORE_BEAT
    return part[:, first:last]
