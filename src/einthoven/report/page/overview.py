"""Draw a whole recording on one line."""

import numpy as np

from einthoven.recording import Recording
from einthoven.report.page.drawing import Box, Item, Lines, Text
from einthoven.report.page.ecg_grid import WIDTH
from einthoven.report.page.layout import Window
from einthoven.text import format_duration

HEIGHT = 8.0
_COLUMNS = 2 * round(WIDTH)
_LEAD = 7.0  # mm for the lead's name


def overview(recording: Recording, window: Window, left: float, top: float) -> list[Item]:
    """Draw lead II from beginning to end, not to scale, and mark the part that the page shows.

    Parameters
    ----------
    recording
        The recording. Its first lead replaces a missing lead II.
    window
        The part that the page shows.
    left, top
        Upper left corner in mm.

    Returns
    -------
    list of Item
        WIDTH wide and HEIGHT high.
    """
    lead = recording.leads.index("II") if "II" in recording.leads else 0
    values = recording.signal[lead]
    parts = np.array_split(values, min(_COLUMNS, len(values)))
    lows, highs = (np.array([extreme(part) for part in parts], float) for extreme in (np.min, np.max))
    low, high = np.percentile(lows, 1), np.percentile(highs, 99)
    x = left + _LEAD + (WIDTH - _LEAD) * (np.arange(len(parts)) + 0.5) / len(parts)
    # an envelope: each column from its minimum to its maximum
    both = np.column_stack([lows, highs])
    both[1::2] = both[1::2, ::-1]
    y = top + HEIGHT - (HEIGHT - 1) * np.clip((both.ravel() - low) / max(high - low, 0.1), 0, 1)
    start, end = (left + _LEAD + (WIDTH - _LEAD) * at / recording.seconds for at in (window.start_s, window.end_s))
    return [
        Box(start, top, max(end - start, 0.5), HEIGHT + 0.5, "#f7d4d4"),
        Lines([np.column_stack([np.repeat(x, 2), y])], 0.1),
        Text(left, top + HEIGHT / 2, recording.leads[lead], 2.4, bold=True),
        Text(left, top + HEIGHT / 2 + 2.8, format_duration(recording.seconds), 2.0),
    ]
