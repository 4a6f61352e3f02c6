"""Texts of one lead, as watches and pocket recorders export them: keys with values, then one number a line."""

import re
from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.lead_names import millivolts, standard_lead
from einthoven.readers.tables import Options
from einthoven.readers.tracing import Channel, Tracing

_NUMBER = re.compile(r"\s*+\"?\s*+[-+]?(?:\d++(?:[.,]\d*+)?|[.,]\d++)\s*+\"?\s*+", re.ASCII)
_HERTZ = re.compile(
    r"(?<!\d)([0-9]{1,5}(?:[.,][0-9]{1,6})?)\s{0,3}(?:hz|hertz|hercios?|herc[eyů]?|герц|гц|ヘルツ|赫兹|赫茲)(?!\w)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[;,:\t]")
_MAX_KEYS = 50


def starts_single_lead(lines: Sequence[str]) -> int:
    """Return the index of the first number.

    Parameters
    ----------
    lines
        Lines of a text, without empty ones.

    Returns
    -------
    int
        0 if the text is not of this kind.
    """
    if len(lines) < 2 or _NUMBER.fullmatch(lines[0]) or not _NUMBER.fullmatch(lines[-1]):
        return 0
    first = next((k for k, line in enumerate(lines[: _MAX_KEYS + 1]) if _NUMBER.fullmatch(line)), 0)
    keys = [_SEPARATOR.split(line[:200])[0] for line in lines[:first]]
    table = any(standard_lead(key) or _NUMBER.fullmatch(key) for key in keys)
    named = any(standard_lead(value) for line in lines[:first] for value in _values(line))
    return first if named and not table else 0


def read_single_lead(lines: Sequence[str], first: int, options: Options) -> Tracing:
    """Read a text of one lead.

    Parameters
    ----------
    lines
        Lines of the text.
    first
        Index from `starts_single_lead`.
    options
        Sampling rate, unit, leads and scale stated by the caller.

    Returns
    -------
    Tracing
        One channel.

    Raises
    ------
    RecordingError
        If the sampling rate is missing, or something else follows the numbers.
    """
    if options.leads is not None:
        raise RecordingError("names its lead itself; leave the option leads out.")
    keys = [value for line in lines[:first] for value in _values(line)]
    lead = next(value for value in keys if standard_lead(value))
    hertz = next(filter(None, (_HERTZ.search(line[:200]) for line in lines[:first])), None)
    rate = options.rate or (float(hertz[1].replace(",", ".")) if hertz else None)
    if not rate:
        raise RecordingError("is a table without a sampling rate; give rate=..., in Hz.")
    unit = next(filter(millivolts, keys), options.unit or "")
    return Tracing("CSV", [Channel(lead, _numbers(lines[first:]), rate, unit)])


def _values(line: str) -> list[str]:
    return [field.strip(" \"'") for field in _SEPARATOR.split(line[:200])[1:3]]


def _numbers(lines: Sequence[str]) -> Float64Array:
    try:
        return np.array([float(line.strip(' "\t').replace(",", ".")) for line in lines])
    except ValueError:
        raise RecordingError(
            "is a text of one lead in which not all lines after the first number are numbers."
        ) from None
