"""The median beat: the beats of a tracing's own kind laid upon each other, twice over, so that they can disagree.

Commercial programs measure such a beat instead of single ones (Kligfield et al., J Am Coll Cardiol 2007, 49:1109):
noise that does not follow the heart averages out, and a premature beat or two do not matter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.bands import RATE as COARSE
from einthoven.signal.bands import Bands, median, split
from einthoven.signal.heart_rate import find_beats
from einthoven.signal.resampling import cosine_spectrum, resample_spectrum

RATE = 500  # Hz: every median beat has it, so that boundaries do not depend on the recording's rate
BEFORE = 225  # samples from the beginning of a median beat to its QRS complex's steepest part: 450 ms
AFTER = 325  # samples after it: 650 ms
LEAST_BEATS = 4  # two for each half
_LOW = 30.0  # Hz: the filter's standard deviation
_STEP = RATE // COARSE
_REACH = RATE * 5 // 100  # samples that a beat may move when it is laid upon the others, once roughly and once finely
_STEADY = 0.2  # share by which the time since the last beat may differ from the usual
_STEEP = 0.5  # of a usual beat's steepness: T waves have less
_LIKE = 0.85  # correlation of QRS complexes of one kind: ectopic beats have less
_NOISY = 3.0  # times the noise of the usual lead: such a lead is left out


@dataclass(frozen=True)
class MedianBeat:
    """The usual beat of a tracing, at RATE."""

    whole: Float32Array
    """Median over all beats of the kind (leads, BEFORE + AFTER) in mV."""
    halves: tuple[Float32Array, Float32Array]
    """The same of the even beats alone, and of the odd ones."""
    rr_ms: float
    """Median time between beats."""
    beats: int
    """How many beats it was made of."""
    usable: BoolArray
    """(leads,): False for a lead far noisier than the others, or without any voltage."""


def median_beat(signal: Float32Array, rate: float, bands: Bands | None = None) -> MedianBeat | None:
    """The median beat of `signal` (leads, samples) in mV at `rate` Hz, or None when fewer than LEAST_BEATS are alike.

    `bands`: those of the signal, where they are there already. Raises ValueError when the signal is sampled below
    100 Hz or shorter than 2.5 s.
    """
    bands = bands or split(signal, rate)
    at = find_beats(bands.common_slope, _STEEP)
    if len(at) < LEAST_BEATS:
        return None
    wave = resampled(signal, rate)
    rr = np.diff(at, prepend=np.nan)
    usual = float(np.nanmedian(rr))
    inside = (at * _STEP >= BEFORE + 2 * _REACH) & (at * _STEP < wave.shape[1] - AFTER - 2 * _REACH)
    at, rr = at[inside], rr[inside]
    moved, alike = _of_one_kind(bands.ecg, at)
    # After a pause the QT interval is longer, in a premature beat shorter: left out, unless no rhythm remains.
    steady = alike & ~(np.abs(rr / usual - 1) > _STEADY)
    chosen = moved[steady if steady.sum() >= max(LEAST_BEATS, alike.sum() / 2) else alike]
    if len(chosen) < LEAST_BEATS:
        return None
    beats = _aligned(wave, chosen * _STEP)
    beats -= beats.mean(axis=2, keepdims=True)
    whole = median(beats)
    noise = np.abs(beats - whole).mean(axis=(0, 2))
    voltage = np.ptp(whole, axis=1)
    usable = (noise <= _NOISY * np.median(noise)) & (voltage > 1e-3)
    return MedianBeat(whole, (median(beats[::2]), median(beats[1::2])), usual * 1000 / COARSE, len(beats), usable)


def resampled(signal: Float32Array, rate: float) -> Float32Array:
    """`signal` (leads, samples) at RATE, from 0.5 Hz to a soft limit of 30 Hz that also 100-Hz recordings have."""
    spectrum = cosine_spectrum(signal)
    samples = signal.shape[1]
    wanted = round(samples * RATE / rate)
    frequency = np.arange(min(samples, wanted), dtype=np.float32) * np.float32(rate / (2 * samples))
    gain = np.clip((frequency - 0.3) / 0.4, 0, 1) * np.exp(-0.5 * (frequency / _LOW) ** 2) * (frequency < 45)
    return resample_spectrum(spectrum, gain, wanted)


def _of_one_kind(beats: Float32Array, at: IndexArray) -> tuple[IndexArray, BoolArray]:
    """The beats `at` moved to lie upon the most typical one, and whether their QRS complexes are like that one's."""
    half, reach = COARSE // 10, _REACH // _STEP
    if not len(at):
        return at, np.zeros(0, bool)
    windows = sliding_window_view(beats, 2 * half, axis=1)  # (leads, starts, samples)
    places = at[:, None] - half + np.arange(-reach, reach + 1)
    shifted = windows[:, places].transpose(1, 2, 0, 3).reshape(*places.shape, -1)
    shifted = shifted / np.maximum(np.linalg.norm(shifted, axis=2, keepdims=True), 1e-6)
    correlation = np.einsum("imk,jk->ijm", shifted, shifted[:, reach], optimize=True)
    best = correlation.max(axis=2)
    typical = int((best > _LIKE).sum(axis=0).argmax())
    return at + correlation[:, typical].argmax(axis=1) - reach, best[:, typical] > _LIKE


def _aligned(wave: Float32Array, at: IndexArray) -> Float32Array:
    """The beats (beats, leads, BEFORE + AFTER) around `at`, each moved to where its QRS complex fits the mean's."""
    half = RATE // 10
    windows = sliding_window_view(wave, 2 * half, axis=1)
    places = at[:, None] - half + np.arange(-_REACH, _REACH + 1)
    shifted = windows[:, places].transpose(1, 2, 0, 3).reshape(*places.shape, -1)
    shift = np.full(len(at), _REACH)
    for _ in range(2):
        template = shifted[np.arange(len(at)), shift].mean(axis=0)
        shift = (shifted @ template).argmax(axis=1)
    whole = sliding_window_view(wave, BEFORE + AFTER, axis=1)
    beats: Float32Array = whole[:, at + shift - _REACH - BEFORE].transpose(1, 0, 2).copy()
    return beats
