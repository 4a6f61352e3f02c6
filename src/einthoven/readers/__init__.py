"""Any recorder's file as a Recording."""

from collections.abc import Sequence
from os import PathLike

from einthoven.errors import RecordingError
from einthoven.readers.formats import find
from einthoven.readers.names import printable
from einthoven.readers.shape import make_recording
from einthoven.readers.sources import Source, open_source
from einthoven.readers.tables import Options
from einthoven.recording import Recording

__all__ = ["read"]


def read(
    source: Source, *, rate: float | None = None, unit: str | None = None, leads: Sequence[str] | None = None
) -> Recording:
    """Read one ECG, whatever its format; the content tells which it is.

    `source` is a path (of a WFDB record also its stem or its signal file), the bytes of a file, or `{name: bytes}` for
    the files of one WFDB record. Tables (CSV, NPY, Parquet) that do not say them need `rate` in Hz, `unit` (nV, uV, mV,
    V) and `leads`, the names of their columns in order.

    Raises RecordingError, one sentence that names the source, for everything that is not an ECG that can be trusted.
    """
    name = str(source) if isinstance(source, str | PathLike) else "recording"
    try:
        name, files = open_source(source)
        return make_recording(find(files, Options(rate, unit, leads)), name)
    except RecordingError as error:
        raise RecordingError(printable(f"{name}: {error}")) from error.__cause__
    except (MemoryError, RecursionError) as error:
        raise RecordingError(f"{name}: is too large or too deeply nested to be read.") from error
