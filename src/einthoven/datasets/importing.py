"""Import recordings and their labels as a data set."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from einthoven import __version__
from einthoven.datasets.import_report import ImportReport, nothing_imported, write_report
from einthoven.datasets.imported import DESCRIPTION, FIRST_COLUMNS, FORMAT, RECORDS, REPORT
from einthoven.datasets.mapping import LabelMapping, check_label
from einthoven.datasets.reading import ReadOptions, ReadRecord, read_records
from einthoven.datasets.set_records import SetRecord, choose_folds, in_order, number_patients, write_records
from einthoven.datasets.signal_store import SignalStore
from einthoven.datasets.stated import Problem, Stated, StatedTable, match_files
from einthoven.errors import EinthovenError
from einthoven.files import atomic_write
from einthoven.progress import progress
from einthoven.text import enumerate_names


@dataclass(frozen=True)
class ImportOptions:
    """Settings of an import."""

    name: str
    mapping: LabelMapping = field(default_factory=LabelMapping)
    read: ReadOptions = field(default_factory=ReadOptions)
    citation: str = ""
    licence: str = ""
    patient_folders: bool = False
    """Whether the folder of a recording names its patient."""
    seed: int = 0
    """Seed for the assignment to folds."""
    workers: int | None = None
    """Number of processes; None for one per CPU."""


@dataclass
class _Import:
    """Records and problems of an import so far."""

    records: list[SetRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)
    """Records of each code that the mapping lacks."""
    digests: dict[str, SetRecord] = field(default_factory=dict)


def import_recordings(
    root: Path, files: Sequence[str], table: StatedTable | None, out: Path, options: ImportOptions
) -> ImportReport:
    """Import recordings as a data set. It appears whole or not at all.

    Parameters
    ----------
    root
        The folder below which recordings are named.
    files
        Paths of the recordings.
    table
        Rows of a table of labels; None if the headers state the codes.
    out
        Folder of the set, new or empty.
    options
        Settings of the import.

    Returns
    -------
    ImportReport
        Summary of the import. The folder of the set has a report of everything that was left out or changed.

    Raises
    ------
    EinthovenError
        If `out` is not empty, or no recording can be imported.
    ShortageError
        If the machine lacks disk, memory or processes.
    """
    if out.is_dir() and any(out.iterdir()):
        raise EinthovenError("is not empty; choose a new folder for the data set.", out)
    sources = {_source(file, root): file for file in files}
    found = _Import()
    rows = None
    if table:
        rows, problems = match_files(table, list(sources))
        found.problems += [*table.problems, *problems]
        sources = {source: file for source, file in sources.items() if source in rows}
    with atomic_write(out) as part:
        part.mkdir()
        stores = [SignalStore(part / f"signals-{rate}", rate) for rate in options.read.rates]
        for record in _read(sources, rows, options, found):
            for store, signal in zip(stores, record.read.signals, strict=True):
                store.append(signal)
        if not found.records:
            raise EinthovenError(nothing_imported(found.problems), root)
        for store in stores:
            store.finish()
        return _write_tables(part, out, found, options, [store.digest for store in stores], table)


def _source(file: str, root: Path) -> str:
    path = Path(file)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _read(
    sources: Mapping[str, str], rows: Mapping[str, Stated] | None, options: ImportOptions, found: _Import
) -> Iterator[SetRecord]:
    """Yield the records of the set as they are read, and note them and all problems."""
    outcomes = read_records(list(sources.values()), options.read, options.workers)
    with progress() as bar:
        task = bar.add_task("Importing", total=len(sources))
        for source, outcome in zip(sources, outcomes, strict=True):
            if record := _accept(source, outcome, rows, options, found):
                found.records.append(record)
                yield record
            bar.advance(task)


def _accept(
    source: str,
    outcome: ReadRecord | EinthovenError,
    rows: Mapping[str, Stated] | None,
    options: ImportOptions,
    found: _Import,
) -> SetRecord | None:
    """Return the record of a recording, unless it is left out."""
    if isinstance(outcome, EinthovenError):
        found.problems.append(Problem(source, "unreadable", outcome.reason))
        return None
    if rows is None and outcome.codes is None:
        field = options.read.header_field
        found.problems.append(Problem(source, "no-labels", f"Its header has no field {field} with a code."))
        return None
    stated = rows[source] if rows is not None else Stated(outcome.codes or frozenset())
    mapped = options.mapping.apply(stated.codes, stated.unknown)
    record = SetRecord(source, stated, mapped, outcome)
    if outcome.digest and (before := found.digests.setdefault(outcome.digest, record)) is not record:
        same = "the same labels" if before.mapped == mapped else "other labels"
        detail = f"Has the same samples as {before.source}, which counts, and {same}."
        found.problems.append(Problem(source, "duplicate", detail))
        return None
    found.unmapped.update(mapped.unmapped)
    found.problems += [Problem(source, *change) for change in outcome.changes]
    return record


def _write_tables(
    part: Path, out: Path, found: _Import, options: ImportOptions, digests: Iterable[str], table: StatedTable | None
) -> ImportReport:
    counts = Counter(label for record in found.records for label in record.mapped.labels)
    labels = in_order(counts)
    if not labels:
        codes = enumerate_names([f"{code} ({count:,})" for code, count in found.unmapped.most_common()])
        raise EinthovenError(f"no recording has a label. Codes that the mapping lacks: {codes or 'none'}.", out)
    for label in labels:
        check_label(label, out)
        if label in FIRST_COLUMNS:
            raise EinthovenError(f"a label cannot be named {label!r}; map it to another name with --mapping.", out)
    patients = number_patients(found.records, options.patient_folders)
    truth = np.array([[label in record.mapped.labels for label in labels] for record in found.records])
    folds, how, problems = choose_folds(found.records, patients, truth, options.seed)
    found.problems += problems
    write_records(part / RECORDS, found.records, labels, patients, folds)
    unknown = [
        Problem("", "unknown-code", f"{code}: {count:,} records.") for code, count in found.unmapped.most_common()
    ]
    write_report(part / REPORT, [*unknown, *found.problems])
    content = "".join((*digests, sha256((part / RECORDS).read_bytes()).hexdigest()))
    description = {
        "format": FORMAT,
        "name": options.name,
        "digest": sha256(content.encode()).hexdigest()[:16],
        "citation": options.citation,
        "licence": options.licence,
        "records": len(found.records),
        "rates_hz": list(options.read.rates),
        "folds": how,
        "mapping": options.mapping.source,
        "labels": labels,
        "einthoven": __version__,
    }
    (part / DESCRIPTION).write_text(json.dumps(description, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return ImportReport(
        out,
        len(found.records),
        len(np.unique(patients)),
        dict(counts.most_common()),
        how,
        Counter(problem.problem for problem in (*unknown, *found.problems)),
        found.unmapped,
        table.ignored if table else (),
    )
