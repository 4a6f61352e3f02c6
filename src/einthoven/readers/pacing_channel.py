"""Pacing spikes that the recorder marks itself, in a channel of their own.

Recorders find spikes in the raw signal, at rates that files and streams seldom keep.
"""

import re
from collections.abc import Sequence

import numpy as np

from einthoven.readers.tracing import Channel

_NAME = re.compile(
    r"(?:pace(?:r|maker)?|pacing|spikes?)(?:[ _-]*(?:spikes?|markers?|pulses?|detections?|channel))?", re.IGNORECASE
)
_MAX_PER_S = 10.0  # more are not pacing spikes


def is_pacing_channel(name: str) -> bool:
    """Return whether a channel holds the recorder's marks of pacing spikes.

    Parameters
    ----------
    name
        Name of the channel, as in the file.

    Returns
    -------
    bool
        True for names such as "PACE", "Pacer", "Pacing spikes" and "spike".
    """
    return bool(_NAME.fullmatch(name.strip()))


def marked_spikes(channels: Sequence[Channel], start_s: float) -> tuple[float, ...]:
    """Return the times of the spikes that channels mark.

    Parameters
    ----------
    channels
        Channels for which `is_pacing_channel` is true.
    start_s
        Start of the recording in s, on the time line of the channels.

    Returns
    -------
    tuple of float
        Times in s from the start of the recording, ascending: a channel leaves its resting level by at least half of
        its largest deviation. A channel that does so too often to mark spikes is ignored.
    """
    times: set[float] = set()
    for channel in channels:
        if not np.isfinite(channel.values).any():
            continue
        deviation = np.abs(np.nan_to_num(channel.values - np.nanmedian(channel.values)))
        largest = deviation.max(initial=0)
        marks = deviation >= largest / 2 if largest > 0 else np.zeros(len(deviation), bool)
        edges = np.flatnonzero(np.diff(marks, prepend=False) & marks)
        if len(edges) <= _MAX_PER_S * len(deviation) / channel.rate:
            times |= {round(float(t), 4) for t in (channel.start + edges) / channel.rate - start_s if t >= 0}
    return tuple(sorted(times))
