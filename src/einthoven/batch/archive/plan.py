"""The plan of a run: all recordings in order, and the shard that each belongs to."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from einthoven.batch.archive.store import Store
from einthoven.batch.sources import find_sources, is_named_as_recording
from einthoven.errors import EinthovenError
from einthoven.interpret.json_text import canonical, loads
from einthoven.readers.remote import is_url
from einthoven.readers.sources import SIGNALS
from einthoven.text import path_text

PLAN = "_plan/recordings.parquet"
"""Path of the plan, in a folder of its own, so that *.parquet are the answers."""
PATH = "path"
"""The column of a manifest that names the recordings; all others are the user's own keys."""
_RUN, _SHARDS = b"einthoven_run", b"einthoven_shards"


@dataclass(frozen=True)
class Plan:
    """The recordings of a run. They stay in the file, because an archive may have many millions."""

    store: Store
    """Store of the plan and the answers."""
    shards: Sequence[str]
    """Names of the shards; shard k is row group k of the plan."""

    def recordings(self, shard: int) -> pa.Table:
        """Read the recordings of one shard.

        Parameters
        ----------
        shard
            Index of the shard.

        Returns
        -------
        pyarrow.Table
            Recordings with the column PATH and the user's own keys.
        """
        with self.store.open(PLAN) as file:
            return pq.ParquetFile(file).read_row_group(shard)

    def done(self) -> set[str]:
        """Return the shards that exist.

        Returns
        -------
        set of str
            Names of the shards.
        """
        return set(self.shards) & set(self.store.names())


def open_plan(store: Store, run: dict[str, Any], recordings: Iterator[pa.Table], shard_size: int) -> Plan:
    """Read the plan of a run, or write it.

    Parameters
    ----------
    store
        The output.
    run
        Settings that must be the same for a run to resume, as JSON values.
    recordings
        One table, which is computed only for a new plan.
    shard_size
        Recordings in a shard.

    Returns
    -------
    Plan
        Plan that is complete in the store.

    Raises
    ------
    EinthovenError
        If the output belongs to another run, or has other files but no plan.
    """
    text = canonical(run)
    if not store.exists(PLAN):
        if any(name.endswith(".parquet") for name in store.names()):
            raise EinthovenError("has Parquet files of something else; choose an empty --out.", store.url)
        store.write(PLAN, _plan_bytes(text, next(recordings), shard_size))
    with store.open(PLAN) as file:
        try:
            metadata = pq.read_schema(file).metadata or {}
            known, shards = metadata[_RUN].decode(), loads(metadata[_SHARDS])
        except (KeyError, ValueError, pa.ArrowInvalid):
            raise EinthovenError("is not a plan of Einthoven; choose an empty --out.", f"{store.url}/{PLAN}") from None
    if known != text:
        raise EinthovenError(
            "belongs to a run with other recordings, another model or other options; choose another --out.", store.url
        )
    return Plan(store, shards)


def _plan_bytes(run: str, recordings: pa.Table, shard_size: int) -> bytes:
    starts = range(0, len(recordings), shard_size)
    shards = [_shard_name(k, run, recordings.slice(start, shard_size)) for k, start in enumerate(starts)]
    metadata = {_RUN: run.encode(), _SHARDS: canonical(shards).encode()}
    file = io.BytesIO()
    pq.write_table(recordings.replace_schema_metadata(metadata), file, row_group_size=shard_size, compression="zstd")
    return file.getvalue()


def _shard_name(index: int, run: str, recordings: pa.Table) -> str:
    content = repr((run, recordings.to_pydict())).encode("utf-8", "surrogateescape")
    return f"answers-{index:06d}-{blake2b(content, digest_size=8).hexdigest()}.parquet"


def list_recordings(sources: Sequence[str]) -> Iterator[pa.Table]:
    """List the recordings of folders and files.

    Parameters
    ----------
    sources
        Paths and patterns as for a local run, and URLs of folders or files.

    Yields
    ------
    pyarrow.Table
        One table, with the column PATH.

    Raises
    ------
    EinthovenError
        If a source contains no recordings.
    """
    paths = dict.fromkeys(path for source in sources for path in _list_source(source))
    yield pa.table({PATH: pa.array(map(path_text, paths), pa.string())})


def _list_source(source: str) -> list[str]:
    if not is_url(source):
        return find_sources([source]).files
    store = Store(source)
    names = store.names()
    if not names and store.exists(""):
        return [source]
    recordings = [name for name in names if is_named_as_recording(PurePosixPath(name))]
    if not recordings:
        raise EinthovenError("contains no recordings; check the URL and the credentials in your environment.", source)
    return [f"{store.url}/{name}" for name in _without_segments(store, recordings, set(names))]


def _without_segments(store: Store, recordings: list[str], names: set[str]) -> Iterator[str]:
    """Yield the recordings that are not segments of a WFDB record of several.

    Only a header without signals next to it can list segments: few are read.
    """
    segments = set[str]()
    for name in recordings:
        stem = name.removesuffix(".hea")
        if stem != name and not any(stem + ending in names for ending in SIGNALS):
            segments |= store.segments(name)
    yield from (name for name in recordings if name not in segments)


def from_manifest(path: str, base: str | None) -> Iterator[pa.Table]:
    """Read the recordings of a manifest.

    Parameters
    ----------
    path
        A Parquet file with the column PATH.
    base
        Folder or URL to which paths are relative; None for absolute paths and URLs.

    Yields
    ------
    pyarrow.Table
        One table, with the column PATH and all others of the manifest.

    Raises
    ------
    EinthovenError
        If the manifest is not readable, or a path is missing.
    """
    store = Store(path.rpartition("/")[0] or ".")
    try:
        with store.open(path.rpartition("/")[2]) as file:
            table = pq.read_table(file)
    except pa.ArrowInvalid as error:
        raise EinthovenError("is not a Parquet file; write one with a column `path`.", path) from error
    if PATH not in table.column_names or not len(table):
        raise EinthovenError("has no rows with a column `path`; add the paths of the recordings.", path)
    paths = table[PATH].cast(pa.string()).to_pylist()
    if None in paths:
        raise EinthovenError(f"has no path in row {paths.index(None) + 1}; fill the column `path`.", path)
    full = [
        name if not base or is_url(name) or Path(name).is_absolute() else f"{base.rstrip('/')}/{name}" for name in paths
    ]
    yield table.set_column(table.column_names.index(PATH), PATH, pa.array(full, pa.string()))
