"""Simulate atria and ventricles that beat on their own: the heart vector of P waves, QRS complexes and other waves.

`tracing` draws hearts in which each P wave leads a QRS complex. Here each chamber has its own times, so that P waves
may be blocked, dissociated or absent.
"""

import numpy as np
from numpy.random import Generator

from einthoven.arrays import Float64Array
from einthoven.simulate.cases import draw_person
from einthoven.simulate.findings import left_bundle_branch_block
from einthoven.simulate.heart import Heart, Wave, beat_vector, rotation
from einthoven.simulate.tracing import TIMES

_REACH_S = 0.9  # from its middle to where a beat has ended
_P_TOP_MS = -150.0  # middle of the P wave of `heart.normal_heart`
_LONGEST_RR_S = 1.3  # repolarization no longer lengthens with the RR interval


def draw_heart(rng: Generator) -> Heart:
    """Draw a heart with the voltages, wave widths and axes of one person.

    Parameters
    ----------
    rng
        Source of all randomness.

    Returns
    -------
    Heart
        Heart without findings.
    """
    turn = {
        "P": rotation(rng.normal(0, 10), rng.normal(0, 10)),
        "Q": rotation(rng.normal(-5, 25), rng.normal(0, 15)),
        "T": rotation(rng.normal(0, 12), rng.normal(0, 12)),
    }
    turn["S"] = turn["T"]
    return {name: w.rotate(turn[name[0]]) for name, w in draw_person(rng).items()}


def draw_wide_heart(rng: Generator) -> Heart:
    """Draw a beat of ventricular origin, or one that is conducted by one bundle branch.

    Parameters
    ----------
    rng
        Source of all randomness.

    Returns
    -------
    Heart
        Heart without P waves. The QRS complex lasts 130 to 190 ms and has any axis.
    """
    heart: Heart = {}
    left_bundle_branch_block(heart, rng.uniform(0.8, 1.7), rng.choice([-1.0, 1.0]))
    turn, stretch = rotation(rng.uniform(-180, 180), rng.uniform(-60, 60)), rng.uniform(1.0, 1.3)
    repolarization = rng.uniform(0.6, 1.2)
    return {
        name: w.rotate(turn).scale(1.0 if name.startswith("QRS") else repolarization, stretch)
        for name, w in heart.items()
    }


def atria(heart: Heart, times: Float64Array) -> Float64Array:
    """Compute the heart vector of P waves.

    Parameters
    ----------
    heart
        Heart with P waves.
    times
        Times of the middles of the P waves in s.

    Returns
    -------
    Float64Array
        Heart vector of shape (3, samples) in mV at TIMES.
    """
    waves = {name: w for name, w in heart.items() if name.startswith("P")}
    return _beats(waves, np.asarray(times) - _P_TOP_MS / 1000, np.ones(len(times)))


def ventricles(heart: Heart, times: Float64Array) -> Float64Array:
    """Compute the heart vector of QRS complexes, ST segments and T waves.

    Parameters
    ----------
    heart
        Heart whose P waves are ignored.
    times
        R peaks in s, ascending. Repolarization follows the RR interval before each (Bazett).

    Returns
    -------
    Float64Array
        Heart vector of shape (3, samples) in mV at TIMES.
    """
    waves = {name: w for name, w in heart.items() if not name.startswith("P")}
    at = np.asarray(times)
    rr = np.diff(at, prepend=2 * at[0] - at[1]) if len(at) > 1 else np.ones(len(at))
    return _beats(waves, at, np.minimum(rr, _LONGEST_RR_S))


def _beats(waves: Heart, times: Float64Array, rr: Float64Array) -> Float64Array:
    vector = np.zeros((3, len(TIMES)))
    for at, interval in zip(times.tolist(), rr.tolist(), strict=True):
        near = slice(*np.searchsorted(TIMES, [at - _REACH_S, at + _REACH_S]).tolist())
        since = (TIMES[near] - at) * 1000
        vector[:, near] += beat_vector(waves, since, since / np.sqrt(interval))
    return vector


def flutter_waves(period_s: float, amplitude: float, rng: Generator) -> Float64Array:
    """Compute the heart vector of typical atrial flutter: a sawtooth, negative in the inferior leads.

    Parameters
    ----------
    period_s
        Period of the flutter waves in s.
    amplitude
        Amplitude in mV, about that in II.
    rng
        Source of the phase and of the share of the overtones.

    Returns
    -------
    Float64Array
        Heart vector of shape (3, samples) in mV at TIMES.
    """
    phase = 2 * np.pi * TIMES / period_s + rng.uniform(0, 2 * np.pi)
    overtones = rng.uniform(0.6, 1.0)
    saw = sum(np.sin(k * phase) / k * overtones ** (k - 1) for k in (1, 2, 3))
    vector: Float64Array = np.array([[0.1], [-0.8], [-0.5]]) * amplitude / 1.6 * saw
    return vector


def fibrillating_ventricles(amplitude: float, rng: Generator) -> Float64Array:
    """Compute the heart vector of ventricular fibrillation: 4 to 7 waves a second without any order.

    Parameters
    ----------
    amplitude
        Amplitude in mV.
    rng
        Source of all randomness.

    Returns
    -------
    Float64Array
        Heart vector of shape (3, samples) in mV at TIMES.
    """
    vector = np.zeros((3, len(TIMES)))
    step = TIMES[1] - TIMES[0]
    for axis in range(3):
        wander = np.cumsum(rng.normal(0, np.sqrt(step), len(TIMES)))
        size = amplitude * (1 + 0.6 * np.sin(2 * np.pi * rng.uniform(0.2, 0.6) * TIMES + rng.uniform(0, 6)))
        vector[axis] = size * np.sin(2 * np.pi * rng.uniform(4, 7) * TIMES + 2 * wander)
    return vector


def pacing_spikes(times: Float64Array, height_mv: float, rng: Generator) -> Float64Array:
    """Compute the heart vector of pacing spikes of 2 ms.

    Parameters
    ----------
    times
        Times of the spikes in s.
    height_mv
        Length of the vector.
    rng
        Source of its direction, which all spikes share.

    Returns
    -------
    Float64Array
        Heart vector of shape (3, samples) in mV at TIMES.
    """
    direction = rng.normal(size=3)
    vector = np.zeros((3, len(TIMES)))
    at = np.searchsorted(TIMES, times)
    vector[:, at[at < len(TIMES)]] = (height_mv * direction / np.linalg.norm(direction))[:, None]
    return vector


def retrograde(heart: Heart) -> Heart:
    """Return a heart whose P waves run from the AV node upwards.

    Parameters
    ----------
    heart
        Heart with P waves.

    Returns
    -------
    Heart
        Heart with P waves that are negative in the inferior leads.
    """
    p = {name: Wave(w.at, w.width, w.vector * (0.3, -1.0, 1.0)) for name, w in heart.items() if name.startswith("P")}
    return {**heart, **p}
