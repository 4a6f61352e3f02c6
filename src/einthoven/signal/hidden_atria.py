"""P waves hidden in T waves: those that appear once the usual beat is subtracted, and those halfway between two others.

`atria` searches where the ventricles are silent. In a slow or irregular rhythm this finds only some of the P waves
that are not conducted; the others lie on a T wave.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.bands import RATE
from einthoven.signal.medians import median

_BEFORE, _AFTER = RATE * 6 // 100, RATE * 62 // 100  # samples of the usual beat: from before the QRS complex to after T
_QRS = RATE * 10 // 100  # samples from the middle of a QRS complex in which the difference of two is too large
_HALF = RATE * 7 // 100  # samples on either side of a P wave's top whose slopes are compared
_NEAR = 0.1  # share of the PP interval by which a P wave may be off the middle
_ORDER = 2  # a parabola through these slopes is removed: a T wave's side has no more bends in this time


def without_beats(waves: Float32Array, at: IndexArray, dominant: BoolArray) -> tuple[Float32Array, BoolArray]:
    """Subtract the usual beat from each dominant one, which leaves P waves that are not bound to it.

    Parameters
    ----------
    waves
        Waves of shape (leads, samples).
    at
        Samples of the QRS complexes, ascending.
    dominant
        Boolean mask of the QRS complexes of the dominant kind, shape (beats,).

    Returns
    -------
    tuple of Float32Array and BoolArray
        The residual signal (leads, samples), and a boolean mask (samples,) of where P waves can be seen in it: between
        QRS complexes, and not after complexes of other kinds.
    """
    samples = waves.shape[1]
    rest, visible = waves.copy(), np.ones(samples, bool)
    whole = at[dominant & (at >= _BEFORE) & (at < samples - _AFTER)]
    follows = np.diff(at, append=samples + _AFTER)
    if len(whole) >= 3:
        usual = median(np.stack([waves[:, beat - _BEFORE : beat + _AFTER] for beat in whole.tolist()]))
        ramp = np.linspace(0, 1, usual.shape[1], dtype=np.float32)
        usual -= usual[:, :1] * (1 - ramp) + usual[:, -1:] * ramp  # else a step remains at its ends
    for beat, room, alike in zip(at.tolist(), follows.tolist(), dominant.tolist(), strict=True):
        first, last = max(beat - _BEFORE, 0), min(beat + min(_AFTER, room - _BEFORE), samples)
        if alike and len(whole) >= 3 and last > first:
            rest[:, first:last] -= usual[:, first - beat + _BEFORE : last - beat + _BEFORE]
            visible[max(beat - _BEFORE, 0) : beat + _QRS] = False
        else:
            visible[first : max(last, first)] = False
    return rest, visible


def halfway_p_wave(waves: Float32Array, at: IndexArray, pr: int) -> tuple[float, float]:
    """Compare the waves halfway between the P waves that lead the beats with these P waves, as in 2:1 AV block.

    Parameters
    ----------
    waves
        Waves of shape (leads, samples).
    at
        Samples of the QRS complexes of a regular rhythm, ascending.
    pr
        Samples from the top of the P wave to the QRS complex.

    Returns
    -------
    tuple of float and float
        Correlation with the usual P wave, and size relative to it.
    """
    rr = float(median(np.diff(at)))
    slopes: Float32Array = np.diff(
        waves, axis=1, prepend=waves[:, :1]
    )  # P waves are steeper than T and U waves of their size
    reach = _HALF + round(_NEAR * rr / 2)
    middle = np.rint(at - pr + np.diff(at, append=at[-1] + rr) / 2).astype(int)
    places, leading = middle, at - pr
    places = places[(places >= reach) & (places < waves.shape[1] - reach)]
    leading = leading[(leading >= _HALF) & (leading < waves.shape[1] - _HALF)]
    if len(places) < 3 or len(leading) < 3:
        return 0.0, 0.0
    form = _bends(sliding_window_view(slopes, 2 * _HALF + 1, axis=1)[:, leading - _HALF].mean(axis=1))
    around = sliding_window_view(slopes, 2 * reach + 1, axis=1)[:, places - reach].mean(axis=1)
    shapes = _bends(sliding_window_view(around, 2 * _HALF + 1, axis=1))
    product = np.einsum("lst,lt->s", shapes, form)
    size = max(float(np.linalg.norm(form)), 1e-6)
    fit = product / np.maximum(size * np.sqrt(np.einsum("lst,lst->s", shapes, shapes)), 1e-6)
    best = int(fit.argmax())
    return float(fit[best]), float(product[best]) / size**2


def _bends(waves: Float32Array) -> Float32Array:
    """Waves (..., samples) less the parabola through each."""
    x = np.linspace(-1, 1, waves.shape[-1])
    basis = np.linalg.qr(np.vander(x, _ORDER + 1))[0].astype(np.float32)
    bends: Float32Array = np.asarray(waves - (waves @ basis) @ basis.T, np.float32)
    return bends
