"""Any recorder's file as a Recording."""

from collections.abc import Sequence
from os import PathLike, fspath

import numpy as np

from einthoven.errors import EinthovenError, RecordingError, shortage
from einthoven.files import explain
from einthoven.readers.formats import find
from einthoven.readers.shape import make_recording
from einthoven.readers.sources import Files, Source, open_source
from einthoven.readers.tables import Options
from einthoven.recording import Recording
from einthoven.text import printable

__all__ = ["read"]


def read(
    source: Source, *, rate: float | None = None, unit: str | None = None, leads: Sequence[str] | None = None
) -> Recording:
    """Read one ECG, whatever its format; the content tells which it is.

    `source` is a path (of a WFDB record also its stem or its signal file), the bytes of a file, or `{name: bytes}` for
    the files of one WFDB record. Tables (CSV, NPY, Parquet) that do not say them need `rate` in Hz, `unit` (nV, uV, mV,
    V) and `leads`, the names of their columns in order.

    Raises RecordingError, one sentence that names the source, for everything that is not an ECG that can be trusted;
    ShortageError if the machine lacks what reading needs. How much CPU time and memory it takes is not limited.
    """
    name = fspath(source) if isinstance(source, str | PathLike) else "recording"
    try:
        name, files = open_source(source)
        return _read(files, Options(rate, unit, leads), name)
    except RecordingError as error:
        raise RecordingError(printable(error.reason), name) from error.__cause__


def _read(files: Files, options: Options, name: str) -> Recording:
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # of what is no ECG; make_recording judges the outcome
            tracing = find(files, options)
        return make_recording(tracing, name)
    except EinthovenError:
        raise
    except MemoryError as error:
        raise RecordingError("is too large for the memory; cut the recording into parts.") from error
    except Exception as error:  # the last net: a program that reads thousands of files must not end by one of them
        if isinstance(error, OSError) and shortage(error):
            raise explain(error) from error
        raise RecordingError(f"is damaged in an unexpected way ({type(error).__name__}).") from error
