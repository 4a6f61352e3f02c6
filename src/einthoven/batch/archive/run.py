"""Interpret an archive: plan, shards, manifest."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from einthoven import __version__
from einthoven.batch.archive import ray_engine
from einthoven.batch.archive.plan import PATH, Plan, from_manifest, list_recordings, open_plan
from einthoven.batch.archive.shards import ShardWriter
from einthoven.batch.archive.store import Store
from einthoven.batch.interpret import InterpretOptions
from einthoven.errors import EinthovenError, ShortageError
from einthoven.interpret.json_text import dumps_pretty
from einthoven.limits import Limits
from einthoven.model.bundle_files import MODEL, bundle_folder
from einthoven.model.card import Card
from einthoven.progress import progress
from einthoven.report.rows import columns
from einthoven.terminal import print_escaped

MANIFEST = "_manifest.json"
_FRUITLESS_ROUNDS = 3  # in a row, after which the run stops
_THREADS = 16


def run_archive(
    sources: Sequence[str],
    options: InterpretOptions,
    out: str,
    *,
    manifest: str | None = None,
    address: str | None = None,
    workers: int | None = None,
    shard_size: int = 1000,
    limits: Limits | None = None,
) -> int:
    """Interpret an archive with Ray. After any interruption, the same call resumes.

    Parameters
    ----------
    sources
        Paths, patterns and URLs; with a manifest, at most one, which its paths are relative to.
    options
        Settings for reading and interpreting recordings.
    out
        Folder or URL for the shards.
    manifest
        Parquet file with the column `path`; other columns are copied to the answers.
    address
        Address of a Ray cluster; None for this machine.
    workers
        Number of worker processes; None for one per CPU.
    shard_size
        Recordings in a shard.
    limits
        Limits of each recording; None for the defaults.

    Returns
    -------
    int
        1 if some recordings failed, otherwise 0.

    Raises
    ------
    EinthovenError
        If an option is wrong, or the output belongs to another run.
    ShortageError
        If a store or the cluster fails; the same call resumes.
    """
    card, store = Card.read(bundle_folder(options.model)), Store(out)
    options = replace(options, rows=True)
    recordings = from_manifest(manifest, next(iter(sources), None)) if manifest else list_recordings(sources)
    run = options.run_key | {
        "model": card.files[MODEL],
        "einthoven": __version__,
        "sources": list(sources),
        "manifest": manifest,
        "shard_size": shard_size,
    }
    plan = open_plan(store, run, recordings, shard_size)
    _check_keys(plan, card)
    url = str(Path(out).absolute()) if store.local else out  # another node may have another working directory
    writer = ShardWriter(url, tuple(plan.shards), options, limits or Limits(), str(Path.cwd()))
    _make_missing(plan, writer, address, workers)
    rows, failed = _write_manifest(plan, card)
    if failed:
        print_escaped(f"{failed} of {rows} recordings failed; the column `error` has the reasons.", sys.stderr)
    return int(bool(failed))


def _check_keys(plan: Plan, card: Card) -> None:
    """Refuse own keys that would be columns of the answers a second time."""
    keys = set(plan.recordings(0).column_names) - {PATH}
    if taken := keys & set(columns(card)):
        raise EinthovenError(
            f"The manifest has columns that the answers have too ({', '.join(sorted(taken))}); rename them, and choose "
            "another --out."
        )


def _make_missing(plan: Plan, writer: ShardWriter, address: str | None, workers: int | None) -> None:
    """Make all missing shards. Each round covers all of them; shards lost with a node are made in the next round."""
    done = plan.done()
    if len(done) == len(plan.shards):
        return
    ray_engine.start(address, workers)
    fruitless, reason = 0, ""
    try:
        with progress() as bar:
            task = bar.add_task("Shards", total=len(plan.shards), completed=len(done))
            while missing := [k for k, name in enumerate(plan.shards) if name not in done]:
                for error in ray_engine.make_shards(writer, missing, workers):
                    reason = error or reason
                    bar.advance(task, not error)
                before, done = done, plan.done()
                bar.update(task, completed=len(done))
                fruitless = fruitless + 1 if done == before else 0
                if fruitless == _FRUITLESS_ROUNDS or (fruitless and reason):
                    raise ShortageError(
                        f"{len(done)} of {len(plan.shards)} shards are done, and the others failed: "
                        f"{reason or 'their nodes were lost'} The same command resumes."
                    )
    finally:
        ray_engine.stop()


def _write_manifest(plan: Plan, card: Card) -> tuple[int, int]:
    """Write the contents of the shards as they state them; return the number of rows and of failures."""

    def count(name: str) -> dict[str, object]:
        with plan.store.open(name) as file:
            metadata = pq.read_metadata(file)
        index = metadata.schema.names.index("error")
        groups = [metadata.row_group(k).column(index).statistics for k in range(metadata.num_row_groups)]
        failed = metadata.num_rows - sum(statistics.null_count for statistics in groups)
        return {"file": name, "rows": metadata.num_rows, "failed": failed}

    with ThreadPoolExecutor(_THREADS) as threads:
        shards = list(threads.map(count, plan.shards))
    rows, failed = (sum(int(str(shard[name])) for shard in shards) for name in ("rows", "failed"))
    model = {"name": card.name, "version": card.version, "sha256": card.files[MODEL]}
    facts = {"einthoven": __version__, "model": model, "rows": rows, "failed": failed, "shards": shards}
    plan.store.write(MANIFEST, dumps_pretty(facts))
    return rows, failed
