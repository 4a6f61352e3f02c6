"""Twelve-lead tracings whose P waves, QRS complexes and pacing spikes are where a test puts them."""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.simulate.findings import left_bundle_branch_block
from einthoven.simulate.heart import DOWER, Heart, beat_vector, normal_heart
from einthoven.simulate.tracing import ELECTRODES, leads_from_electrodes

SECONDS = 10
WIDE = normal_heart()
left_bundle_branch_block(WIDE, 1.4, -1.0)
ECTOPIC = {name: wave.scale(-1.3, 1.0) for name, wave in WIDE.items() if not name.startswith("P")}
_P_AT_MS = -150  # of the mean of both P waves from the R peak


def twelve(eight: Float32Array) -> Float32Array:
    """I, II, V1-V6 as twelve leads."""
    one, two = eight[:2]
    limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.ascontiguousarray([*limb, *eight[2:]], np.float32)


def beats_at(times: Sequence[float], heart: Heart, rate: int, seconds: float = SECONDS) -> Float32Array:
    """QRS complexes, ST segments and T waves, whose R peaks are at `times`."""
    return _waves(times, {name: wave for name, wave in heart.items() if not name.startswith("P")}, 0, rate, seconds)


def p_waves_at(times: Sequence[float], rate: int, seconds: float = SECONDS) -> Float32Array:
    """P waves whose middle is at `times`."""
    atria = {name: wave for name, wave in normal_heart().items() if name.startswith("P")}
    return _waves(times, atria, _P_AT_MS, rate, seconds)


def spikes_at(times: Sequence[float], mv: float, rate: int, rng: np.random.Generator, samples: int = 1) -> Float32Array:
    """Spikes of `samples`, of one direction, that have `mv` in the lead that sees them best."""
    dipole = twelve(DOWER @ rng.normal(size=(3, 1)))[:, 0]
    signal = np.zeros((12, SECONDS * rate), np.float32)
    for k in range(samples):
        signal[:, np.rint(np.asarray(times) * rate).astype(int) + k] = mv * (dipole / np.abs(dipole).max())[:, None]
    return signal


def noise(rate: int, rng: np.random.Generator, mv: float = 0.01, seconds: float = SECONDS) -> Float32Array:
    """Broad noise and slow wander at the electrodes."""
    samples = round(seconds * rate)
    electrodes = rng.normal(0, mv, (len(ELECTRODES), samples))
    phase = rng.uniform(0, 2 * np.pi, (len(ELECTRODES), 1))
    electrodes += 3 * mv * np.sin(2 * np.pi * 0.25 * np.arange(samples) / rate + phase)
    return twelve(leads_from_electrodes(electrodes))


def fibrillating_ventricles(rate: int, rng: np.random.Generator) -> Float32Array:
    """Waves of 4 to 7 Hz that change their size, direction and frequency."""
    time = np.arange(SECONDS * rate) / rate
    vector = np.zeros((3, len(time)))
    for axis in range(3):
        wander = np.cumsum(rng.normal(0, 1, len(time))) / np.sqrt(rate)
        size = 0.5 + 0.3 * np.sin(2 * np.pi * rng.uniform(0.2, 0.6) * time + rng.uniform(0, 6))
        vector[axis] = size * np.sin(2 * np.pi * rng.uniform(4, 7) * time + 2 * wander)
    return twelve(DOWER @ vector)


def _waves(times: Sequence[float], heart: Heart, shift_ms: float, rate: int, seconds: float) -> Float32Array:
    samples = round(seconds * rate)
    vector = np.zeros((3, samples))
    for at in times:
        since = (np.arange(samples) / rate - at) * 1000 + shift_ms
        vector += beat_vector(heart, since, since)
    return twelve(DOWER @ vector)
