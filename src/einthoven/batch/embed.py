"""Embeddings of many recordings, as arrays or a table with a row for each segment."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.batch.outputs import refuse_overwriting
from einthoven.errors import EinthovenError, RecordingError, ShortageError
from einthoven.files import atomic_write
from einthoven.interpret.interpreter import Interpreter
from einthoven.progress import progress
from einthoven.readers import read

ENDINGS = (".npz", ".parquet")


class _Row(NamedTuple):
    """The columns of the file."""

    source: str
    segment: int
    error: str
    embedding: Float32Array


def embed_files(sources: Sequence[str], interpreter: Interpreter, out: Path, **read_options: Any) -> list[str]:
    """Write the embeddings of recordings.

    The file has the columns `source`, `segment` (from 0), `embedding` and `error`. A segment that is unfit for
    interpretation has an embedding of NaN. A recording that cannot be read has one row, with the error.

    Parameters
    ----------
    sources
        Paths of recordings.
    interpreter
        Interpreter whose bundle computes the embeddings.
    out
        The new file, .npz or .parquet.
    **read_options
        Keyword arguments of `einthoven.read`.

    Returns
    -------
    list of str
        The errors.

    Raises
    ------
    EinthovenError
        If the bundle has no embedding, or the file cannot be written.
    """
    if out.suffix not in ENDINGS:
        raise EinthovenError(f"has the suffix {out.suffix!r}; choose {' or '.join(ENDINGS)}.", out)
    refuse_overwriting([out], sources)
    dimension = interpreter.bundle.embedding_dimension
    rows = list[_Row]()
    with atomic_write(out) as path:
        with progress() as bar:
            for source in bar.track(sources, description="Embedding"):
                rows += _rows(source, interpreter, dimension, read_options)
        table = {name: [getattr(row, name) for row in rows] for name in _Row._fields}
        with path.open("wb") as file:
            if out.suffix == ".npz":
                arrays: dict[str, Any] = {name: np.array(values) for name, values in table.items()}
                np.savez(file, **arrays, model=np.array(str(interpreter.model)))
            else:
                import pyarrow as pa
                import pyarrow.parquet as pq

                types = (pa.string(), pa.int64(), pa.string(), pa.list_(pa.float32(), dimension))
                schema = pa.schema(list(zip(table, types, strict=True)), metadata={"model": str(interpreter.model)})
                pq.write_table(pa.table(table, schema), file)
    return [row.error for row in rows if row.error]


def _rows(source: str, interpreter: Interpreter, dimension: int, read_options: dict[str, Any]) -> Iterator[_Row]:
    """Yield a row for each segment of a recording, or one with its error."""
    try:
        embeddings = interpreter.embed(read(source, **read_options))
    except ShortageError:
        raise
    except RecordingError as error:
        unread = np.full(dimension, np.nan, np.float32)
        yield _Row(source, 0, str(error), unread)
        return
    for segment, embedding in enumerate(embeddings):
        yield _Row(source, segment, "", embedding)
