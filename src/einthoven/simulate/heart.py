"""A dynamical model of the 12-lead ECG: the heart vector as Gaussians of the cardiac phase, seen by leads.

The model is ECGSYN (McSharry, Clifford, Tarassenko and Smith, IEEE Trans Biomed Eng 2003, 50:289) generalised
to three coordinates, the dipole of Sameni, Clifford, Jutten and Shamsollahi (EURASIP J Adv Signal Process
2007:43407), in closed form. Phases are written as times from the R peak. As in ECGSYN, what follows the QRS
complex scales with the square root of the RR interval, and breathing and slow waves modulate the rate. The
leads follow from the heart vector by the matrix of Dower, Machado and Osborne (Clin Cardiol 1980, 3:87).
It simulates: no tracing that comes from here is a patient's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from einthoven.arrays import BoolArray, Float64Array, Int16Array
from einthoven.ptbxl.records import SECONDS, UNITS_PER_MV

Spectrum = NDArray[np.complex128]
_Number = TypeVar("_Number", np.float64, np.complex128)

_RATE = 500  # Hz; every tracing is made at this rate, lower ones are filtered and thinned out
_MARGIN = 0.5  # s before and after the record, so that the filters' ends stay outside
_TIMES = np.arange(-_MARGIN, SECONDS + _MARGIN, 1 / _RATE)
_FREQUENCIES = np.fft.rfftfreq(len(_TIMES), 1 / _RATE)

# Heart vector (x to the left, y to the feet, z to the back) -> I, II, V1-V6; Dower 1980.
_DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)

ELECTRODES = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")
"""The electrodes that noise enters by."""

# Amplitude of each noise over frequency: baseline wander falls with the frequency, muscle noise is broad.
_WANDER = np.where((_FREQUENCIES > 0.05) & (_FREQUENCIES < 1), 1 / np.maximum(_FREQUENCIES, 0.05), 0)
_MUSCLE = np.where(_FREQUENCIES < 160, np.clip((_FREQUENCIES - 2) / 15, 0, 1), 0)


@dataclass(frozen=True)
class Wave:
    """One Gaussian of the heart vector.

    `at` and `width` (standard deviation) are in ms, `at` counted from the R peak; `vector` (3,) is in mV.
    """

    at: float
    width: float
    vector: Float64Array

    def scaled(self, gain: float, stretch: float = 1.0) -> "Wave":
        """This wave with its vector times `gain` and its time and width times `stretch`."""
        return Wave(self.at * stretch, self.width * stretch, self.vector * gain)

    def plus(self, x: float, y: float, z: float) -> "Wave":
        """This wave with (x, y, z) mV added to its vector."""
        return replace(self, vector=self.vector + np.array([x, y, z]))

    def turned(self, rotation: Float64Array) -> "Wave":
        """This wave with its vector turned by a (3, 3) matrix."""
        return replace(self, vector=rotation @ self.vector)


Heart = dict[str, Wave]
"""One heart beat: its waves by name. P*: the atria, QRS*: depolarisation, ST* and T*: repolarisation."""


def wave(at: float, width: float, x: float, y: float, z: float) -> Wave:
    """A Wave from numbers: ms, ms and mV."""
    return Wave(at, width, np.array([x, y, z]))


def normal_heart() -> Heart:
    """The beat of a healthy adult: P 0.15 mV in II, rS in V1, R largest in V4, T upright where R is."""
    return {
        "P right": wave(-162, 17, 0.03, 0.08, -0.05),
        "P left": wave(-138, 18, 0.07, 0.05, 0.05),
        "QRS septal": wave(-22, 8, -0.13, -0.04, -0.26),
        "QRS main": wave(0, 11, 1.30, 0.74, 0.00),
        "QRS basal": wave(20, 10, -0.18, -0.14, 0.76),
        "ST": wave(115, 42, 0.02, 0.02, -0.03),
        "T early": wave(235, 48, 0.17, 0.13, -0.13),
        "T late": wave(282, 28, 0.17, 0.13, -0.11),
    }


@dataclass
class Rhythm:
    """When the heart beats: `rate` per minute, and its variation as a share of the RR interval.

    `sinus_arrhythmia` follows the breath (`breathing` a second), `irregularity` follows nothing.
    `fibrillation` is the amplitude in mV of fibrillation waves. `ectopic_beats` come early, as beats of
    `ectopic_heart` (None: as the others), with or without a compensatory pause after them.
    """

    rate: float
    sinus_arrhythmia: float = 0.03
    irregularity: float = 0.012
    breathing: float = 0.25
    fibrillation: float = 0.0
    ectopic_beats: int = 0
    ectopic_heart: Heart | None = None
    compensatory_pause: bool = True


@dataclass
class Noise:
    """What disturbs the tracing: amplitudes in mV (root mean square) at each of the ELECTRODES.

    `jumps` are electrode motions: (electrode index, time in s, height in mV).
    """

    wander: Float64Array
    muscle: Float64Array
    mains: float = 0.0
    jumps: list[tuple[int, float, float]] = field(default_factory=list)


def rotation(frontal: float, horizontal: float) -> Float64Array:
    """The (3, 3) matrix that turns a heart by two angles in degrees: left to feet, and left to back."""
    a, b = np.deg2rad([frontal, horizontal])
    in_frontal = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    in_horizontal = np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
    turned: Float64Array = in_horizontal @ in_frontal
    return turned


def frontal_axis(heart: Heart) -> float:
    """The electrical axis of the QRS complex in degrees, from the areas under leads I and aVF."""
    area = sum((w.width * w.vector for name, w in heart.items() if name.startswith("QRS")), np.zeros(3))
    lead_i, lead_ii = _DOWER[:2] @ area
    # aVF is 1.15 times smaller than a lead between two limbs
    return float(np.rad2deg(np.arctan2((lead_ii - lead_i / 2) * 2 / np.sqrt(3), lead_i)))


def beat(heart: Heart, times: Float64Array) -> Float64Array:
    """One beat at 60 a minute in I, II, V1-V6: (8, times) in mV at `times` in ms from the R peak."""
    leads: Float64Array = _DOWER @ _beat_vector(heart, times, times)
    return leads


def qrs_amplitudes(heart: Heart) -> Float64Array:
    """The largest deflections (8,) in mV of the QRS complex in I, II, V1-V6."""
    qrs = {name: w for name, w in heart.items() if name.startswith("QRS")}
    amplitudes: Float64Array = np.abs(beat(qrs, np.arange(-100.0, 150.0, 2.0))).max(axis=1)
    return amplitudes


def tracing(heart: Heart, rhythm: Rhythm, noise: Noise, rates: Sequence[int], rng: Generator) -> list[Int16Array]:
    """Ten seconds of ECG, the same at each of the sampling `rates` (Hz, at most 500).

    Returns int16 arrays (samples, 12) in uV, leads in the standard order. III and the augmented leads are
    made from the rounded I and II, so that Einthoven's law holds to the last unit.
    """
    # einsum: BLAS would start threads for these small products
    leads = np.einsum("lc,ct->lt", _DOWER, _heart_vector(heart, rhythm, rng))
    if noise.jumps:
        leads += against_reference(_motion(noise))
    spectrum = np.fft.rfft(leads) + against_reference(_stationary_noise(noise, rng))
    return [_twelve_leads(_sample(spectrum, rate)) for rate in rates]


def _beats(rhythm: Rhythm, rng: Generator) -> tuple[Float64Array, Float64Array, BoolArray]:
    """R peaks in s, the RR interval before each in s, and which of them are ectopic."""
    count = int((SECONDS + 4) * rhythm.rate / 60 * 1.3) + 3
    phase = rng.uniform(0, 2 * np.pi, 2)
    start = -2 - rng.uniform(0, 60 / rhythm.rate)
    # Beat times at the mean rate are near enough to say where in the breath a beat falls.
    about = start + np.arange(1, count + 1) * 60 / rhythm.rate
    modulation = rhythm.sinus_arrhythmia * np.sin(2 * np.pi * rhythm.breathing * about + phase[0])
    modulation += 0.015 * np.sin(2 * np.pi * 0.1 * about + phase[1])  # Mayer waves
    rr = 60 / rhythm.rate * np.exp(modulation + rhythm.irregularity * rng.standard_normal(count))
    rr = np.maximum(rr, 0.32)
    ectopic = np.zeros(count, dtype=bool)
    if rhythm.ectopic_beats:
        inside = np.flatnonzero((about > 1) & (about < SECONDS - 1))
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
    following = np.clip(np.searchsorted(peaks, _TIMES), 1, len(peaks) - 1)
    vector = np.zeros((3, len(_TIMES)))
    # A sample belongs to the end of one beat (its T wave) and to the start of the next (its P wave).
    for beat in (following - 1, following):
        since = (_TIMES - peaks[beat]) * 1000
        slow = since / np.sqrt(rr[beat])  # repolarisation follows the rate (Bazett)
        for kind, waves in ((False, heart), (True, rhythm.ectopic_heart or heart)):
            here = np.flatnonzero(ectopic[beat] == kind)
            if here.size:
                vector[:, here] += _beat_vector(waves, since[here], slow[here])
    breath = np.sin(2 * np.pi * rhythm.breathing * _TIMES + rng.uniform(0, 2 * np.pi))
    vector *= 1 + 0.04 * breath
    if rhythm.fibrillation:
        vector += _fibrillation(rhythm.fibrillation, rng)
    return vector


def _beat_vector(heart: Heart, since: Float64Array, slow: Float64Array) -> Float64Array:
    """The heart vector (3, times) in mV at times in ms from the R peak; repolarisation has its own scale."""
    at, width = np.array([(w.at, w.width) for w in heart.values()], dtype=np.float32).T[:, :, None]
    late = np.array([name.startswith(("ST", "T")) for name in heart])[:, None]
    # single precision and in place: fast, and good to 1e-6
    waves = np.where(late, slow.astype(np.float32), since.astype(np.float32))
    waves -= at
    waves /= width
    waves *= waves
    waves *= -0.5
    np.exp(waves, out=waves)
    vector: Float64Array = np.einsum("wc,wt->ct", np.array([w.vector for w in heart.values()]), waves)
    return vector


def _fibrillation(amplitude: float, rng: Generator) -> Float64Array:
    """Fibrillation waves of the atria (3, samples) in mV: about 6 a second, ever changing, largest in V1."""
    shape = np.exp(-0.5 * ((_FREQUENCIES - rng.uniform(5, 7.5)) / 0.8) ** 2)
    spectrum = np.zeros((1, len(_FREQUENCIES)), dtype=complex)
    _add_noise(spectrum, np.array([amplitude]), shape, rng)
    vector: Float64Array = np.array([[-0.35], [0.45], [-1.0]]) * np.fft.irfft(spectrum, len(_TIMES))
    return vector


def _add_noise(spectrum: Spectrum, amplitude: Float64Array, shape: Float64Array, rng: Generator) -> None:
    """Add noise of a `shape` (frequencies,) and `amplitude` (count,) to `spectrum` (count, frequencies)."""
    first, last = np.flatnonzero(shape > 1e-4)[[0, -1]]
    band = slice(first, last + 1)
    # Parseval; a complex normal number has the mean square 2
    unit = shape[band] * len(_TIMES) / (2 * np.sqrt((shape[band] ** 2).sum()))
    noise = rng.standard_normal((*amplitude.shape, *unit.shape, 2)).view(complex)[..., 0]
    noise *= unit
    noise *= amplitude[:, None]
    spectrum[:, band] += noise


def _motion(noise: Noise) -> Float64Array:
    """Electrodes that move: a jump that decays in about half a second. (electrodes, samples) in mV."""
    potential = np.zeros((len(ELECTRODES), len(_TIMES)))
    for electrode, at, height in noise.jumps:
        after = np.maximum(_TIMES - at, 0)
        potential[electrode] += height * (1 - np.exp(-after / 0.03)) * np.exp(-after / 0.4)
    return potential


def _stationary_noise(noise: Noise, rng: Generator) -> Spectrum:
    """Spectra (electrodes, frequencies) of baseline wander, muscle noise and mains hum in mV."""
    spectrum = np.zeros((len(ELECTRODES), len(_FREQUENCIES)), dtype=complex)
    _add_noise(spectrum, noise.wander, _WANDER, rng)
    _add_noise(spectrum, noise.muscle, _MUSCLE, rng)
    angle = rng.uniform(0, 2 * np.pi, len(ELECTRODES))
    spectrum[:, np.argmin(np.abs(_FREQUENCIES - 50))] += noise.mains * len(_TIMES) / np.sqrt(2) * np.exp(1j * angle)
    return spectrum


def against_reference(electrodes: NDArray[_Number]) -> NDArray[_Number]:
    """I, II and V1-V6 (8, ...) from the ELECTRODES (9, ...): against RA, and against Wilson's terminal."""
    limbs, chest = electrodes[:3], electrodes[3:]
    return np.concatenate([limbs[1:] - limbs[0], chest - limbs.mean(axis=0)])


def _sample(spectrum: Spectrum, rate: int) -> Float64Array:
    """The leads (8, samples) in mV at `rate` from their spectrum, without the margins."""
    count = len(_TIMES) * rate // _RATE
    band = min(150.0, 0.45 * rate)  # Hz: a recorder's band, or what the rate allows
    f = _FREQUENCIES[: count // 2 + 1]
    low_pass = 0.5 * (1 + np.cos(np.pi * np.clip((f - 0.8 * band) / (0.2 * band), 0, 1)))
    margin = int(_MARGIN * rate)
    leads: Float64Array = np.fft.irfft(spectrum[:, : len(f)] * low_pass, count)[:, margin:-margin] * count / len(_TIMES)
    return leads


def _twelve_leads(leads: Float64Array) -> Int16Array:
    """I, II, V1-V6 (8, samples) in mV to all twelve leads (samples, 12) in whole uV."""
    units = np.rint(leads * UNITS_PER_MV).astype(np.int64)
    one, two = units[:2]
    limb = np.stack([one, two, two - one, -(one + two) // 2, (2 * one - two) // 2, (2 * two - one) // 2])
    return np.vstack([limb, units[2:]]).T.astype(np.int16)
