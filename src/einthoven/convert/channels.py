"""Channels as the formats store them: leads as 16-bit integers, and the pacing spikes as a separate channel."""

import math
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array, Int16Array
from einthoven.recording import Recording

MAX_CODE = 32767
"""Largest number that is stored. -32768 is not used, because recorders write it for a missing sample."""
FINEST_UV = 0.1
"""Finest resolution in uV per unit, which no recorder exceeds; it holds 3.2 mV."""
PACING_CHANNEL = "Pacing spikes"
"""Name of the channel that marks pacing spikes; `einthoven.readers.pacing_channel` finds it by this name."""
_PACING_MV = 1.0


class Channel(NamedTuple):
    """One channel in 16 bits."""

    name: str
    codes: Int16Array
    """Integer samples of shape (samples,), from -MAX_CODE to MAX_CODE."""
    unit_uv: float
    """uV per unit: a power of ten times 1, 2 or 5."""


def all_leads(recording: Recording) -> dict[str, Float32Array]:
    """Return the standard leads of a recording, then the supplemental ones.

    Parameters
    ----------
    recording
        The recording.

    Returns
    -------
    dict of str to Float32Array
        The samples (samples,) in mV, by name.
    """
    return dict(zip(recording.leads, recording.signal, strict=True)) | dict(recording.supplemental)


def _pacing_marks(recording: Recording) -> Float32Array:
    """Return a channel (samples,) in mV of the spikes that the recorder marked: 1 at the nearest sample, else 0."""
    marks = np.zeros(recording.signal.shape[1], np.float32)
    places = np.rint(np.array(recording.pacing_spikes_s) * recording.rate).astype(int)
    marks[places[(places >= 0) & (places < len(marks))]] = _PACING_MV
    return marks


def channels(recording: Recording, pacing: bool = False) -> list[Channel]:
    """Return all leads in 16 bits, each at the finest resolution that holds it.

    Parameters
    ----------
    recording
        The recording.
    pacing
        Append the pacing spikes, if there are any.

    Returns
    -------
    list of Channel
        No sample is clipped, and none differs by more than half a unit.
    """
    signals = all_leads(recording)
    if pacing and recording.pacing_spikes_s:
        signals[PACING_CHANNEL] = _pacing_marks(recording)
    return [_channel(name, values) for name, values in signals.items()]


def _channel(name: str, values_mv: Float32Array) -> Channel:
    peak_uv = 1000 * float(np.abs(values_mv).max())
    unit_uv = _unit_uv(peak_uv)
    scaled = values_mv * np.float64(1000 / unit_uv)
    return Channel(name, np.rint(scaled).astype(np.int16), unit_uv)


def _unit_uv(peak_uv: float) -> float:
    """Return the finest of 0.1, 0.2, 0.5, 1 ... uV per unit at which `peak_uv` fits."""
    least = max(peak_uv / MAX_CODE, FINEST_UV)
    power = math.floor(math.log10(least * (1 + 1e-9)))
    step = next(step for step in (1, 2, 5, 10) if step * 10.0**power >= least * (1 - 1e-9))
    return float(f"{step}e{power}")  # 0.2, not 2 * 0.1
