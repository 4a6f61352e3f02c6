"""Tables: NPY, and what CSV and Parquet share. Lead names, rate and unit come from the header or from the caller."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.lead_names import millivolts, split_unit, standard_lead
from einthoven.readers.tracing import MISSING, Channel, Tracing, check_size, exact_rate
from einthoven.recording import LEADS

_TIME = re.compile(
    r"(?:elapsed[ _]?)?(?:time(?:stamp)?|t|zeit|temps|tiempo|tempo)?(?:[ _]in[ _]|[ _/])?"
    r"(seconds?|secs?|s|milliseconds?|ms|msec|microseconds?|us|µs)?"
)
MAX_COLUMNS = 10_000
"""Most columns of a table."""


@dataclass(frozen=True)
class Options:
    """What the caller of `read` says of a table."""

    rate: float | None = None
    unit: str | None = None
    leads: Sequence[str] | None = None

    def refuse_for(self, format: str) -> None:
        """Refuse options for a format that says these things itself."""
        given = [name for name, value in vars(self).items() if value is not None]
        if given:
            raise RecordingError(f"is {format}, which states its {' and '.join(given)} itself; leave the option out.")


def read_npy(data: bytes, options: Options) -> Tracing:
    """A numpy array (leads, samples) or (samples, leads); twelve leads are taken to be in standard order."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        (shape, fortran, dtype), start = header(file), file.tell()
    except Exception as error:  # numpy hands the header to Python's parser and tokenizer
        raise RecordingError(f"is a damaged NPY file ({type(error).__name__}); save it again.") from error
    names = list(options.leads or LEADS)
    shape = tuple(length for length in shape if length != 1) if len(shape) > 2 else shape  # a batch of one
    kind = "records" if dtype.names or dtype.subdtype else str(dtype)  # names of fields may be any text
    if dtype.kind not in "iuf" or len(shape) != 2 or len(names) not in shape:
        raise RecordingError(
            f"is an array {shape} of {kind}; numbers ({len(names)}, samples) or (samples, {len(names)}) are expected."
        )
    if min(shape) < 1 or start + shape[0] * shape[1] * dtype.itemsize != len(data):
        raise RecordingError(f"is cut short, or its header is wrong: {len(data)} bytes came for an array {shape}.")
    check_size(shape[0] * shape[1], len(data))
    array = np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if fortran else "C")
    signal = array if shape[0] == len(names) else array.T
    return table("NPY", names, len(names), lambda places: [signal[k].astype(np.float64) for k in places], options)


def table(format: str, header: Sequence[str] | None, count: int, numbers: Any, options: Options) -> Tracing:
    """The leads of a table of `count` columns; `numbers(places)` gives an array (samples,) for each."""
    if count > MAX_COLUMNS:
        raise RecordingError(f"has {count} columns; at most {MAX_COLUMNS:,} are read.")
    names, units = map(list, zip(*map(split_unit, header or [""] * count), strict=True))
    time = next((place for place, name in enumerate(names) if name and _TIME.fullmatch(name.lower())), None)
    if options.leads is not None:
        places = [place for place in range(count) if place != time]
        if len(options.leads) != len(places):
            raise RecordingError(f"has {len(places)} columns but leads={tuple(options.leads)} were given.")
        for place, lead in zip(places, options.leads, strict=True):
            names[place] = lead
    wanted = [place for place, name in enumerate(names) if place != time and standard_lead(name)]
    if not wanted:
        came = f"its {count} columns are called otherwise" if header else f"it has {count}, without names"
        raise RecordingError(f"is a table without a column named after a lead ({came}); give leads=('I', 'II', ...).")
    rate, values = options.rate, None
    if rate is None and time is not None:
        times, *values = numbers([time, *wanted])
        unit = _TIME.fullmatch(names[time].lower())
        rate = _rate(times, units[time] or (unit[1] if unit else None) or "")
    if rate is None or not 0 < rate < np.inf:
        raise RecordingError("is a table without a sampling rate; give rate=..., in Hz.")
    channels = [Channel(name, np.empty(0), rate, "") for place, name in enumerate(names) if name and place != time]
    by_place = dict(zip([place for place, name in enumerate(names) if name and place != time], channels, strict=True))
    for place, column in zip(wanted, numbers(wanted) if values is None else values, strict=True):
        missing = column == MISSING
        by_place[place].values = np.where(missing, np.nan, column) if missing.any() else column
        by_place[place].unit = _unit(names[place], units[place], options.unit)
    return Tracing(format, channels)


def _unit(lead: str, stated: str, given: str | None) -> str:
    if given is not None and millivolts(given) is None:
        raise RecordingError(f"unit={given!r} is not a voltage; give unit='mV', 'uV', 'nV' or 'V'.")
    if stated and given and stated.lower() != given.lower():
        raise RecordingError(f"states {stated} for {lead} but unit={given!r} was given.")
    if not (stated or given):
        raise RecordingError("is a table without a unit; give unit='mV', 'uV', 'nV' or 'V'.")
    return stated or given or ""


def _rate(times: Float64Array, unit: str) -> float:
    """Sampling rate in Hz from a time column."""
    if len(times) < 2:
        raise RecordingError("is a table of less than two samples.")
    if not unit and np.ptp(times) < 86400:
        times = np.unwrap(times, period=86400)  # a clock that passes midnight
    step = (times[-1] - times[0]) / max(len(times) - 1, 1)
    even = np.abs(times - times[0] - step * np.arange(len(times))).max() <= 1.01 * step
    if not (np.isfinite(times).all() and step > 0 and even):
        raise RecordingError("has a time column with gaps or uneven steps; mend it, or give rate=..., in Hz.")
    if not unit and not 0.0004 < step < 0.02:
        raise RecordingError(f"has a time column in steps of {step:.6g} without a unit; give rate=..., in Hz.")
    rate = (1e6 if unit.startswith(("u", "micro")) else 1000 if unit.startswith("m") else 1) / step
    return exact_rate(float(rate))
