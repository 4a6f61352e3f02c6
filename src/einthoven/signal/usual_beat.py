"""The usual beat of a segment, repeated: the part of a noisy ECG that remains if noise cancels out.

It distinguishes an ECG under noise, or a tachycardia, from signals that only repeat themselves: test signals have one
wave in all leads, and a wrong sampling rate makes QRS complexes sharper or duller than those of any heart.
"""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands, split
from einthoven.signal.beat_values import Beats

_BEFORE = 0.35  # share of the time between two beats that lies before the middle of the QRS complex
_HALF_QRS = RATE // 10  # samples on either side


def repeat_usual_beat(bands: Bands, beats: Beats) -> Bands | None:
    """Replace each beat of a signal by the median of its dominant beats, at their usual distance.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    beats
        Beats of the same signal; organized.

    Returns
    -------
    Bands
        Bands of a signal as long as the original; None with fewer than two whole beats.
    """
    samples = bands.ecg.shape[1]
    at = _dominant(beats)
    if len(at) < 2:
        return None
    period = int(np.median(np.diff(_samples(beats))))
    before = round(_BEFORE * period)
    at = at[(at >= before) & (at - before + period <= samples)]
    if len(at) < 2:
        return None
    beat = np.median(bands.ecg[:, at[:, None] - before + np.arange(period)], axis=1)
    seam = beat[:, -1:] - beat[:, :1]  # so that the end meets the next beginning
    beat -= seam * np.linspace(-0.5, 0.5, period, dtype=np.float32)
    return split(np.tile(beat, (1, -(-samples // period)))[:, :samples].astype(np.float32), RATE)


def one_wave_share(bands: Bands) -> float:
    """Compute the share of a signal that is one wave in all leads.

    Parameters
    ----------
    bands
        Frequency bands of one signal.

    Returns
    -------
    float
        Share of the leads' power, each scaled to the same, in their first principal component; 0 without a signal.
        PTB-XL's fold 9 has 0.957 at most in the usual beat, copies of a lead have 1.
    """
    size = np.sqrt(np.square(bands.ecg).mean(axis=1, keepdims=True))
    waves = bands.ecg[size[:, 0] > 0] / size[size[:, 0] > 0]
    if not len(waves):
        return 0.0
    return float(np.linalg.eigvalsh(waves @ waves.T / waves.shape[1])[-1]) / len(waves)


def sharpness(bands: Bands, beats: Beats, rows: Sequence[int]) -> float | None:
    """Compute the share of the QRS complexes above 20 Hz.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    beats
        Beats of the same signal.
    rows
        The leads that count.

    Returns
    -------
    float or None
        Share of the power, the median over the leads. Noise, which differs from beat to beat, does not add to it. None
        with fewer than four whole beats.
    """
    at = _samples(beats)
    at = at[(at >= _HALF_QRS) & (at < bands.ecg.shape[1] - _HALF_QRS)]
    if len(at) < 4 or not len(rows):
        return None
    places = at[:, None] + np.arange(-_HALF_QRS, _HALF_QRS + 1)
    total, high = (_power(wave[list(rows)][:, places]) for wave in (bands.ecg, bands.high_frequency))
    shares = high[total > 0] / total[total > 0]
    return float(np.median(shares)) if len(shares) else None


def _power(beats: Float32Array) -> Float32Array:
    """Power of the usual beat in each lead of `beats` (leads, beats, samples): the even beats times the odd ones."""
    even, odd = (np.median(half, axis=1) for half in (beats[:, ::2], beats[:, 1::2]))
    even, odd = (half - half.mean(axis=1, keepdims=True) for half in (even, odd))
    power: Float32Array = np.einsum("ls,ls->l", even, odd)
    return power


def _samples(beats: Beats) -> IndexArray:
    return np.asarray(np.rint(beats.times_s * RATE), np.intp)


def _dominant(beats: Beats) -> IndexArray:
    dominant = np.array([kind == "dominant" for kind in beats.kinds], bool)
    return np.asarray(_samples(beats)[dominant], np.intp)
