"""Tables: NPY, and functions for CSV and Parquet. Lead names, rate and unit come from the header or the caller."""

import io
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers import several_records
from einthoven.readers.lead_names import count_standard_leads, known_lead, millivolts, split_unit
from einthoven.readers.tracing import MISSING, Channel, Tracing, check_size, exact_rate
from einthoven.recording import LEADS, MIN_SECONDS

_TIME = re.compile(
    r"(?:(?:elapsed|relative|unix|date)[ _]?)?(?:time(?:[ _]?stamp)?|t|zeit|uhrzeit|temps|tiempo|tempo)?"
    r"(?:[ _]in[ _]|[ _/])?"
    r"(seconds?|sekunden|secs?|s|milliseconds?|ms|msec|microseconds?|us|µs|nanoseconds?|ns)?"
)
_PER_SECOND = {"n": 1e9, "u": 1e6, "µ": 1e6, "μ": 1e6, "micro": 1e6, "m": 1e3}
"""Number of units of time in a second, by the start of the unit's name."""
MAX_COLUMNS = 10_000
"""Most columns of a table."""
SCALE = "uv-per-unit"
"""The scale by which one stored unit is 1 uV."""


@dataclass(frozen=True)
class Options:
    """Properties of a table, or the scale of a WFDB record, as the caller of `read` states them."""

    rate: float | None = None
    unit: str | None = None
    leads: Sequence[str] | None = None
    scale: str | float | None = None
    """SCALE, or the uV of one stored unit, instead of the gains that a WFDB header states."""

    @property
    def uv_per_unit(self) -> float | None:
        """The scale as a number; None to take the header's gains.

        Raises
        ------
        RecordingError
            If it is neither SCALE nor a number over 0.
        """
        if self.scale is None:
            return None
        try:
            scale = 1.0 if self.scale == SCALE else float(self.scale)
        except (TypeError, ValueError):
            scale = 0.0
        if not 0 < scale < np.inf:
            raise RecordingError(f"scale={self.scale!r} is not a scale; give {SCALE!r}, or the uV of one stored unit.")
        return scale

    def refuse_for(self, format: str, allowed: Collection[str] = ()) -> None:
        """Refuse options for a format that states these things itself.

        Parameters
        ----------
        format
            Name of the format.
        allowed
            Options that the format takes.

        Raises
        ------
        RecordingError
            If there are any.
        """
        names = [name for name, value in vars(self).items() if value is not None and name not in allowed]
        if names:
            raise RecordingError(f"is {format}, which states its {' and '.join(names)} itself; leave the option out.")


def read_npy(data: bytes, options: Options) -> Tracing:
    """Read a NumPy array; twelve leads are taken to be in standard order.

    Parameters
    ----------
    data
        Content of the file: (leads, samples) or (samples, leads).
    options
        Sampling rate, unit, leads and scale stated by the caller.

    Returns
    -------
    Tracing
        A channel for each lead.

    Raises
    ------
    RecordingError
        If the array is damaged, of another shape, or not of numbers.
    """
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
        raise RecordingError(f"is cut short, or its header is wrong: it has {len(data)} bytes for an array {shape}.")
    check_size(shape[0] * shape[1], len(data))
    array = np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if fortran else "C")
    signal = array if shape[0] == len(names) else array.T
    return read_table("NPY", names, len(names), lambda rows: [signal[k].astype(np.float64) for k in rows], options)


def read_table(
    format: str,
    header: Sequence[str] | None,
    count: int,
    numbers: Callable[[list[int]], Iterable[Float64Array]],
    options: Options,
    codes: Callable[[int], Float64Array | None] = lambda _: None,
) -> Tracing:
    """Read the leads of a table.

    Parameters
    ----------
    format
        Name of the format.
    header
        Names of the columns; None if the table has none.
    count
        Number of columns.
    numbers
        Returns an array (samples,) for each of the columns with the given indices.
    options
        Sampling rate, unit, leads and scale stated by the caller.
    codes
        Returns for the column with an index a number (rows,) for each different text, or None if they are too many.

    Returns
    -------
    Tracing
        A channel for each named column; those that are not leads are empty.

    Raises
    ------
    RecordingError
        If no column is a lead, rate or unit are missing or contradictory, or the table holds several recordings.
    """
    if options.scale is not None:
        raise RecordingError("is a table; state the unit of its values (unit='uV') instead of a scale.")
    if count > MAX_COLUMNS:
        raise RecordingError(f"has {count} columns; at most {MAX_COLUMNS:,} are read.")
    names, units = map(list, zip(*map(split_unit, header or [""] * count), strict=True))
    time = next((k for k, name in enumerate(names) if name and _TIME.fullmatch(name.lower())), None)
    columns = [k for k in range(count) if k != time]
    if options.leads is not None:
        if len(options.leads) != len(columns):
            raise RecordingError(f"has {len(columns)} columns but leads={tuple(options.leads)} were given.")
        for k, lead in zip(columns, options.leads, strict=True):
            names[k] = lead
    lead_columns = [k for k in columns if known_lead(names[k])]
    if not count_standard_leads(names[k] for k in lead_columns):
        names_found = f"its {count} columns have other names" if header else f"it has {count}, without names"
        hint = "give leads=('I', 'II', ...)"
        raise RecordingError(f"is a table without a column named after a lead ({names_found}); {hint}.")
    _refuse_several(names, [k for k in columns if k not in lead_columns], numbers, codes)
    rate, values = options.rate, None
    if time is not None:
        stated = _TIME.fullmatch(names[time].lower())
        unit = units[time] or (stated[1] if stated else None) or ""
        if rate is None:
            times, *values = numbers([time, *lead_columns])
            rate = _rate(times, unit)
        else:
            _check_times(time, unit, rate, numbers)
    if rate is None or not 0 < rate < np.inf:
        raise RecordingError("is a table without a sampling rate; give rate=..., in Hz.")
    channels = {k: Channel(names[k], np.empty(0), rate, "") for k in columns if names[k]}
    for k, column in zip(lead_columns, numbers(lead_columns) if values is None else values, strict=True):
        missing = column == MISSING
        channels[k].values = np.where(missing, np.nan, column) if missing.any() else column
        channels[k].unit = _unit(names[k], units[k], options.unit)
    return Tracing(format, list(channels.values()))


def _check_times(time: int, unit: str, rate: float, numbers: Callable[[list[int]], Iterable[Float64Array]]) -> None:
    """Refuse a table whose time starts again, even if the caller states the rate."""
    try:
        (times,) = numbers([time])
    except RecordingError:  # the times may be of any form
        return
    several_records.refuse_restart(_unwrapped(times, unit), MIN_SECONDS * rate)


def _refuse_several(
    names: Sequence[str],
    others: Sequence[int],
    numbers: Callable[[list[int]], Iterable[Float64Array]],
    codes: Callable[[int], Float64Array | None],
) -> None:
    """Refuse a table that holds several recordings, by its columns that are neither leads nor the time."""
    for k in sorted(others, key=lambda k: not several_records.is_key(names[k]))[: several_records.MAX_COLUMNS]:
        values: Float64Array | None
        try:
            (values,) = numbers([k])
        except RecordingError:  # not numbers
            values = codes(k)
        if values is not None:
            several_records.refuse_several(names[k], values)


def _unit(lead: str, stated: str, option: str | None) -> str:
    if option is not None and millivolts(option) is None:
        raise RecordingError(f"unit={option!r} is not a voltage; give unit='mV', 'uV', 'nV' or 'V'.")
    if stated and option and stated.lower() != option.lower():
        raise RecordingError(f"states {stated} for {lead} but unit={option!r} was given.")
    if not (stated or option):
        raise RecordingError("is a table without a unit; give unit='mV', 'uV', 'nV' or 'V'.")
    return stated or option or ""


def _rate(times: Float64Array, unit: str) -> float:
    """Return the sampling rate in Hz from a time column."""
    if len(times) < 2:
        raise RecordingError("is a table of less than two samples.")
    times = _unwrapped(times, unit)
    several_records.refuse_restart(times)
    step = (times[-1] - times[0]) / max(len(times) - 1, 1)
    even = np.abs(times - times[0] - step * np.arange(len(times))).max() <= 1.01 * step
    if not (np.isfinite(times).all() and step > 0 and even):
        raise RecordingError("has a time column with gaps or uneven steps; fix it, or give rate=..., in Hz.")
    if not unit and not 0.0004 < step < 0.02:
        raise RecordingError(f"has a time column in steps of {step:.6g} without a unit; give rate=..., in Hz.")
    rate = next((factor for prefix, factor in _PER_SECOND.items() if unit.startswith(prefix)), 1.0) / step
    return exact_rate(float(rate))


def _unwrapped(times: Float64Array, unit: str) -> Float64Array:
    """Return times (rows,) of a clock that may pass midnight as those of one that counts on."""
    is_clock = not unit and len(times) and np.ptp(times) < 86400
    return np.asarray(np.unwrap(times, period=86400)) if is_clock else times
