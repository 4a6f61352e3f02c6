"""Detect a table that holds several recordings, one below the other: a key changes, or a count or the time restarts."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from einthoven.arrays import Float64Array, IndexArray
from einthoven.errors import RecordingError

MAX_COLUMNS = 8
"""Columns without leads that are examined; those named like a key first."""
_MIN_ROWS = 100
"""Rows of a recording: 2.5 s at the lowest rate take more."""
_KEY = re.compile(
    r"(?:e[ck]g|rec(?:ord(?:ing)?)?|pat(?:ient)?|pid|subject|study|case|exam(?:ination)?|file|source|series|visit|person"
    r"|encounter|admission|stay|hadm|session|trial|dataset|sop|instance|mrn|fname|hash|md5|sha256"
    r"|datei|aufnahme|aufzeichnung|messung|untersuchung|fall|fichier|enregistrement|archivo|registro|paciente)?s?"
    r"(?:id|uid|uuid|instanceuid|no|nr|num|number|name|key|path|index|idx)?"
)
_TIME = re.compile(r"time|date|day|hour|min(?:ute)?s?|sec(?:ond)?s?|epoch")


def is_key(name: str) -> bool:
    """Return whether a column has the name of a key that identifies recordings.

    Parameters
    ----------
    name
        Name such as "ecg_id", "Patient ID" or "filename".

    Returns
    -------
    bool
        True also for "id" alone.
    """
    compact = re.sub(r"[\W_]", "", name[:50].lower())
    return bool(compact and _KEY.fullmatch(compact))


def refuse_several(name: str, values: Float64Array) -> None:
    """Refuse a table whose column shows that it holds several recordings.

    Parameters
    ----------
    name
        Name of a column that is neither a lead nor the time.
    values
        Numbers in the column, or a number for each different text, shape (rows,).

    Raises
    ------
    RecordingError
        If the column is a key that changes, or a count that starts again.
    """
    if len(values) < 2 * _MIN_ROWS:
        return
    same = (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
    starts = np.flatnonzero(~same) + 1
    lengths = np.diff(starts, prepend=0, append=len(values))
    if 1 < len(lengths) <= len(values) / _MIN_ROWS and (is_key(name) or _equal_blocks(name, values, starts, lengths)):
        raise _several("a column that identifies recordings changes", int(starts[0]))
    if len(starts) == len(values) - 1 and (restart := _restart(values)):
        raise _several("a column that counts the rows starts again", restart)


def refuse_blocks(lines: Sequence[str]) -> None:
    """Refuse a text with an empty line between long blocks of rows.

    Parameters
    ----------
    lines
        Lines of the text.

    Raises
    ------
    RecordingError
        If there are several blocks.
    """
    empty = [k for k, line in enumerate(lines) if not line.strip()]
    blocks = [end for start, end in pairwise([-1, *empty, len(lines)]) if end - start > _MIN_ROWS]
    if len(blocks) > 1:
        raise _several("an empty line follows the rows", blocks[0])


def refuse_restart(times: Float64Array, min_rows: float = _MIN_ROWS) -> None:
    """Refuse a table whose time starts again.

    Parameters
    ----------
    times
        Times in any unit, shape (rows,).
    min_rows
        Rows before it starts again that make a recording.

    Raises
    ------
    RecordingError
        If it does.
    """
    back = np.flatnonzero(np.diff(times) < 0) + 1
    if len(back) and np.diff(back, prepend=0).min() >= min_rows:
        raise _several("its time starts again", int(back[0]))


def _equal_blocks(name: str, values: Float64Array, starts: IndexArray, lengths: IndexArray) -> bool:
    """Return whether a column without a key's name is a key: blocks of one length, each of another value."""
    firsts = values[np.concatenate([[0], starts])]
    different = len(np.unique(firsts)) == len(firsts) and not np.isnan(firsts).any()
    return bool(different and (lengths == lengths[0]).all() and not _TIME.search(name.lower()))


def _restart(values: Float64Array) -> int:
    """Return the row in which a count begins again; 0 if the values are not a count or begin once."""
    steps = np.diff(values)
    back = np.flatnonzero(steps < 0) + 1
    if not len(back) or len(back) > len(values) / _MIN_ROWS:
        return 0
    others = np.delete(steps, back - 1)
    counts = bool((others == others[0]).all()) and bool((values[back] == values[0]).all())
    return int(back[0]) if counts else 0


def _several(how: str, row: int) -> RecordingError:
    return RecordingError(
        f"holds several recordings, one below the other: {how} in row {row + 1:,}; save each in a file of its own."
    )
