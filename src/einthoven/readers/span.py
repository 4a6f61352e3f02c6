"""The part of a recording that is to be read."""

import math
import re
from typing import NamedTuple

from einthoven.errors import EinthovenError
from einthoven.recording import MIN_SECONDS

HOW_TO_CUT = "read a part of it (--from and --to)"
"""The end of a sentence about a recording that is too long."""
_TIME = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,6})?)", re.ASCII)


class Span(NamedTuple):
    """Two times in s from the start of a recording."""

    start_s: float = 0.0
    end_s: float | None = None
    """End of the span in s; None for the end of the recording."""


WHOLE = Span()


def make_span(start_s: float | None, end_s: float | None) -> Span:
    """Return the span between two times.

    Parameters
    ----------
    start_s, end_s
        Times in s from the start of the recording; None for its start and its end.

    Returns
    -------
    Span
        The span.

    Raises
    ------
    EinthovenError
        If a time is negative, or they are less than 2.5 s apart.
    """
    span = Span(start_s or 0.0, end_s)
    times = [span.start_s] if end_s is None else [span.start_s, end_s]
    if not all(math.isfinite(time) and time >= 0 for time in times):
        raise EinthovenError("A part of a recording lies between two times of at least 0 s; correct them.")
    if end_s is not None and (seconds := round(end_s - span.start_s, 6)) < MIN_SECONDS:  # 16.4 - 13.9 is below 2.5
        raise EinthovenError(
            f"A part of a recording has at least {MIN_SECONDS} s, not {seconds:g} s; choose a later end."
        )
    return span


def parse_time(text: str) -> float:
    """Convert a time from the start of a recording to seconds.

    Parameters
    ----------
    text
        Time as h:mm:ss, mm:ss or s.

    Returns
    -------
    float
        Time in s.

    Raises
    ------
    ValueError
        If the text is not such a time.
    """
    match = _TIME.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a time; write h:mm:ss, mm:ss or seconds.")
    hours, minutes, seconds = match.groups()
    return 3600.0 * int(hours or 0) + 60.0 * int(minutes or 0) + float(seconds)
