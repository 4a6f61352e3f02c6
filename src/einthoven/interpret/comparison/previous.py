"""Read the previous ECG: a recording, or the JSON of its interpretation."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.errors import EinthovenError, RecordingError, ShortageError
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.json_text import loads
from einthoven.readers import read
from einthoven.recording import Recording
from einthoven.text import path_text

if TYPE_CHECKING:
    from einthoven.interpret.interpreter import Interpreter


def read_previous(
    source: str | bytes | Mapping[str, bytes], interpreter: "Interpreter", name: str = "", **table: Any
) -> Recording | Interpretation:
    """Read a previous ECG.

    Parameters
    ----------
    source
        Path or content of a recording, the files of a WFDB record by name, or path or content of the JSON that
        `einthoven interpret --format json` writes.
    interpreter
        Interpreter that must be able to interpret the recording.
    name
        Name of the source, if `source` is its content.
    **table
        Options of `einthoven.read` for tables.

    Returns
    -------
    Recording or Interpretation
        The recording or interpretation, with its source.

    Raises
    ------
    EinthovenError
        If it cannot be read or interpreted; the message says that it is about the previous ECG.
    """
    name = name or path_text(str(source))
    try:
        interpretation = _interpretation(source)
        if interpretation:
            return interpretation
        recording = replace(read(source, **table), source=name)
        interpreter.check(recording)
        return recording
    except ShortageError:
        raise
    except EinthovenError as error:
        reason = error.reason if isinstance(error, RecordingError) else str(error)
        raise EinthovenError(f"cannot be used as the previous ECG: {reason}", name) from error.__cause__


def _interpretation(source: str | bytes | Mapping[str, bytes]) -> Interpretation | None:
    """Return the interpretation if `source` is its JSON, else None."""
    content = _json(source)
    if not content:
        return None
    with suppress(ValueError):
        fields = loads(content)
        if isinstance(fields, dict) and "schema_version" in fields:
            return Interpretation.from_dict(fields)
        if isinstance(fields, dict) and "error" in fields:
            raise EinthovenError("it is the result of a file that could not be read; give the recording instead.")
    return None


def _json(source: str | bytes | Mapping[str, bytes]) -> bytes:
    """Return the content of a source that is a JSON object; nothing for other sources."""
    if isinstance(source, Mapping):
        source = next(iter(source.values())) if len(source) == 1 else b""
    if isinstance(source, bytes):
        return source if source[:64].lstrip().startswith(b"{") else b""
    with suppress(OSError, ValueError), Path(source).open("rb") as file:
        if file.read(64).lstrip().startswith(b"{"):
            return Path(source).read_bytes()
    return b""
