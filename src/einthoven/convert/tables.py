"""Write tables: CSV, NPY and Parquet. They hold the samples as single-precision numbers in mV, exactly."""

import io

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.convert.channels import all_leads
from einthoven.convert.encoded import Encoded
from einthoven.errors import EinthovenError, missing_extra
from einthoven.interpret.json_text import dumps
from einthoven.recording import Recording

_TIME = "time [s]"


def encode_csv(recording: Recording, name: str) -> Encoded:
    """Encode a recording as CSV: a column for the time, and one for each lead.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the file, without suffix.

    Returns
    -------
    Encoded
        NAME.csv.
    """
    columns = _columns(recording)
    rows = dumps(np.stack(list(columns.values()), axis=1))[2:-2].split(b"],[")  # the shortest text of each number
    times = dumps(_times(recording))[1:-1].split(b",")
    when = recording.recorded_at
    lines = [f"# recorded_at: {when.isoformat()}".encode()] if when else []
    lines.append(",".join([_TIME, *columns]).encode())
    lines += [time + b"," + row for time, row in zip(times, rows, strict=True)]
    return Encoded({f"{name}.csv": b"\n".join(lines) + b"\n"})


def encode_npy(recording: Recording, name: str) -> Encoded:
    """Encode the standard leads of a recording as a NumPy array.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the file, without suffix.

    Returns
    -------
    Encoded
        NAME.npy: float32 (leads, samples) in mV.
    """
    file = io.BytesIO()
    np.save(file, recording.signal)
    return Encoded({f"{name}.npy": file.getvalue()})


def encode_parquet(recording: Recording, name: str) -> Encoded:
    """Encode a recording as Parquet: a column for the time, and one for each lead.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the file, without suffix.

    Returns
    -------
    Encoded
        NAME.parquet.

    Raises
    ------
    EinthovenError
        If pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise EinthovenError(f"Parquet needs {missing_extra('pyarrow', 'parquet')}") from error
    file = io.BytesIO()
    columns: dict[str, Float32Array | Float64Array] = {_TIME: _times(recording), **_columns(recording)}
    parquet.write_table(pyarrow.table(columns), file)
    return Encoded({f"{name}.parquet": file.getvalue()})


def _columns(recording: Recording) -> dict[str, Float32Array]:
    """Return the samples of each lead in mV, by the name of their column."""
    return {f"{name} [mV]": values for name, values in all_leads(recording).items()}


def _times(recording: Recording) -> Float64Array:
    return np.arange(recording.signal.shape[1]) / recording.rate
