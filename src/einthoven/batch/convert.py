"""Convert many files in worker processes, with limits on each file, and with resume."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from einthoven import __version__
from einthoven.batch.checkpoint import Checkpoint, checkpoint_path
from einthoven.batch.interpret import group_sources, run_groups
from einthoven.batch.outcome import result_or_failure
from einthoven.batch.outputs import refuse_collisions, refuse_overwriting
from einthoven.batch.run import complete
from einthoven.batch.targets import Targets
from einthoven.convert.anonymize import anonymize, content_name, key_check
from einthoven.convert.formats import FORMATS
from einthoven.convert.write import write_as
from einthoven.errors import EinthovenError
from einthoven.files import remove_parts, write_text
from einthoven.interpret.interpretation import Failure
from einthoven.interpret.json_text import dumps, loads
from einthoven.limits import Limits
from einthoven.readers import read
from einthoven.readers.sources import STDIN, shown_source
from einthoven.recording import LEADS, Recording
from einthoven.report.csv_lines import csv_line
from einthoven.report.rows import Row
from einthoven.terminal import print_escaped
from einthoven.text import path_text
from einthoven.workers import Worker, cpu_count, prepare

PRELOAD = ("einthoven.batch.convert", "einthoven.readers")
"""Modules that every worker imports."""
_LIST = ("source", "output", "not_kept", "error")


@dataclass(frozen=True)
class ConvertOptions:
    """Options for reading and writing files."""

    targets: Targets
    anonymous: bool = False
    """Leave out what identifies the patient; in a folder, the names of files too."""
    key: bytes | None = None
    """The key of pseudonyms, with `anonymous`."""
    rate: float | None = None
    """Sampling rate in Hz of tables that do not state it."""
    unit: str | None = None
    """Unit of tables that do not state it: nV, uV, mV or V."""
    leads: Sequence[str] | None = None
    """Leads of a table's columns."""
    scale: str | None = None
    """Scale of WFDB records, instead of the gains in their headers."""
    follow_links: bool = False
    """Whether the signal files of a WFDB record may be links to another folder."""
    start_s: float | None = None
    """Start of the part to convert in s; None for the start of the recording."""
    end_s: float | None = None
    """End of the part to convert in s; None for the end of the recording."""
    stdin: bytes = field(default=b"", repr=False)
    """Content of the source STDIN."""


def convert_files(
    sources: Sequence[str], options: ConvertOptions, workers: int | None = None, limits: Limits | None = None
) -> Iterator[bytes]:
    """Convert files in worker processes.

    Parameters
    ----------
    sources
        Paths of recordings.
    options
        Settings for reading and writing files.
    workers
        Number of processes; None for one per CPU.
    limits
        CPU time and memory that each file may take; None for the defaults.

    Yields
    ------
    bytes
        JSON for each source, in order: a Failure, or an object with `output`, the path of the written file, and
        `not_kept`, the facts that its format cannot hold.

    Raises
    ------
    ShortageError
        If the machine lacks disk, memory or processes. Files without a result can be converted later.
    """
    if not sources:  # a resumed run that was complete
        return
    begin, limits = partial(_load_converter, options), limits or Limits()
    if len(sources) == 1 and not workers:
        yield from run_groups([tuple(sources)], [Worker(begin, limits, fork=True)])
        return
    prepare(*PRELOAD)
    count = min(workers or cpu_count(), len(sources))
    yield from run_groups(group_sources(sources, count), [Worker(begin, limits) for _ in range(count)])


def _load_converter(options: ConvertOptions) -> Callable[[Sequence[str]], list[bytes]]:
    """Return a function that converts files. Each worker calls this once."""
    format = FORMATS[options.targets.format]

    names = ("rate", "unit", "leads", "scale", "follow_links", "start_s", "end_s")
    read_options: dict[str, Any] = {name: getattr(options, name) for name in names}

    def convert(source: str) -> dict[str, Any]:
        recording = read(options.stdin if source == STDIN else source, **read_options)
        path = options.targets.path_for(source)
        if options.anonymous:
            recording = anonymize(recording, options.key)
            if options.targets.base is not None:
                path = Path(options.targets.path, content_name(recording) + format.suffix)
        not_kept = write_as(recording, path, format)
        return {"output": path_text(str(path)), "not_kept": not_kept}

    def to_json(source: str) -> bytes:
        result = result_or_failure(shown_source(source), convert, source)
        return dumps(result.to_dict() if isinstance(result, Failure) else result)

    return lambda sources: list(map(to_json, sources))


def run_convert(
    sources: Sequence[str],
    options: ConvertOptions,
    list_path: Path | None = None,
    workers: int | None = None,
    limits: Limits | None = None,
) -> int:
    """Convert files, and print what could not be converted or kept.

    If the run is interrupted, the same call resumes; OUT.part lists the files that are done.

    Parameters
    ----------
    sources
        Paths of recordings.
    options
        Settings for reading and writing files.
    list_path
        Path of a table of sources and outputs to write; None for no table.
    workers
        Number of processes; None for one per CPU.
    limits
        CPU time and memory that each file may take; None for the defaults.

    Returns
    -------
    int
        1 if some files failed, otherwise 0.

    Raises
    ------
    EinthovenError
        If an option is wrong, or the only file failed.
    ShortageError
        If the machine lacks disk, memory or processes.
    """
    out, format = Path(options.targets.path), FORMATS[options.targets.format]
    format.encode(Recording(np.zeros((len(LEADS), 1000), np.float32), 500, LEADS), "test")  # are its packages here?
    if not (options.anonymous and options.targets.base):
        refuse_collisions([options.targets.path_for(source) for source in sources], sources)
    refuse_overwriting([checkpoint_path(out), *([list_path] if list_path else [])], sources)
    settings = asdict(replace(options, key=None, stdin=b"")) | {"einthoven": __version__}
    settings["key"] = key_check(options.key) if options.key else None
    settings["stdin"] = blake2b(options.stdin, digest_size=16).hexdigest() if options.stdin else None
    settings["targets"]["ambiguous"] = sorted(map(path_text, options.targets.ambiguous))
    checkpoint = Checkpoint(out, settings)
    complete(checkpoint, sources, lambda missing: convert_files(missing, options, workers, limits), "Converting")
    results = [loads(result) for result in checkpoint.results(sources)]
    if list_path:
        write_text(list_path, _list(sources, results))
    if options.targets.base is not None:
        remove_parts(out)  # of workers that were killed
    checkpoint.remove()
    failures = [Failure.from_dict(result) for result in results if "error" in result]
    if failures and len(sources) == 1:
        raise EinthovenError(str(failures[0]))
    _print_not_kept(results, format.label)
    for failure in failures:
        print_escaped(f"Failed: {failure}", sys.stderr)
    done = f"{len(sources) - len(failures)} of {len(sources)} recordings" if failures else f"{len(sources)} recordings"
    if len(sources) > 1:
        print_escaped(f"Converted {done} to {format.label} in {out}.", sys.stderr)
    return int(bool(failures))


def _print_not_kept(results: Sequence[dict[str, Any]], label: str) -> None:
    """Print the facts that the format cannot hold, each kind once."""
    counts = Counter(fact for result in results for fact in result.get("not_kept", ()))
    facts = [fact if len(results) == 1 else f"{fact} ({count:,})" for fact, count in counts.items()]
    if facts:
        of = "" if len(results) == 1 else " (number of recordings)"
        print_escaped(f"Not kept, because {label} cannot hold it{of}: {'; '.join(facts)}.", sys.stderr)


def _list(sources: Sequence[str], results: Sequence[dict[str, Any]]) -> str:
    rows: list[Row] = [dict(zip(_LIST, _LIST, strict=True))]
    for source, result in zip(sources, results, strict=True):
        not_kept = "; ".join(result.get("not_kept", ()))
        reason = Failure.from_dict(result).reason if "error" in result else ""
        values = (path_text(source), result.get("output", ""), not_kept, reason)
        rows.append(dict(zip(_LIST, values, strict=True)))
    return "".join(csv_line(row, _LIST) for row in rows)
