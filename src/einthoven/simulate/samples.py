"""A few simulated tracings to try things with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce

import numpy as np

from einthoven.arrays import Int16Array
from einthoven.ptbxl.records import SECONDS
from einthoven.signal import bands
from einthoven.signal.heart_rate import find_beats
from einthoven.simulate.cases import draw_case
from einthoven.simulate.heart import ELECTRODES, Noise, tracing

RATE = 500
"""Hz."""
_BEFORE_BEAT = round(0.3 * RATE)  # samples from the pause between beats, where pieces are joined, to the R peak
_WHOLE_S = 7  # of whole beats that 10 s hold at least
_WANDER, _MUSCLE = 0.03, 0.006  # mV, root mean square at each electrode: a quiet patient


@dataclass(frozen=True)
class Sample:
    """A simulated tracing, and what was simulated."""

    title: str
    description: str
    kind: str
    """As `draw_case` takes it."""
    seed: int
    seconds: int = 10
    off: tuple[slice, slice] | None = None
    """Leads, and the samples in which they are off."""


SAMPLES: Mapping[str, Sample] = {
    "normal": Sample("Normal", "Sinus rhythm at 72 bpm", "NORM", 7),
    "inferior-infarct": Sample("Inferior infarct", "Q waves and ischemia in II, III and aVF", "MI", 1),
    "anteroseptal-infarct": Sample("Anteroseptal infarct", "R waves lost in V1 to V4", "MI", 46),
    "right-bundle-branch-block": Sample("Right bundle branch block", "Wide QRS, R' in V1", "CD", 9),
    "atrial-fibrillation": Sample("Atrial fibrillation", "Irregular, without P waves", "NONE", 36),
    "extra-beats": Sample("Ventricular extra beats", "Early and wide, with a pause after each", "NONE", 20),
    "minute": Sample(
        "A minute, leads off for a while", "Inferior infarct; V1 to V6 off at 30 s", "MI", 14, 60,
        (slice(6, 12), slice(31 * RATE, 43 * RATE)),
    ),
    "leads-off": Sample(
        "Electrodes off", "Too little left to interpret", "NORM", 7, 10, (slice(6, 11), slice(None))
    ),
}  # fmt: skip


@cache
def simulated(name: str) -> Int16Array:
    """The tracing (12, samples) in uV at RATE of one of SAMPLES."""
    sample = SAMPLES[name]
    rng = np.random.default_rng(sample.seed)
    case = draw_case(sample.kind, np.random.default_rng(sample.seed + 1000), rng)
    quiet = np.ones(len(ELECTRODES))
    noise = Noise(_WANDER * quiet, _MUSCLE * quiet)
    signal = tracing(case.heart, case.rhythm, noise, (RATE,), rng)[0].T
    if sample.seconds > SECONDS:
        more = (tracing(case.heart, case.rhythm, noise, (RATE,), rng)[0].T for _ in range(sample.seconds // _WHOLE_S))
        signal = reduce(_joined, map(_whole_beats, (signal, *more)))[:, : sample.seconds * RATE]
    if sample.off:
        signal[sample.off] = 0
    return signal


def _joined(one: Int16Array, other: Int16Array) -> Int16Array:
    """One after the other, on one baseline."""
    return np.concatenate([one, other - other[:, :1] + one[:, -1:]], axis=1)


def _whole_beats(piece: Int16Array) -> Int16Array:
    """From before one beat to before another, so that what follows goes on in the pause between beats."""
    beats = find_beats(bands.split((piece / 1000).astype(np.float32), RATE).common_slope) * RATE // bands.RATE
    first, last = beats[[1, -1]] - _BEFORE_BEAT
    return piece[:, first:last]
