"""Read recordings in worker processes, as records of 10 s."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array, Int16Array
from einthoven.datasets.header_codes import header_codes
from einthoven.errors import EinthovenError, ShortageError
from einthoven.limits import Limits
from einthoven.ptbxl.records import SECONDS, UNITS_PER_MV
from einthoven.readers import read
from einthoven.readers.sources import main_file
from einthoven.readers.wfdb_header import MAX_HEADER, parse_header
from einthoven.recording import LEADS, MIN_SECONDS, Recording
from einthoven.signal.resampling import resample
from einthoven.workers import Worker, cpu_count, in_order, prepare

_SLACK_S = 0.1  # that a recording may be shorter than 10 s without a word
_FILTER_S = 1.0  # read beyond the 10 s, so that resampling has settled there
_SEXES = {"male": 0, "female": 1}
_LIMIT = np.iinfo(np.int16).max


@dataclass(frozen=True)
class ReadOptions:
    """Settings for reading recordings."""

    rates: tuple[int, ...] = (100,)
    """Sampling rates of the records in Hz."""
    header_field: str | None = None
    """The field of WFDB headers that states the codes; None if a table does."""
    table_rate: float | None = None
    """Sampling rate in Hz of recordings in tables that do not state it."""
    unit: str | None = None
    leads: Sequence[str] | None = None


class ReadRecord(NamedTuple):
    """One recording as a record of the data set."""

    signals: tuple[Int16Array, ...]
    """Signal of shape (12, samples) in uV for each rate."""
    seconds: float
    """Duration of the recording in s."""
    changes: tuple[tuple[str, str], ...]
    """Problem and detail of each change: cut, padded or clipped."""
    digest: str
    """Digest of the signals, equal for equal recordings; "" if every lead has the same value throughout."""
    patient: str
    age: float | None
    sex: int | None
    device: str | None
    codes: frozenset[str] | None
    """Codes in the header, if `header_field` is given."""


def read_records(
    paths: Sequence[str], options: ReadOptions, workers: int | None = None
) -> Iterable[ReadRecord | EinthovenError]:
    """Read recordings in worker processes, with the limits of `einthoven interpret`.

    Parameters
    ----------
    paths
        Paths of recordings.
    options
        Settings for reading recordings.
    workers
        Number of processes; None for one per CPU.

    Yields
    ------
    ReadRecord or EinthovenError
        Record or error for each path, in order; the error states the reason why the recording is refused.

    Raises
    ------
    ShortageError
        If the machine lacks disk, memory or processes.
    """
    prepare("einthoven.readers", "einthoven.datasets.reading")
    count = max(1, min(workers or cpu_count(), len(paths)))
    begin = partial(_reader, options)
    for outcome in in_order(paths, [Worker(begin, Limits()) for _ in range(count)]):
        if isinstance(outcome, ShortageError):
            raise outcome
        yield outcome


def make_record(recording: Recording, rates: Sequence[int], codes: frozenset[str] | None = None) -> ReadRecord:
    """Make a record of 10 s of a recording.

    A longer recording is cut: its first 10 s count. In a shorter one, each lead keeps its last value to the end.

    Parameters
    ----------
    recording
        Recording with all twelve leads.
    rates
        Sampling rates of the record in Hz.
    codes
        Codes that the file states.

    Returns
    -------
    ReadRecord
        The record.

    Raises
    ------
    EinthovenError
        If leads are missing, or the recording is shorter than 2.5 s.
    """
    if missing := [lead for lead in LEADS if lead not in recording.leads]:
        raise EinthovenError(f"lacks {', '.join(missing)}; a record needs all twelve leads.")
    if recording.seconds < MIN_SECONDS - _SLACK_S:
        raise EinthovenError(f"has {recording.seconds:.3g} s; a record needs at least {MIN_SECONDS:g} s.")
    start = recording.signal[:, : round((SECONDS + _FILTER_S) * recording.rate)]
    signals = tuple(_fit(resample(start, recording.rate, rate), SECONDS * rate) for rate in rates)
    changes = list[tuple[str, str]]()
    if recording.seconds > SECONDS + _SLACK_S:
        changes.append(("cut", f"Has {recording.seconds:.4g} s; the first {SECONDS} s are taken."))
    if recording.seconds < SECONDS - _SLACK_S:
        changes.append(("padded", f"Has {recording.seconds:.3g} s; the last values are kept to {SECONDS} s."))
    if any(np.abs(signal).max() >= _LIMIT / UNITS_PER_MV for signal in signals):
        changes.append(("clipped", f"Exceeds {_LIMIT / UNITS_PER_MV:.1f} mV, the most that a record can hold."))
    stored = tuple(np.rint(signal * UNITS_PER_MV).clip(-_LIMIT, _LIMIT).astype(np.int16) for signal in signals)
    digest = blake2b(b"".join(signal.tobytes() for signal in stored), digest_size=16).hexdigest()
    flat = all((signal == signal[:, :1]).all() for signal in stored)
    patient = recording.patient
    sex = _SEXES.get(patient.sex or "")
    return ReadRecord(
        stored,
        recording.seconds,
        tuple(changes),
        "" if flat else digest,
        patient.id,
        patient.age,
        sex,
        recording.device,
        codes,
    )


def _reader(options: ReadOptions) -> Callable[[str], ReadRecord]:
    # SciPy's memory must not count as the first recording's, or each recording would get a new process.
    resample(np.zeros((len(LEADS), 1000), np.float32), 1000, 100)

    def read_one(path: str) -> ReadRecord:
        recording = read(path, rate=options.table_rate, unit=options.unit, leads=options.leads)
        codes = _header_codes(Path(path), options.header_field) if options.header_field else None
        return make_record(recording, options.rates, codes)

    return read_one


def _header_codes(path: Path, field: str) -> frozenset[str] | None:
    header = main_file(path)
    if header.suffix.lower() != ".hea":
        return None
    with header.open("rb") as file:
        return header_codes(parse_header(file.read(MAX_HEADER)).comments, field)


def _fit(signal: Float32Array, samples: int) -> Float32Array:
    missing = samples - signal.shape[1]
    return np.pad(signal, ((0, 0), (0, missing)), mode="edge") if missing > 0 else signal[:, :samples]
