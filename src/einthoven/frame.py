"""Interpretations as a pandas DataFrame."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from einthoven.errors import RecordingError, ShortageError
from einthoven.interpret.interpretation import Failure, Result
from einthoven.interpret.interpreter import Interpreter
from einthoven.progress import progress
from einthoven.readers import read
from einthoven.recording import Recording
from einthoven.report.rows import as_row, columns

_TYPES = {str: "str", float: "float64", bool: "boolean"}


def interpretation_frame(interpreter: Interpreter, recordings: Iterable[Recording | str | Path]) -> pd.DataFrame:
    """Interpret recordings, and return the rows that `einthoven interpret --format csv` writes.

    Parameters
    ----------
    interpreter
        Interprets them.
    recordings
        Recordings, or paths of files to read.

    Returns
    -------
    DataFrame
        A row for each. If a recording cannot be read or interpreted, its row has `source` and `error`.
    """
    kinds = columns(interpreter.bundle.card)
    with progress() as bar:
        tracked = bar.track(recordings, description="Interpreting")
        rows = [as_row(_result(interpreter, recording)) for recording in tracked]
    types = {name: _TYPES[kind] for name, kind in kinds.items()}
    return pd.DataFrame(rows, columns=list(kinds)).astype(types)


def _result(interpreter: Interpreter, recording: Recording | str | Path) -> Result:
    try:
        return interpreter(recording if isinstance(recording, Recording) else read(recording))
    except ShortageError:
        raise
    except RecordingError as error:
        return Failure.from_error(recording.source if isinstance(recording, Recording) else str(recording), error)
