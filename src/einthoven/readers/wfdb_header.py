"""Headers of WFDB records, and the PhysioNet Challenge's dialects of them.

Format: https://physionet.org/physiotools/wag/header-5.htm
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Stated
from einthoven.readers.tracing import check_count
from einthoven.recording import Patient

MAX_HEADER = 2 << 20
"""Largest header in bytes; that of a record of 20,000 segments has about 1 MB."""
_MAX_LINES = 20_000
_MAX_LINE_LENGTH = 1000
"""Characters of a line; the rest is ignored."""
_RECORD = re.compile(  # name, segments, signals, rate with those of a counter, samples, and what is not needed
    r"(\S+?)(?:/(\d{1,9}))?\s+(\d{1,9})(?:\s+([\d.eE+-]+)(?:Hz|[/(]\S*)?(?=\s|$)(?:\s+(\d+))?)?(?:\s(.*))?",
    re.ASCII,
)
_SIGNAL = re.compile(r"(\S+)\s+(\d{1,9})(?:x(\d{1,9}))?(?::(\d{1,9}))?(?:\+(\d{1,12}))?(?:\s+(.*))?", re.ASCII)
_FORMAT = re.compile(  # a file's name and any number, or any name and a format's
    r"(?:[^\s.]*+\.\S*+\s+\d++|\S++\s++(?:0|8|16|24|32|61|80|160|212|31[01]|508|516|524))(?:[x:+]\d+)*+(?:\s|$)",
    re.ASCII,
)
_GAIN = re.compile(r"([-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d+)?)(?:\((-?\d+)(?:\.0*)?\))?(?:/(\S+))?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,12}", re.ASCII)
_BASE = re.compile(r"(\d{1,2}:\d{1,2}:\d{1,2})(?:\.(\d*))?\s+(\d{1,2}/\d{1,2}/\d{1,4})", re.ASCII)
_AGE_OR_SEX = re.compile(r"<?\b(age|sex|gender)>?\s*:\s*(\S+)", re.IGNORECASE)
_MIT_AGE_SEX = re.compile(r"\s*(\d{1,3})\s+([MF])\b")


class Signal(NamedTuple):
    """One signal line of a header."""

    file: str
    format: int
    frame: int
    """Samples in each frame."""
    skew: int
    offset: int
    """Bytes before the first sample."""
    gain: float
    """Stored units per physical unit; 0 for a signal without scale."""
    baseline: int
    unit: str
    initial: int
    """The value before the first difference of format 8."""
    checksum: int | None
    name: str


@dataclass(frozen=True)
class Header:
    """A header, checked as far as possible without the signal files."""

    rate: float
    """Frames per second in Hz; 0 if not stated."""
    samples: int
    """Frames; 0 if not stated."""
    channels: int
    signals: list[Signal]
    segments: list[tuple[str, int]]
    """Name and samples of each segment of a record of several."""
    comments: list[str]
    time: Stated
    """Time at which the record begins."""


def is_wfdb(data: bytes) -> bool:
    """Return whether a file begins like a WFDB header.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True for a record line followed by a line for each signal or segment.
    """
    lines = [line for line in data[:65536].splitlines() if line.strip() and not line.lstrip().startswith(b"#")]
    if b"\0" in data[:65536] or len(lines) < 2:
        return False
    record, first = (_text(line).strip() for line in lines[:2])
    match = _RECORD.fullmatch(record)
    # a table has commas, or a number where a header names a file; a description may have them too
    table = any("," in field for field in first.split(None, 3)[:3]) or (
        match and not match[2] and re.match(r"[-+\d.]+\s", first)
    )
    described = match and (re.match(r"\S+\s+\d+(?:\s|$)", first) if match[2] else _FORMAT.match(first))
    return bool(match and not table and described)


def parse_header(data: bytes, part: bool = False) -> Header:
    """Parse a WFDB header.

    Parameters
    ----------
    data
        Content of the file.
    part
        Whether only a part of the samples will be read, so that the record may be of any length.

    Returns
    -------
    Header
        Parsed header.

    Raises
    ------
    RecordingError
        If it is damaged, or declares more than can be read.
    """
    if len(data) > MAX_HEADER:
        raise RecordingError(f"has a header of more than {MAX_HEADER >> 20} MiB; no record needs that.")
    lines = [line[:_MAX_LINE_LENGTH].strip() for line in _text(data).splitlines()[:_MAX_LINES]]
    comments = [line[1:] for line in lines if line.startswith("#")]
    lines = [line for line in lines if line and not line.startswith("#")]
    match = _RECORD.fullmatch(lines[0]) if lines else None
    if not match:
        raise RecordingError("has a damaged header: its first line does not begin with a record's name and signals.")
    count, expected = int(match[2] or 0), int(match[2] or match[3])
    if len(lines) <= expected or expected == 0:
        raise RecordingError(f"has a damaged header: it declares {expected} signals and describes {len(lines) - 1}.")
    if match[4] is None and match[6]:
        raise RecordingError("has a damaged header: its sampling rate is not a number.")
    try:
        rate, samples = float(match[4] or 0), int(match[5] or 0)
        if match[4] and not 0 < rate < np.inf:
            raise ValueError
    except ValueError as error:
        raise RecordingError("has a damaged header: its sampling rate is not a number over 0 Hz.") from error
    segments = [_segment(line, index) for index, line in enumerate(lines[1 : count + 1], 1)]
    signals = [] if count else [_signal(line, index) for index, line in enumerate(lines[1 : expected + 1], 1)]
    values = samples * max(int(match[3]), sum(signal.frame for signal in signals))
    if not part:
        check_count(max(values, sum(length for _, length in segments) * int(match[3])))
    return Header(rate, samples, int(match[3]), signals, segments, comments, _time(match[6] or ""))


def _time(text: str) -> Stated:
    """Return base time and date; neither a time alone, nor the date of conversion in the Challenge's dialect."""
    match = _BASE.fullmatch(text.strip())
    if not match:
        return None
    try:
        return datetime.strptime(f"{match[3]} {match[1]}.{(match[2] or '0')[:6]}", "%d/%m/%Y %H:%M:%S.%f")
    except ValueError:
        return text


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _segment(line: str, index: int) -> tuple[str, int]:
    name, length, *_ = (*line.split()[:2], "", "")
    if not _WHOLE.fullmatch(length) or int(length) < 0:
        raise RecordingError(f"has a damaged header: the line of segment {index} cannot be parsed.")
    return name, int(length)


def _signal(line: str, index: int) -> Signal:
    match = _SIGNAL.fullmatch(line)
    fields = (match[6] or "").split() if match else []
    gain = _gain(fields[0]) if fields else (0.0, None, "mV")  # mV is WFDB's default
    valid = all(map(_WHOLE.fullmatch, fields[2:5]))
    if not match or not gain or not valid:
        raise RecordingError(f"has a damaged header: the line of signal {index} cannot be parsed.")
    scale, baseline, unit = gain
    if baseline is None:
        baseline = int(fields[2]) if len(fields) > 2 else 0
    initial = int(fields[3]) if len(fields) > 3 else int(fields[2]) if len(fields) > 2 else 0
    if abs(baseline) > 2**32 or abs(initial) >= 2**31:
        raise RecordingError(f"has a damaged header: the baseline or first value of signal {index} is out of range.")
    frame, skew, offset = int(match[3] or 1), int(match[4] or 0), int(match[5] or 0)
    if not 0 < frame < 2**40 or max(skew, offset) >= 2**40:
        what = "samples for each frame, skew or offset"
        raise RecordingError(f"has a damaged header: the {what} of signal {index} are out of range.")
    return Signal(
        file=match[1],
        format=int(match[2]),
        frame=frame,
        skew=skew,
        offset=offset,
        gain=scale,
        baseline=baseline,
        unit=unit,
        initial=initial,
        checksum=int(fields[4]) if len(fields) > 4 else None,
        name=" ".join(fields[6:]),
    )


@lru_cache(1000)  # the files of a folder repeat the same gains
def _gain(field: str) -> tuple[float, int | None, str] | None:
    """Return gain (0 if out of range), baseline if stated, and unit; None if the field is not a gain."""
    match = _GAIN.fullmatch(field)
    if not match:
        return None
    gain = float(match[1])
    return gain if 1e-30 < abs(gain) < 1e30 else 0.0, None if match[2] is None else int(match[2]), match[3] or "mV"


def parse_patient(comments: list[str]) -> Patient:
    """Return age and sex from the comments of a header, as PhysioNet's databases write them.

    Parameters
    ----------
    comments
        Comment lines without "#".

    Returns
    -------
    Patient
        Patient data; None for unknown fields.
    """
    age: float | None = None
    sex: Literal["female", "male"] | None = None
    if comments and (first := _MIT_AGE_SEX.match(comments[0])):
        comments = [f"age: {first[1]} sex: {first[2]}", *comments]
    for key, value in (match for comment in comments for match in _AGE_OR_SEX.findall(comment)):
        if key.lower() == "age" and age is None and re.fullmatch(r"\d{1,3}(\.\d+)?", value) and float(value) < 150:
            age = float(value)
        elif key.lower() != "age" and sex is None:
            sex = {"m": "male", "male": "male", "f": "female", "female": "female"}.get(value.lower())  # type: ignore[assignment]
    return Patient(age, sex)
