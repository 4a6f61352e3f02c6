"""Read a recording of many hours in consecutive parts."""

import math
from collections.abc import Iterator
from os import PathLike, fspath
from pathlib import Path

from einthoven.errors import RecordingError
from einthoven.readers.read_span import read_span
from einthoven.readers.remote import is_url
from einthoven.readers.sources import STDIN, Source, find_edf_layout, main_file, read_bytes, shown_source
from einthoven.readers.span import Span
from einthoven.readers.tables import Options
from einthoven.readers.wfdb_header import MAX_HEADER, is_wfdb, parse_header
from einthoven.readers.wfdb_part import has_known_places
from einthoven.recording import Recording

PART_S = 600.0
"""Length of a part in s, unless the segments lie farther apart."""
LONG_S = 3600.0
"""Duration in s from which a recording is read in parts: a whole one may take too much time and memory."""
MAX_SEGMENTS = 25_000
"""Most segments that are interpreted together: almost three days, or two weeks with one in each minute."""
_LAST_S = 3.0
_MAX_SAMPLES = 10**12
_HINT = "interpret one segment in each minute (--every 60), or a part of it (--from and --to)"


def plan_parts(source: Source, span: Span, step_s: float, *, part_s: float = PART_S) -> list[Span]:
    """Return the parts in which a long recording can be read.

    Parameters
    ----------
    source
        The recording to read; see `einthoven.read`.
    span
        The part of the recording that is wanted.
    step_s
        Distance in s between the starts of segments: each part except the last has a whole number of them.
    part_s
        Length of a part in s, at least.

    Returns
    -------
    list of Span
        One after the other; empty if the recording is not long, or its format cannot be read in parts.

    Raises
    ------
    RecordingError
        If it has more than MAX_SEGMENTS segments.
    """
    try:
        seconds = _seconds(source)
    except RecordingError:  # reading it explains what is wrong
        return []
    end_s = min(seconds, span.end_s or seconds)
    if end_s - span.start_s <= LONG_S:
        return []
    if (end_s - span.start_s) / step_s > MAX_SEGMENTS:
        raise RecordingError(f"has more than {MAX_SEGMENTS:,} segments; {_HINT}.", shown_source(source))
    length = math.ceil(part_s / step_s) * step_s
    count = max(int((end_s - span.start_s) / length), 1)  # the rest belongs to the last part
    starts = [span.start_s + k * length for k in range(count)]
    return [Span(start, end) for start, end in zip(starts, [*starts[1:], end_s], strict=True)]


def read_parts(source: Source, options: Options, follow_links: bool, parts: list[Span]) -> Iterator[Recording]:
    """Read a long recording in parts.

    Parameters
    ----------
    source
        The recording to read; see `einthoven.read`.
    options
        Sampling rate, unit, leads and scale stated by the caller.
    follow_links
        Whether files next to the main file may be links to other folders; see `einthoven.read`.
    parts
        Parts from `plan_parts`.

    Yields
    ------
    Recording
        Recording of each part, all with the same leads. A lead without samples in a part is 0 mV there.

    Raises
    ------
    RecordingError
        If the source is not an ECG that can be trusted. A file that is cut short is refused before the first part.
    """
    last = Span(max(parts[-1].start_s, (parts[-1].end_s or 0) - _LAST_S), parts[-1].end_s)
    read_span(source, options, follow_links, last, of_longer=True)
    for part in parts:
        yield read_span(source, options, follow_links, part, of_longer=True)


def _seconds(source: Source) -> float:
    """Return the duration of a recording that can be read in parts; 0 for others."""
    if not isinstance(source, str | PathLike) or source == STDIN or is_url(source):
        return 0.0
    path = main_file(Path(fspath(source)))
    if layout := find_edf_layout(path):
        return layout.seconds
    start = read_bytes(path, 0, MAX_HEADER)
    if not is_wfdb(start):
        return 0.0
    header = parse_header(start, part=True)
    return header.samples / header.rate if has_known_places(header) and header.samples < _MAX_SAMPLES else 0.0
