"""Read only a part of an EDF file, for recordings of many hours."""

import re
from fractions import Fraction
from typing import NamedTuple

from einthoven.readers.span import Span

MAX_HEADER = 256 * 513
"""Bytes of a header of 512 signals."""
_MAX_UNIT_S = 600
"""Largest distance of data records that begin at a whole second."""
_COUNT = re.compile(rb"-?\d{1,8}")
_SECONDS = re.compile(rb"\d{1,8}(?:\.\d{1,6})?")
_BDF = b"\xffBIOSEMI"


class Layout(NamedTuple):
    """Layout of the data records of a file, which all have the same length."""

    header: bytes
    records: int
    record_bytes: int
    record_s: Fraction
    values: int
    """Number of values in one data record, annotations included."""

    @property
    def seconds(self) -> float:
        """Duration of the file."""
        return float(self.records * self.record_s)

    def place(self, span: Span) -> "Place":
        """Return the place of a part.

        Parameters
        ----------
        span
            The part.

        Returns
        -------
        Place
            Place of whole data records that begin at a whole second.
        """
        unit = self.record_s.denominator
        first = min(int(Fraction(span.start_s) / self.record_s), self.records - 1) // unit * unit
        last = self.records
        if span.end_s is not None:
            last = min(self.records, int(Fraction(span.end_s) / self.record_s) + 1)
        count, skipped_s = max(last - first, 1), float(first * self.record_s)
        end_s = None if span.end_s is None else span.end_s - skipped_s
        return Place(
            header=self.header[:236] + b"%-8d" % count + self.header[244:],
            first_byte=len(self.header) + first * self.record_bytes,
            n_bytes=count * self.record_bytes,
            span=Span(span.start_s - skipped_s, end_s),
            skipped_s=skipped_s,
        )


class Place(NamedTuple):
    """Place of a part within a file."""

    header: bytes
    """Header of a file that contains only this part."""
    first_byte: int
    n_bytes: int
    span: Span
    """The part, from the start of its first data record."""
    skipped_s: float
    """Time in s from the start of the file to its first data record."""


def edf_layout(start: bytes, n_bytes: int) -> Layout | None:
    """Return the layout of the data records of an EDF, EDF+C or BDF file.

    Parameters
    ----------
    start
        The first MAX_HEADER bytes of the file.
    n_bytes
        Size of the file.

    Returns
    -------
    Layout or None
        Layout of the file; None if the place of a time in the file is not known in advance: another format, a damaged
        header, data records with gaps between them, or fewer of them than the header declares.
    """
    wide = start.startswith(_BDF)
    if not wide and start[:8].rstrip(b" \0") != b"0":
        return None
    declared, signals = (_count(start[field]) for field in (slice(236, 244), slice(252, 256)))
    length = start[244:252].replace(b",", b".").strip(b" \0")
    header = start[: 256 + 256 * (signals or 0)]
    if not signals or declared is None or not _SECONDS.fullmatch(length) or start[192:197] in (b"EDF+D", b"BDF+D"):
        return None
    counts = [_count(header[256 + 216 * signals + 8 * k :][:8]) for k in range(signals)]
    values, record_s = sum(count or 0 for count in counts), Fraction(length.decode())
    record_bytes = values * (3 if wide else 2)
    if (
        not 0 < record_s.numerator <= _MAX_UNIT_S
        or not values
        or min(count or 0 for count in counts) < 0
        or len(header) < 256 + 256 * signals
    ):
        return None
    stored = (n_bytes - len(header)) // record_bytes
    records = stored if declared == -1 else declared
    return Layout(header, records, record_bytes, record_s, values) if 0 < records <= stored else None


def _count(field: bytes) -> int | None:
    text = field.strip(b" \0")
    return int(text) if _COUNT.fullmatch(text) else None
