"""Interpret the recordings of one shard, and write it whole."""

import io
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from einthoven.batch.archive.plan import PATH, Plan
from einthoven.batch.archive.store import Store
from einthoven.batch.interpret import InterpretOptions, group_by_size, run_groups, warm_worker
from einthoven.batch.outcome import row_from_json
from einthoven.limits import Limits
from einthoven.model.bundle_files import bundle_folder
from einthoven.model.card import Card
from einthoven.readers.remote import is_url
from einthoven.report.formats import table_schema
from einthoven.report.rows import Row

_THREADS = 16  # requests in progress, so that a worker need not wait for the store
_AHEAD = 64  # recordings on the disk, at most


@dataclass(frozen=True)
class ShardWriter:
    """Settings for making shards; can be sent to another machine."""

    out: str
    """URL of the output."""
    shards: tuple[str, ...]
    """Names of all shards."""
    options: InterpretOptions
    limits: Limits
    folder: str
    """Base folder of relative local paths."""


class ShardWorker:
    """Makes shards one after the other with one worker process, which holds one ONNX session and obeys the limits.

    Parameters
    ----------
    writer
        Settings for making shards.
    """

    def __init__(self, writer: ShardWriter) -> None:
        self._folder = Path(writer.folder)
        self._plan = Plan(Store(writer.out), writer.shards)
        self._schema = table_schema(Card.read(bundle_folder(writer.options.model)))
        self._worker = warm_worker(writer.options, writer.limits)
        self._threads = ThreadPoolExecutor(_THREADS)

    def make(self, shard: int) -> None:
        """Interpret the recordings of a shard, and write it, unless it exists.

        Parameters
        ----------
        shard
            Index of the shard.

        Raises
        ------
        EinthovenError
            If the output or a store fails; ShortageError if a later try can succeed.
        """
        name, recordings = self._plan.shards[shard], self._plan.recordings(shard)
        if not self._plan.store.exists(name):
            rows = list(self._rows(recordings[PATH].to_pylist()))
            self._plan.store.write(name, _shard_bytes(rows, recordings, self._schema))

    def stop(self) -> None:
        """End the worker process."""
        self._worker.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _rows(self, paths: list[str]) -> Iterator[Row]:
        with tempfile.TemporaryDirectory(prefix="einthoven-") as temporary:
            fetched = _ahead(self._threads, paths, Path(temporary), self._folder)
            outcomes = run_groups(group_by_size(map(str, fetched)), [self._worker], keep=True)
            for k, (path, outcome) in enumerate(zip(paths, outcomes, strict=True)):
                shutil.rmtree(Path(temporary) / str(k), ignore_errors=True)
                yield row_from_json(outcome) | {"source": path}


def _ahead(threads: ThreadPoolExecutor, paths: list[str], temporary: Path, folder: Path) -> Iterator[Path]:
    """Yield the local file of each recording; threads fetch the next ones."""
    futures = deque[Future[Path]]()
    remaining = iter(enumerate(paths))
    while True:
        for k, path in islice(remaining, _AHEAD - len(futures)):
            futures.append(threads.submit(_fetch, path, temporary / str(k), folder))
        if not futures:
            return
        yield futures.popleft().result()


def _fetch(path: str, temporary: Path, folder: Path) -> Path:
    if not is_url(path):
        return folder / path
    temporary.mkdir()
    parent, _, name = path.rpartition("/")
    return _store(parent).fetch_recording(name, temporary)


@lru_cache(1000)
def _store(url: str) -> Store:
    return Store(url)


def _shard_bytes(rows: list[Row], recordings: pa.Table, schema: pa.Schema) -> bytes:
    """Return the content of a shard: the columns of a local table, then the user's own keys."""
    table = pa.Table.from_pylist(rows, schema)
    for name in recordings.column_names:
        if name != PATH:
            table = table.append_column(recordings.schema.field(name), recordings[name])
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()
