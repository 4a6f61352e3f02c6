"""Simulate a 12-lead ECG: beats of a heart in a rhythm, seen by the leads, with noise at the electrodes.

As in ECGSYN (McSharry, Clifford, Tarassenko and Smith, IEEE Trans Biomed Eng 2003, 50:289), the time after the QRS
complex scales with the square root of the RR interval, and breathing and slow waves modulate the rate. None of the
simulated ECGs comes from a patient.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from einthoven.arrays import BoolArray, Float64Array, Int16Array
from einthoven.ptbxl.records import SECONDS, UNITS_PER_MV
from einthoven.simulate.heart import DOWER, Heart, beat_vector

Spectrum = NDArray[np.complex128]
_Number = TypeVar("_Number", np.float64, np.complex128)

_RATE = 500  # Hz; every tracing is made at this rate, lower ones are filtered and decimated
_MARGIN = 0.5  # s before and after the record, so that the filters' ends stay outside
TIMES = np.arange(-_MARGIN, SECONDS + _MARGIN, 1 / _RATE)
"""Times of the samples of a heart vector, in s from the start of the record."""
_FREQUENCIES = np.fft.rfftfreq(len(TIMES), 1 / _RATE)

ELECTRODES = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")
"""The electrodes, at which noise enters."""

# Amplitude of each noise over frequency: baseline wander falls with the frequency, muscle noise is broad.
_WANDER = np.where((_FREQUENCIES > 0.05) & (_FREQUENCIES < 1), 1 / np.maximum(_FREQUENCIES, 0.05), 0)
_MUSCLE = np.where(_FREQUENCIES < 160, np.clip((_FREQUENCIES - 2) / 15, 0, 1), 0)


@dataclass
class Rhythm:
    """Rhythm of the heart."""

    rate: float
    """Heart rate in bpm."""
    sinus_arrhythmia: float = 0.03
    """Variation with breathing, as a share of the RR interval."""
    irregularity: float = 0.012
    """Random variation, as a share of the RR interval."""
    breathing: float = 0.25
    """Breathing rate in Hz."""
    fibrillation: float = 0.0
    """Amplitude of fibrillation waves in mV."""
    ectopic_beats: int = 0
    """Number of premature beats."""
    ectopic_heart: Heart | None = None
    """Heart whose waves these beats have; None for the waves of the other beats."""
    compensatory_pause: bool = True
    """Whether a pause follows them."""


@dataclass
class Noise:
    """Noise in the tracing."""

    wander: Float64Array
    """Baseline wander at each of the ELECTRODES: root mean square in mV."""
    muscle: Float64Array
    """Muscle noise at each of the ELECTRODES: root mean square in mV."""
    mains: float = 0.0
    """Mains hum at all electrodes: root mean square in mV."""
    jumps: list[tuple[int, float, float]] = field(default_factory=list)
    """Electrodes that move: electrode index, time in s, height in mV."""


def tracing(heart: Heart, rhythm: Rhythm, noise: Noise, rates: Sequence[int], rng: Generator) -> list[Int16Array]:
    """Simulate ten seconds of ECG.

    Parameters
    ----------
    heart
        Heart that gives the waves of a beat.
    rhythm
        Rhythm of the heart.
    noise
        Noise in the tracing.
    rates
        Sampling rates in Hz, at most 500.
    rng
        Source of all randomness.

    Returns
    -------
    list of Int16Array
        The same tracing at each of `rates`: shape (samples, 12) in uV, leads in standard order. III and the augmented
        leads are made from the rounded I and II, so that Einthoven's law holds to the last unit.
    """
    return record(_heart_vector(heart, rhythm, rng), noise, rates, rng)


def record(vector: Float64Array, noise: Noise, rates: Sequence[int], rng: Generator) -> list[Int16Array]:
    """Record a heart vector with twelve leads.

    Parameters
    ----------
    vector
        Heart vector of shape (3, samples) in mV at TIMES.
    noise
        Noise in the tracing.
    rates
        Sampling rates in Hz, at most 500.
    rng
        Source of the noise.

    Returns
    -------
    list of Int16Array
        Recorded leads, as `tracing` returns them.
    """
    # einsum: BLAS would start threads for these small products
    leads = np.einsum("lc,ct->lt", DOWER, vector)
    if noise.jumps:
        leads += leads_from_electrodes(_motion(noise))
    spectrum = np.fft.rfft(leads) + leads_from_electrodes(_stationary_noise(noise, rng))
    return [_twelve_leads(_sample(spectrum, rate)) for rate in rates]


def _beats(rhythm: Rhythm, rng: Generator) -> tuple[Float64Array, Float64Array, BoolArray]:
    """R peaks in s, the RR interval before each in s, and which of them are ectopic."""
    count = int((SECONDS + 4) * rhythm.rate / 60 * 1.3) + 3
    phase = rng.uniform(0, 2 * np.pi, 2)
    start = -2 - rng.uniform(0, 60 / rhythm.rate)
    # Beat times at the mean rate suffice to determine the phase of breathing at each beat.
    approximate_peaks = start + np.arange(1, count + 1) * 60 / rhythm.rate
    modulation = rhythm.sinus_arrhythmia * np.sin(2 * np.pi * rhythm.breathing * approximate_peaks + phase[0])
    modulation += 0.015 * np.sin(2 * np.pi * 0.1 * approximate_peaks + phase[1])  # Mayer waves
    rr = 60 / rhythm.rate * np.exp(modulation + rhythm.irregularity * rng.standard_normal(count))
    rr = np.maximum(rr, 0.32)
    ectopic = np.zeros(count, dtype=bool)
    if rhythm.ectopic_beats:
        inside = np.flatnonzero((approximate_peaks > 1) & (approximate_peaks < SECONDS - 1))
        chosen = rng.permutation(inside[::2])[: rhythm.ectopic_beats]
        ectopic[chosen] = True
        early = rng.uniform(0.58, 0.72)
        rr[chosen] *= early
        if rhythm.compensatory_pause:
            rr[chosen + 1] *= 2 - early
    return start + np.cumsum(rr), rr, ectopic


def _heart_vector(heart: Heart, rhythm: Rhythm, rng: Generator) -> Float64Array:
    """The heart vector in mV over time, (3, samples)."""
    peaks, rr, ectopic = _beats(rhythm, rng)
    following = np.clip(np.searchsorted(peaks, TIMES), 1, len(peaks) - 1)
    vector = np.zeros((3, len(TIMES)))
    # A sample belongs to the end of one beat (its T wave) and to the start of the next (its P wave).
    for beat in (following - 1, following):
        since = (TIMES - peaks[beat]) * 1000
        late = since / np.sqrt(rr[beat])  # repolarization follows the rate (Bazett)
        for kind, waves in ((False, heart), (True, rhythm.ectopic_heart or heart)):
            of_kind = np.flatnonzero(ectopic[beat] == kind)
            if of_kind.size:
                vector[:, of_kind] += beat_vector(waves, since[of_kind], late[of_kind])
    breath = np.sin(2 * np.pi * rhythm.breathing * TIMES + rng.uniform(0, 2 * np.pi))
    vector *= 1 + 0.04 * breath
    if rhythm.fibrillation:
        vector += fibrillation(rhythm.fibrillation, rng)
    return vector


def fibrillation(amplitude: float, rng: Generator) -> Float64Array:
    """Simulate fibrillating atria: about six waves a second, ever changing, largest in V1.

    Parameters
    ----------
    amplitude
        Root mean square in mV.
    rng
        Source of all randomness.

    Returns
    -------
    Float64Array
        Heart vector in mV at TIMES, shape (3, samples).
    """
    shape = np.exp(-0.5 * ((_FREQUENCIES - rng.uniform(5, 7.5)) / 0.8) ** 2)
    spectrum = np.zeros((1, len(_FREQUENCIES)), dtype=complex)
    _add_noise(spectrum, np.array([amplitude]), shape, rng)
    vector: Float64Array = np.array([[-0.35], [0.45], [-1.0]]) * np.fft.irfft(spectrum, len(TIMES))
    return vector


def _add_noise(spectrum: Spectrum, amplitude: Float64Array, shape: Float64Array, rng: Generator) -> None:
    """Add noise of a `shape` (frequencies,) and `amplitude` (count,) to `spectrum` (count, frequencies)."""
    first, last = np.flatnonzero(shape > 1e-4)[[0, -1]]
    band = slice(first, last + 1)
    # Parseval; a complex normal number has the mean square 2
    unit = shape[band] * len(TIMES) / (2 * np.sqrt((shape[band] ** 2).sum()))
    noise = rng.standard_normal((*amplitude.shape, *unit.shape, 2)).view(complex)[..., 0]
    noise *= unit
    noise *= amplitude[:, None]
    spectrum[:, band] += noise


def _motion(noise: Noise) -> Float64Array:
    """Electrodes that move: a jump that decays in about half a second. (electrodes, samples) in mV."""
    potential = np.zeros((len(ELECTRODES), len(TIMES)))
    for electrode, at, height in noise.jumps:
        elapsed = np.maximum(TIMES - at, 0)
        potential[electrode] += height * (1 - np.exp(-elapsed / 0.03)) * np.exp(-elapsed / 0.4)
    return potential


def _stationary_noise(noise: Noise, rng: Generator) -> Spectrum:
    """Spectra (electrodes, frequencies) of baseline wander, muscle noise and mains hum in mV."""
    spectrum = np.zeros((len(ELECTRODES), len(_FREQUENCIES)), dtype=complex)
    _add_noise(spectrum, noise.wander, _WANDER, rng)
    _add_noise(spectrum, noise.muscle, _MUSCLE, rng)
    angle = rng.uniform(0, 2 * np.pi, len(ELECTRODES))
    spectrum[:, np.argmin(np.abs(_FREQUENCIES - 50))] += noise.mains * len(TIMES) / np.sqrt(2) * np.exp(1j * angle)
    return spectrum


def leads_from_electrodes(electrodes: NDArray[_Number]) -> NDArray[_Number]:
    """Compute the leads from the potentials of the electrodes.

    Parameters
    ----------
    electrodes
        Potentials of the electrodes, shape (9, ...), in the order of ELECTRODES.

    Returns
    -------
    NDArray
        I and II against RA, V1-V6 against Wilson's terminal: shape (8, ...).
    """
    limbs, chest = electrodes[:3], electrodes[3:]
    return np.concatenate([limbs[1:] - limbs[0], chest - limbs.mean(axis=0)])


def _sample(spectrum: Spectrum, rate: int) -> Float64Array:
    """The leads (8, samples) in mV at `rate` from their spectrum, without the margins."""
    count = len(TIMES) * rate // _RATE
    band = min(150.0, 0.45 * rate)  # Hz: a recorder's band, or what the rate allows
    f = _FREQUENCIES[: count // 2 + 1]
    low_pass = 0.5 * (1 + np.cos(np.pi * np.clip((f - 0.8 * band) / (0.2 * band), 0, 1)))
    margin = int(_MARGIN * rate)
    leads: Float64Array = np.fft.irfft(spectrum[:, : len(f)] * low_pass, count)[:, margin:-margin] * count / len(TIMES)
    return leads


def _twelve_leads(leads: Float64Array) -> Int16Array:
    """I, II, V1-V6 (8, samples) in mV to all twelve leads (samples, 12) in whole uV."""
    units = np.rint(leads * UNITS_PER_MV).astype(np.int64)
    i, ii = units[:2]
    limb = np.stack([i, ii, ii - i, -(i + ii) // 2, (2 * i - ii) // 2, (2 * ii - i) // 2])
    return np.vstack([limb, units[2:]]).T.astype(np.int16)
