"""Bring leads of different sampling rates to one rate."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from einthoven.arrays import FloatArray
from einthoven.errors import RecordingError
from einthoven.readers.tracing import FREE_VALUES, Channel
from einthoven.recording import RecordingWarning

RATES = (100, 2000)
"""Lowest and highest sampling rate in Hz."""
_MAX_FACTOR = 100
"""Numerator and denominator of the ratio of two rates."""
_MAX_GROWTH = 2
"""Factor by which a recording of more than FREE_VALUES may grow."""


def to_one_rate(channels: Mapping[str, tuple[Channel, float]], warnings: list[RecordingWarning]) -> float:
    """Resample the slower leads to the rate of the fastest, which loses nothing.

    Parameters
    ----------
    channels
        Channels by lead, with the sign; those of other rates are changed.
    warnings
        Gets a warning if leads are resampled.

    Returns
    -------
    float
        The rate of all leads in Hz.

    Raises
    ------
    RecordingError
        If a rate is outside RATES, or the ratio of two is not one of small numbers.
    """
    rates = {channel.rate for channel, _ in channels.values()}
    rate = max(rates)
    for stated in rates:
        if not RATES[0] <= stated <= RATES[1]:
            raise RecordingError(f"its sampling rate is {stated:g} Hz; from {RATES[0]} to {RATES[1]} Hz is expected.")
    slower = {name: channel for name, (channel, _) in channels.items() if channel.rate != rate}
    if not slower:
        return rate
    ratios = {channel.rate: Fraction(rate / channel.rate).limit_denominator(_MAX_FACTOR) for channel in slower.values()}
    if any(not _is_exact(ratio, rate / stated) for stated, ratio in ratios.items()):
        each = ", ".join(f"{name} {channel.rate:g} Hz" for name, (channel, _) in channels.items())
        raise RecordingError(f"its leads have different sampling rates ({each}), which do not fit each other.")
    before = sum(len(channel.values) for channel, _ in channels.values())
    after = sum(len(channel.values) * rate / channel.rate for channel, _ in channels.values())
    if after > max(FREE_VALUES, _MAX_GROWTH * before):
        raise RecordingError("its leads have too different sampling rates for their length; cut it into parts.")
    for channel in slower.values():
        ratio = ratios[channel.rate]
        channel.values = _resample(channel.values, ratio)
        channel.start = round(channel.start * ratio)
        channel.rate = rate
    stated_rates = " and ".join(f"{stated:g}" for stated in sorted(ratios))
    text = f"{', '.join(slower)}: recorded at {stated_rates} Hz, read at the {rate:g} Hz of the other leads."
    warnings.append(RecordingWarning("resampled", text))
    return rate


def _is_exact(ratio: Fraction, value: float) -> bool:
    return ratio.numerator <= _MAX_FACTOR and abs(float(ratio) - value) < 1e-6 * value


def _resample(values: FloatArray, ratio: Fraction) -> FloatArray:
    """Return values (samples,) at `ratio` times their rate; NaN in and next to gaps."""
    from scipy.signal import resample_poly

    gap = ~np.isfinite(values)
    filled = values
    if gap.any() and not gap.all():
        known = np.flatnonzero(~gap)
        filled = np.interp(np.arange(len(values)), known, values[known])
    elif gap.all():
        filled = np.zeros(len(values))
    offset = filled.mean() if len(filled) else 0.0  # else the ends would swing from 0 mV
    out = np.asarray(resample_poly(filled - offset, ratio.numerator, ratio.denominator, padtype="line") + offset)
    if gap.any():
        at = np.minimum(np.arange(len(out)) * ratio.denominator // ratio.numerator, len(values) - 1)
        out[gap[at]] = np.nan
    return out
