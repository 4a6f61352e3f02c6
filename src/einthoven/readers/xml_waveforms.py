"""Functions shared by the readers of XML formats that write samples as lists of numbers."""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from xml.etree.ElementTree import Element

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Stated
from einthoven.readers.lead_names import count_standard_leads
from einthoven.readers.redact import show_label
from einthoven.readers.tracing import MISSING, Channel, check_count, empty_lead, rhythms_left_out
from einthoven.recording import RecordingWarning

MAX_NUMBERS = 4 << 20
"""Largest size in bytes of a lead that is written as a list of numbers."""
_SEPARATORS = re.compile(r"[,;\s]+")
_HERTZ = {"": 1.0, "hz": 1.0, "sps": 1.0, "samples/s": 1.0, "khz": 1e3}


def text_of(parent: Element | None, path: str) -> str:
    """Return the text of an element.

    Parameters
    ----------
    parent
        Element at which `path` begins.
    path
        Path of the element to read.

    Returns
    -------
    str
        Text without the blanks around it; "" if there is no such element.
    """
    return "" if parent is None else (parent.findtext(path) or "").strip()


def attribute_of(element: Element | None, *names: str) -> str:
    """Return the first of some attributes that an element has.

    Parameters
    ----------
    element
        Element to search; None has no attributes.
    *names
        Names of attributes in lower case; those of the file may be in any.

    Returns
    -------
    str
        Value without the blanks around it; "" if there is none.
    """
    values = {} if element is None else {key.lower(): value.strip() for key, value in element.attrib.items()}
    return next((values[name] for name in names if values.get(name)), "")


def positive_number(text: str) -> float:
    """Return a number that must be over 0, such as a scale.

    Parameters
    ----------
    text
        Number with a decimal point or comma.

    Returns
    -------
    float
        0 if the text is not such a number.
    """
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return 0.0
    return number if 0 < number < math.inf else 0.0


def hertz(text: str, unit: str) -> float:
    """Return a sampling rate.

    Parameters
    ----------
    text
        The number.
    unit
        Unit of the rate, as in the file; Hz if empty.

    Returns
    -------
    float
        Hz.

    Raises
    ------
    RecordingError
        If it is not a rate.
    """
    rate = positive_number(text) * _HERTZ.get(unit.strip().lower(), 0.0)
    if not rate:
        raise RecordingError("states no sampling rate in Hz; export the file again.")
    return rate


def make_channel(name: str, text: str, declared: Sequence[float], rate: float, scale: float, unit: str) -> Channel:
    """Return a lead whose samples are a list of numbers.

    Parameters
    ----------
    name
        Name of the lead, as in the file.
    text
        Numbers, separated by commas, semicolons or white space.
    declared
        Numbers of samples that the file may declare for this lead; 0 for none.
    rate
        Hz.
    scale
        `unit` for each step of the numbers; 0 if the file states none.
    unit
        Amplitude unit, as in the file.

    Returns
    -------
    Channel
        Channel in `unit`; without a unit if the file states no scale.

    Raises
    ------
    RecordingError
        If there are too many samples, other than declared, or a value is not a number.
    """
    if len(text) > MAX_NUMBERS:
        raise RecordingError(f"holds more than {MAX_NUMBERS >> 20} MiB of numbers; no ECG is that large.")
    try:
        values: Float64Array = np.array([part for part in _SEPARATORS.split(text) if part], np.float64)
    except ValueError as error:
        raise RecordingError(f"holds {show_label(name)} with samples that are not numbers; get it again.") from error
    if any(declared) and len(values) not in declared and len(values):
        raise RecordingError(
            f"holds {len(values)} samples of {show_label(name)} where {declared[0]:g} are declared; get it again."
        )
    values[values == MISSING] = np.nan
    return Channel(name, values * scale, rate, unit if scale else "")


def choose_strip(strips: list[list[Channel]]) -> tuple[list[Channel], list[RecordingWarning]]:
    """Return the strip with the most standard leads, the longest of these.

    Parameters
    ----------
    strips
        The leads of each strip of a file.

    Returns
    -------
    channels : list of Channel
        Channels of this strip that have samples.
    warnings : list of RecordingWarning
        Warnings about leads without samples, and about strips that are left out.

    Raises
    ------
    RecordingError
        If there is no strip with samples, or too many samples.
    """

    def rank(channels: list[Channel]) -> tuple[int, float]:
        filled = [channel for channel in channels if len(channel.values)]
        seconds = max((len(channel.values) / channel.rate for channel in filled), default=0.0)
        return count_standard_leads(channel.name for channel in filled), seconds

    best = max(strips, key=rank, default=[])
    channels = [channel for channel in best if len(channel.values)]
    if not channels:
        raise RecordingError("holds no rhythm: it has no lead with samples.")
    check_count(sum(len(channel.values) for channel in channels))
    warnings = [empty_lead(show_label(channel.name)) for channel in best if not len(channel.values)]
    return channels, warnings + rhythms_left_out(len(strips) - 1)


def parse_date(year: str, month: str, day: str) -> date | None:
    """Return a date from its parts.

    Parameters
    ----------
    year
        Year, as in the file.
    month
        Month, as in the file.
    day
        Day of the month, as in the file.

    Returns
    -------
    date or None
        Date; None if the parts are not a date.
    """
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def parse_time(day: date | None, hour: str, minute: str, second: str) -> Stated:
    """Return the start of a recording.

    Parameters
    ----------
    day
        Date of the recording; None if unknown.
    hour
        Hour, as in the file.
    minute
        Minute, as in the file.
    second
        Second, as in the file; may be empty.

    Returns
    -------
    datetime or date or None
        Start of the recording, without the time of day if it is unknown.
    """
    if day is None:
        return None
    try:
        return datetime(day.year, day.month, day.day, int(hour), int(minute), int(float(second or 0)))
    except ValueError:
        return day


def parse_sex(text: str) -> Literal["female", "male"] | None:
    """Return the sex of a patient.

    Parameters
    ----------
    text
        Text such as "FEMALE" or "m".

    Returns
    -------
    str or None
        Sex; None if it is not stated, or not understood.
    """
    known: dict[str, Literal["female", "male"]] = {"m": "male", "male": "male", "f": "female", "female": "female"}
    return known.get(text.strip().lower())
