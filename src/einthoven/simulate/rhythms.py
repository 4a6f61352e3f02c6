"""Draw tracings of one rhythm each, for tests of the rhythm line: blocks, pauses, tachycardias, pacing, no beats.

Hearts, rates, axes, AV delays and noise vary from one tracing to the next. No simulated ECG comes from a patient.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator

from einthoven.arrays import Float32Array, Float64Array
from einthoven.ptbxl.records import SECONDS
from einthoven.simulate.chambers import (
    atria,
    draw_heart,
    draw_wide_heart,
    fibrillating_ventricles,
    flutter_waves,
    pacing_spikes,
    retrograde,
    ventricles,
)
from einthoven.simulate.tracing import ELECTRODES, TIMES, Noise, fibrillation, record

Times = Float64Array


def simulate_rhythm(name: str, rate: int, rng: Generator, noise_mv: float | None = None) -> Float32Array:
    """Draw ten seconds of a rhythm.

    Parameters
    ----------
    name
        Name of the rhythm: one of RHYTHMS.
    rate
        Sampling rate in Hz, at most 500.
    rng
        Source of all randomness.
    noise_mv
        Muscle noise at each electrode, root mean square; drawn from 0.01 to 0.03 mV if None.

    Returns
    -------
    Float32Array
        Signal of shape (12, samples) in mV.
    """
    muscle = rng.uniform(0.01, 0.03) if noise_mv is None else noise_mv
    quiet = np.ones(len(ELECTRODES))
    noise = Noise(wander=0.02 * rng.lognormal(0, 0.5, len(ELECTRODES)), muscle=muscle * quiet)
    noise.muscle[3:] *= 0.5  # the chest is quieter than the limbs
    (signal,) = record(RHYTHMS[name](rng), noise, (rate,), rng)
    return np.ascontiguousarray(signal.T, np.float32) / np.float32(1000)


def _every(period_s: float, rng: Generator, spread: float = 0.0) -> Times:
    """Times from before the record to after it, about `period_s` apart."""
    count = int((SECONDS + 6) / period_s) + 3
    periods = period_s * np.exp(spread * rng.standard_normal(count))
    times: Times = -2 - rng.uniform(0, period_s) + np.cumsum(periods)
    return times


def _bpm(low: float, high: float, rng: Generator, spread: float = 0.0) -> Times:
    return _every(60 / rng.uniform(low, high), rng, spread)


def _pr(rng: Generator) -> float:
    """Time from the middle of the P wave to the R peak."""
    return float(rng.uniform(0.13, 0.22))


def _sinus(low: float, high: float) -> Callable[[Generator], Float64Array]:
    def draw(rng: Generator) -> Float64Array:
        p, heart = _bpm(low, high, rng, 0.012), draw_heart(rng)
        pr = min(_pr(rng), 0.3 * float(np.diff(p).mean()))
        return atria(heart, p) + ventricles(heart, p + pr)

    return draw


def _two_to_one_block(rng: Generator) -> Float64Array:
    p, heart = _bpm(64, 100, rng, 0.01), draw_heart(rng)
    return atria(heart, p) + ventricles(heart, p[rng.integers(2) :: 2] + _pr(rng))


def _mobitz_one(rng: Generator) -> Float64Array:
    p, heart, group = _bpm(60, 95, rng, 0.01), draw_heart(rng), int(rng.integers(3, 6))
    step = np.minimum(np.arange(group - 1) * rng.uniform(0.05, 0.09), 0.16)
    place = (np.arange(len(p)) + rng.integers(group)) % group
    conducted = place < group - 1
    return atria(heart, p) + ventricles(heart, p[conducted] + _pr(rng) + step[place[conducted]])


def _mobitz_two(rng: Generator) -> Float64Array:
    p, heart, group = _bpm(60, 95, rng, 0.01), draw_heart(rng), int(rng.integers(3, 5))
    conducted = (np.arange(len(p)) + rng.integers(group)) % group > 0
    return atria(heart, p) + ventricles(heart, p[conducted] + _pr(rng))


def _sinus_arrest(rng: Generator) -> Float64Array:
    p, heart = _bpm(55, 85, rng, 0.012), draw_heart(rng)
    pause, start = rng.uniform(3, 5), rng.uniform(1.5, 4)
    first = int(np.searchsorted(p, start))
    p[first:] += pause - (p[first] - p[first - 1])
    return atria(heart, p) + ventricles(heart, p + _pr(rng))


def _complete_block(wide: bool) -> Callable[[Generator], Float64Array]:
    def draw(rng: Generator) -> Float64Array:
        p, heart = _bpm(65, 105, rng, 0.015), draw_heart(rng)
        escape = _bpm(26, 40, rng, 0.008) if wide else _bpm(36, 52, rng, 0.008)
        return atria(heart, p) + ventricles(draw_wide_heart(rng) if wide else heart, escape)

    return draw


def _ventricular_tachycardia(rng: Generator) -> Float64Array:
    vector = ventricles(draw_wide_heart(rng), _bpm(130, 220, rng, 0.01))
    return vector + atria(draw_heart(rng), _bpm(60, 100, rng, 0.02)) if rng.random() < 0.5 else vector


def _idioventricular(rng: Generator) -> Float64Array:
    return ventricles(draw_wide_heart(rng), _bpm(26, 45, rng, 0.01))


def _supraventricular_tachycardia(rng: Generator) -> Float64Array:
    heart, beats = draw_heart(rng), _bpm(150, 230, rng, 0.008)
    vector = ventricles(heart, beats)
    return vector + atria(retrograde(heart), beats + rng.uniform(0.07, 0.1)) if rng.random() < 0.5 else vector


def _junctional(rng: Generator) -> Float64Array:
    return ventricles(draw_heart(rng), _bpm(40, 60, rng, 0.008))


def _atrial_fibrillation(rng: Generator) -> Float64Array:
    beats = _bpm(55, 135, rng, rng.uniform(0.16, 0.24))
    return ventricles(draw_heart(rng), _at_least(beats, 0.3)) + fibrillation(rng.uniform(0.02, 0.06), rng)


def _at_least(beats: Times, rr: float) -> Times:
    times: Times = beats[0] + np.concatenate([[0.0], np.cumsum(np.maximum(np.diff(beats), rr))])
    return times


def _flutter(ratios: tuple[int, ...]) -> Callable[[Generator], Float64Array]:
    def draw(rng: Generator) -> Float64Array:
        period = 60 / rng.uniform(260, 320)
        waves = rng.choice(ratios, 60)
        beats = -2 + rng.uniform(0, period) + np.cumsum(waves) * period
        return ventricles(draw_heart(rng), beats[beats < SECONDS + 2]) + flutter_waves(
            period, rng.uniform(0.1, 0.3), rng
        )

    return draw


def _ventricular_fibrillation(rng: Generator) -> Float64Array:
    return fibrillating_ventricles(rng.uniform(0.15, 0.7), rng)


def _asystole(rng: Generator) -> Float64Array:
    if rng.random() < 0.5:
        return np.zeros((3, len(TIMES)))
    return atria(draw_heart(rng), _bpm(40, 90, rng, 0.02))


def _spikes_without_capture(rng: Generator) -> Float64Array:
    spikes = pacing_spikes(_bpm(55, 85, rng), rng.uniform(2.5, 6), rng)
    if rng.random() < 0.5:  # P waves without QRS complexes, or nothing
        return spikes + (atria(draw_heart(rng), _bpm(60, 90, rng, 0.02)) if rng.random() < 0.5 else 0)
    return spikes + ventricles(draw_wide_heart(rng), _bpm(20, 38, rng, 0.01))  # an escape rhythm


def _paced(rng: Generator) -> Float64Array:
    beats = _bpm(55, 95, rng)
    vector = ventricles(draw_wide_heart(rng), beats) + pacing_spikes(beats - 0.08, rng.uniform(2.5, 6), rng)
    return vector + atria(draw_heart(rng), beats - 0.25) if rng.random() < 0.5 else vector


def _premature(group: int) -> Callable[[Generator], Float64Array]:
    """Every `group`-th beat comes early from a ventricle."""

    def draw(rng: Generator) -> Float64Array:
        heart, period = draw_heart(rng), 60 / rng.uniform(60, 90)
        every = _every(period, rng, 0.008)
        early = (np.arange(len(every)) + rng.integers(group)) % group == 0
        others, pr = every[~early], _pr(rng)
        premature = every[early] + pr - rng.uniform(0.28, 0.38) * period
        return atria(heart, others) + ventricles(heart, others + pr) + ventricles(draw_wide_heart(rng), premature)

    return draw


RHYTHMS: Mapping[str, Callable[[Generator], Float64Array]] = {
    "sinus rhythm": _sinus(61, 95),
    "sinus bradycardia": _sinus(38, 57),
    "sinus tachycardia": _sinus(103, 140),
    "2:1 AV block": _two_to_one_block,
    "Mobitz I": _mobitz_one,
    "Mobitz II": _mobitz_two,
    "pause": _sinus_arrest,
    "complete AV block, narrow escape": _complete_block(wide=False),
    "complete AV block, wide escape": _complete_block(wide=True),
    "ventricular tachycardia": _ventricular_tachycardia,
    "idioventricular rhythm": _idioventricular,
    "supraventricular tachycardia": _supraventricular_tachycardia,
    "junctional rhythm": _junctional,
    "atrial fibrillation": _atrial_fibrillation,
    "atrial flutter, 2:1": _flutter((2,)),
    "atrial flutter, variable": _flutter((2, 3, 4)),
    "ventricular fibrillation": _ventricular_fibrillation,
    "asystole": _asystole,
    "spikes without capture": _spikes_without_capture,
    "paced rhythm": _paced,
    "bigeminy": _premature(2),
    "trigeminy": _premature(3),
}
"""Functions by name that draw the heart vector: shape (3, samples) in mV at `tracing.TIMES`."""
