"""Read only a part of the signal files of a WFDB record, for records of many hours."""

from dataclasses import replace
from typing import NamedTuple

from einthoven.errors import RecordingError
from einthoven.readers.sources import Files
from einthoven.readers.tracing import check_count
from einthoven.readers.wfdb_formats import GROUPS
from einthoven.readers.wfdb_header import Header, Signal

_DIFFERENCES = 8
"""Format whose samples depend on all before them."""


class Part(NamedTuple):
    """Part of a record, as a separate record."""

    header: Header
    files: Files
    first_frame: int
    """Index of the part's first frame in the record."""


def cut_record(header: Header, files: Files) -> Part | None:
    """Return the part of a record that `files.span` asks for.

    Parameters
    ----------
    header
        Header of the record.
    files
        Access to its signal files.

    Returns
    -------
    Part or None
        The part, which begins a few frames earlier if a format packs several samples together. None if the position of
        a sample in the files is not known in advance: with several segments, differences, FLAC, MATLAB files, or no
        stated length.

    Raises
    ------
    RecordingError
        If a file is missing or ends before the part, or the part is too long.
    """
    signals = header.signals
    if not has_known_places(header):
        return None
    span = files.span
    groups = max(GROUPS[signal.format][0] for signal in signals)
    first = min(int(span.start_s * header.rate), header.samples - 1) // groups * groups
    last = header.samples if span.end_s is None else min(header.samples, int(span.end_s * header.rate) + 1)
    count = max(last - first, 1)
    check_count(count * sum(signal.frame for signal in signals))
    contents = dict[str, bytes]()
    for name in dict.fromkeys(signal.file for signal in signals):
        stored = [signal for signal in signals if signal.file == name]
        width, (samples, size) = sum(signal.frame for signal in stored), GROUPS[stored[0].format]
        begin = stored[0].offset + first * width // samples * size
        contents[name] = files.sibling(name, begin, -(-count * width // samples) * size)
        if not contents[name]:
            raise RecordingError(
                f"its file {name} is cut short: it ends before {first / header.rate:g} s; get it again."
            )
    cut = [signal._replace(offset=0, checksum=None) for signal in signals]
    return Part(replace(header, samples=count, signals=cut), Files(b"", contents), first)


def has_known_places(header: Header) -> bool:
    """Return whether the place of a sample in the files is known in advance.

    Parameters
    ----------
    header
        Header of a record.

    Returns
    -------
    bool
        True if a part of the record can be read alone.
    """
    return bool(header.signals and header.samples and header.rate and all(map(_is_plain, header.signals)))


def _is_plain(signal: Signal) -> bool:
    fixed = signal.format in GROUPS and signal.format != _DIFFERENCES
    return fixed and not signal.skew and not signal.file.lower().endswith(".mat")
