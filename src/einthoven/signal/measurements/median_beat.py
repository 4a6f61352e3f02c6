"""The median beat: the usual beats of a signal aligned and averaged, also as two halves that can disagree.

Commercial programs measure such a beat instead of single ones (Kligfield et al., J Am Coll Cardiol 2007, 49:1109):
noise that does not follow the heart averages out, and a premature beat or two do not matter.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.bands import RATE as BANDS_RATE
from einthoven.signal.bands import Bands, resample_spectrum
from einthoven.signal.medians import median, medians_of_halves
from einthoven.signal.small_arrays import mean, windows
from einthoven.signal.steep_places import find_beats

RATE = 500
"""Sampling rate in Hz of every median beat, so that boundaries do not depend on the recording's rate."""
BEFORE = 225
"""Samples from the start of a median beat to its QRS complex's steepest part: 450 ms."""
AFTER = 325
"""Samples after it: 650 ms."""
MIN_VOLTAGE_MV = 1e-3
"""A lead with less, peak to peak, is not measured."""
MIN_BEATS = 4
"""Two for each half."""
_LOW_PASS_HZ = 30.0  # standard deviation of the filter
_STEP = RATE // BANDS_RATE
_ROUGH_REACH = BANDS_RATE * 5 // 100  # samples at the bands' rate that a beat may move when it is aligned roughly
_FINE_REACH = 2 * _STEP  # samples that it may move once more, by less than two samples of the bands
_REACH = _ROUGH_REACH * _STEP + _FINE_REACH
_MAX_RR_DEVIATION = 0.2  # share by which the time since the last beat may differ from the usual
_MIN_SLOPE = 0.5  # of a usual beat's: T waves have less
_MIN_CORRELATION = 0.85  # of QRS complexes of one kind: ectopic beats have less
_MAX_NOISE = 3.0  # times the noise of the usual lead: such a lead is left out


@dataclass(frozen=True)
class MedianBeat:
    """The usual beat of a signal, at RATE."""

    medians: Float32Array
    """Median over all beats of the kind, over the even and over the odd ones (3, leads, BEFORE + AFTER) in mV."""
    rr_ms: float
    """Median time between beats."""
    usable: BoolArray
    """Boolean mask (leads,): False for a lead far noisier than the others, or without any voltage."""
    places: IndexArray
    """Position of sample BEFORE of each beat in the signal at RATE, shape (beats,)."""
    beats: Float32Array
    """The beats, each less its mean, shape (beats, leads, BEFORE + AFTER) in mV."""


def median_beat(bands: Bands, rate: float) -> MedianBeat | None:
    """Compute the median beat of a signal.

    Parameters
    ----------
    bands
        Frequency bands of the signal.
    rate
        Sampling rate of the signal in Hz.

    Returns
    -------
    MedianBeat or None
        Median beat; None if fewer than MIN_BEATS beats are alike.
    """
    at = find_beats(bands.common_slope, _MIN_SLOPE)
    if len(at) < MIN_BEATS:
        return None
    samples = round(bands.spectrum.shape[1] * RATE / rate)
    rr = np.concatenate([[np.nan], at[1:] - at[:-1]])
    usual_rr = float(median(rr[1:]))
    inside = (at * _STEP >= BEFORE + _REACH) & (at * _STEP < samples - AFTER - _REACH)
    at, rr = at[inside], rr[inside]
    aligned, alike = _align_roughly(bands.ecg, at)
    # After a pause the QT interval is longer, in a premature beat shorter: left out, unless no rhythm remains.
    steady = alike & ~(np.abs(rr / usual_rr - 1) > _MAX_RR_DEVIATION)
    chosen = aligned[steady if steady.sum() >= max(MIN_BEATS, alike.sum() / 2) else alike]
    if len(chosen) < MIN_BEATS:
        return None
    wave = filter_spectrum(bands.spectrum, rate, soft_gain(bands.spectrum.shape[1], rate))
    places = _align_finely(wave, chosen * _STEP)
    beats = cut_beats(wave, places)
    beats -= mean(beats)[:, :, None]
    medians = medians_of(beats)
    deviations = beats - medians[0]
    noise = mean(mean(np.abs(deviations, out=deviations)), axis=0)
    voltage = medians[0].max(axis=1) - medians[0].min(axis=1)
    usable = (noise <= _MAX_NOISE * median(noise)) & (voltage > MIN_VOLTAGE_MV)
    return MedianBeat(medians, usual_rr * 1000 / BANDS_RATE, usable, places, beats)


def medians_of(beats: Float32Array) -> Float32Array:
    """Compute the medians of all beats, of the even and of the odd ones.

    Parameters
    ----------
    beats
        Beats of shape (beats, leads, samples).

    Returns
    -------
    Float32Array
        Medians of shape (3, leads, samples).
    """
    return np.array(medians_of_halves(beats))


def filter_spectrum(spectrum: Float32Array, rate: float, gain: Float32Array) -> Float32Array:
    """Compute a filtered signal at RATE.

    Parameters
    ----------
    spectrum
        `Bands.spectrum` of the signal, shape (leads, samples).
    rate
        Sampling rate of the signal in Hz.
    gain
        Gain at each of the `frequencies` of the spectrum.

    Returns
    -------
    Float32Array
        Filtered signal of shape (leads, samples at RATE) in mV.
    """
    return resample_spectrum(spectrum, gain, round(spectrum.shape[1] * RATE / rate))


def frequencies(samples: int, rate: float) -> Float32Array:
    """Return the frequencies of a spectrum up to the Nyquist frequency of RATE.

    Parameters
    ----------
    samples
        Length of the signal.
    rate
        Sampling rate of the signal in Hz.

    Returns
    -------
    Float32Array
        Frequencies in Hz, ascending from 0.
    """
    count = min(samples, round(samples * RATE / rate))
    return np.arange(count, dtype=np.float32) * np.float32(rate / (2 * samples))


@lru_cache(16)  # nearly all recordings of a folder have the same length and rate
def soft_gain(samples: int, rate: float) -> Float32Array:
    """Return the gain of a filter from 0.5 Hz to a soft limit of 30 Hz, which 100-Hz recordings have too.

    Parameters
    ----------
    samples
        Length of the signal.
    rate
        Sampling rate of the signal in Hz.

    Returns
    -------
    Float32Array
        Gain at each of the `frequencies` of the spectrum.
    """
    frequency = frequencies(samples, rate)
    high_pass, low_pass = np.clip((frequency - 0.3) / 0.4, 0, 1), np.exp(-0.5 * (frequency / _LOW_PASS_HZ) ** 2)
    gain: Float32Array = high_pass * low_pass * (frequency < 45)
    return gain


def _align_roughly(ecg: Float32Array, at: IndexArray) -> tuple[IndexArray, BoolArray]:
    """The beats `at` moved to fit the most typical one, and whether their QRS complexes are like that one's."""
    half, reach = BANDS_RATE // 10, _ROUGH_REACH
    if not len(at):
        return at, np.zeros(0, bool)
    shifted = _shifted(ecg, at - half - reach, 2 * reach + 1, 2 * half)
    size = np.sqrt(np.einsum("bmt,bmt->bm", shifted, shifted))  # faster than np.linalg.norm
    shifted /= np.maximum(size, np.float32(1e-6))[:, :, None]
    products = shifted.reshape(-1, shifted.shape[2]) @ shifted[:, reach].T  # not einsum, which takes longer
    correlation = products.reshape(len(at), -1, len(at)).transpose(0, 2, 1)
    best = correlation.max(axis=2)
    typical = int((best > _MIN_CORRELATION).sum(axis=0).argmax())
    return at + correlation[:, typical].argmax(axis=1) - reach, best[:, typical] > _MIN_CORRELATION


def _align_finely(wave: Float32Array, at: IndexArray) -> IndexArray:
    """The beats `at` moved to where their QRS complexes fit the mean's."""
    half, reach = RATE // 10, _FINE_REACH
    shifted = _shifted(wave, at - half - reach, 2 * reach + 1, 2 * half)
    shift = np.full(len(at), reach)
    for _ in range(2):
        template = mean(shifted[np.arange(len(at)), shift], axis=0)
        shift = (shifted @ template).argmax(axis=1)
    moved: IndexArray = at + shift - reach
    return moved


def _shifted(wave: Float32Array, starts: IndexArray, moves: int, length: int) -> Float32Array:
    """Windows of the wave (leads, samples) at each start, shifted by 0 to `moves` - 1: (starts, moves, leads x time)"""
    pieces = windows(wave, length).transpose(1, 0, 2)
    shifted = np.array([pieces[start : start + moves] for start in starts.tolist()])
    return shifted.reshape(len(starts), moves, -1)


def cut_beats(wave: Float32Array, places: IndexArray) -> Float32Array:
    """Cut beats out of a signal at RATE.

    Parameters
    ----------
    wave
        Wave of shape (leads, samples).
    places
        Sample positions of the beats, as in `MedianBeat.places`.

    Returns
    -------
    Float32Array
        Beats of shape (beats, leads, BEFORE + AFTER), a copy.
    """
    return np.array([wave[:, place - BEFORE : place + AFTER] for place in places.tolist()])
