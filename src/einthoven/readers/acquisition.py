"""Recording time, recorder and filters of an ECG, as files state them; checked, never guessed."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from einthoven.recording import Filters, RecordingWarning
from einthoven.text import printable

EARLIEST = datetime(1970, 1, 2)
"""No recorder whose files are read is older; 1 January 1970 is a clock that was never set."""
MAX_HZ = 10_000.0
"""Highest limit of a filter; a higher one is an error in the file."""
_AHEAD = timedelta(days=1)
"""Largest lead of a date over this computer's clock: clocks differ, and local times are up to 14 h ahead of UTC."""
_MAX_OFFSET = timedelta(hours=14)
"""Largest offset of any time zone from UTC."""
_MAX_NAME_LENGTH = 64
_MAX_SHORT_DIGITS = 5
"""Digits of a word in the name of a device; more may be a serial number, a date or a patient's number."""
_BLANK = re.compile(r"[\s0x:./-]*", re.IGNORECASE)
_UNKNOWN = frozenset(("unknown", "unspecified", "undefined", "none", "null", "other", "default", "n/a", "na", "x"))
_COPYRIGHT = re.compile(r"\(c\)|©|all rights reserved\.?", re.IGNORECASE)
_WORD = re.compile(r"\w+")

Stated = datetime | date | str | None
"""A time as a file states it: complete, without time of day, as text that is not understood, or not at all."""


@dataclass
class Acquisition:
    """Acquisition details that a file states: time, recorder and filters."""

    time: Stated = None
    device: str | None = None
    filters: Filters | None = None


def check_time(stated: Stated) -> tuple[datetime | None, list[RecordingWarning]]:
    """Return the start of a recording, if it is complete and plausible.

    Parameters
    ----------
    stated
        Time as the file states it.

    Returns
    -------
    recorded_at : datetime or None
        Start of the recording, with a time zone if the file states one; None if it is not used.
    warnings : list of RecordingWarning
        Warning if the stated time is not used; otherwise empty.
    """
    match stated:
        case datetime():
            local = stated.replace(tzinfo=None)
            ahead = local > datetime.now(UTC).replace(tzinfo=None) + _AHEAD
            offset = stated.utcoffset()
            if local >= EARLIEST and not ahead and _is_zone(offset):
                # Not a named zone: an hour that comes twice in one would not equal itself after a round trip.
                return (stated if offset is None else local.replace(tzinfo=timezone(offset), fold=0)), []
            doubt = "is in the future" if ahead else "is not plausible"
            reason = f"The file dates the recording to {local.date()}, which {doubt}; this date is not used."
        case date():
            reason = f"The file dates the recording to {stated}, without a time; this date is not used."
        case str() if not _BLANK.fullmatch(stated[:100]):
            reason = "The date and time of the recording are incomplete or not understood, and not used."
        case _:
            return None, []
    return None, [RecordingWarning("recording-time", reason)]


def _is_zone(offset: timedelta | None) -> bool:
    return offset is None or (abs(offset) <= _MAX_OFFSET and not offset % timedelta(minutes=1))


def parse_iso_time(value: object) -> Stated:
    """Parse a time in ISO 8601.

    Parameters
    ----------
    value
        Text such as "2026-11-28T10:42:00+01:00"; None if there is none.

    Returns
    -------
    datetime or date or str or None
        The text itself if it is not understood.
    """
    if value is None:
        return None
    text = str(value)[:100].strip().replace(" +", "+").replace(" -", "-")  # Apple writes a blank before the zone
    for kind in (date, datetime):  # a datetime would take midnight for a missing time
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return text


def device_name(maker: str, model: str, private: Iterable[str] = (), owner: str = "") -> str | None:
    """Return the name of a recorder: its maker and model.

    Parameters
    ----------
    maker
        Manufacturer, as in the file; "" if unknown.
    model
        Model of the recorder, as in the file; "" if unknown.
    private
        Names of persons, identifiers and serial numbers in the file: a maker or model with one of their words is left
        out.
    owner
        The institution in the file, which is left out too.

    Returns
    -------
    str or None
        Printable; None if nothing is left.
    """
    words = {
        word for text in private for word in _words(text) if len(word) > 1 and not (word.isdigit() and len(word) < 4)
    }
    maker, model = (_clean(text, words, owner) for text in (maker, model))
    if model.casefold().startswith(maker.casefold()):
        maker = ""
    return f"{maker} {model}".strip() or None


def device_in_free_text(name: str | None) -> str | None:
    """Return the name of a recorder from a field in which people also write other things, such as their names.

    Parameters
    ----------
    name
        Name from `device_name`.

    Returns
    -------
    str or None
        Name of the recorder; None for a name without a digit, which most models have.
    """
    return name if name and any(map(str.isdigit, name)) else None


def _clean(text: str, private: set[str], owner: str) -> str:
    text = printable(_COPYRIGHT.sub(" ", printable(text, _MAX_NAME_LENGTH * 4)), _MAX_NAME_LENGTH).strip(" ,;")
    owned = len(owner.strip()) > 1 and owner.strip().casefold() in text.casefold()
    if owned or text.casefold() in _UNKNOWN or not private.isdisjoint(_words(text)):
        return ""
    kept = [word for word in text.split() if sum(map(str.isdigit, word)) <= _MAX_SHORT_DIGITS]
    return " ".join(kept) if any(map(str.isalnum, "".join(kept))) else ""


def _words(text: str) -> list[str]:
    return _WORD.findall(text[:1000].replace("_", " ").casefold())


def make_filters(high_pass_hz: object, low_pass_hz: object, notch_hz: object) -> Filters | None:
    """Return the filters of a recording, without implausible values.

    Parameters
    ----------
    high_pass_hz
        Lower limit of the pass band in Hz, as a number or text.
    low_pass_hz
        Upper limit of the pass band in Hz.
    notch_hz
        Frequency of the notch filter in Hz.

    Returns
    -------
    Filters or None
        Filters with plausible values; None if no value is left. Limits that contradict each other are all dropped.
    """
    high, low, notch = map(_hertz, (high_pass_hz, low_pass_hz, notch_hz))
    if high and low and high >= low:
        high = low = None
    return Filters(high, low, notch) if high or low or notch else None


def _hertz(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return round(number, 4) or None if math.isfinite(number) and 0 < number <= MAX_HZ else None
