"""Import recordings and their labels as a data set."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from einthoven import __version__
from einthoven.arrays import Int64Array
from einthoven.datasets.folds import assign_folds
from einthoven.datasets.imported import DESCRIPTION, FIRST_COLUMNS, FORMAT, RECORDS, REPORT
from einthoven.datasets.mapping import LabelMapping, Mapped, check_label
from einthoven.datasets.reading import ReadOptions, ReadRecord, read_records
from einthoven.datasets.signal_store import SignalStore
from einthoven.datasets.stated import Problem, Stated, StatedTable, match_files
from einthoven.errors import EinthovenError
from einthoven.files import write_beside
from einthoven.progress import progress
from einthoven.ptbxl.vocabulary import NAMES
from einthoven.text import listed


@dataclass(frozen=True)
class ImportOptions:
    """How to make a data set."""

    name: str
    mapping: LabelMapping = field(default_factory=LabelMapping)
    read: ReadOptions = field(default_factory=ReadOptions)
    citation: str = ""
    licence: str = ""
    patient_folders: bool = False
    """Whether the folder of a recording names its patient."""
    seed: int = 0
    """Of the assignment to folds."""
    workers: int | None = None
    """Number of processes; None for one per CPU."""


@dataclass(frozen=True)
class _Record:
    """A record that becomes part of the set."""

    source: str
    stated: Stated
    mapped: Mapped
    read: ReadRecord


@dataclass
class _Import:
    """What an import has found so far."""

    records: list[_Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)
    """Records of each code that the mapping lacks."""
    digests: dict[str, _Record] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportReport:
    """What was imported."""

    folder: Path
    records: int
    patients: int
    labels: dict[str, int]
    """Records of each label, the most frequent first."""
    folds: str
    """Where the folds come from."""
    problems: Counter[str]
    """Rows of the import report by problem."""
    unmapped: Counter[str]
    ignored: tuple[str, ...] = ()
    """Columns of the table of labels that were not used."""

    def lines(self) -> list[str]:
        """Describe the result for people.

        Returns
        -------
        list of str
            Lines of a text.
        """
        labels = [f"{label} {count:,}" for label, count in self.labels.items()]
        lines = [
            f"{self.folder}: {self.records:,} records of {self.patients:,} patients; {self.folds}.",
            f"{len(labels)} labels: {listed(labels, 20)}.",
        ]
        if self.ignored:
            lines.append(f"Columns that were not used: {listed(self.ignored)}.")
        if self.unmapped:
            codes = [f"{code} ({count:,})" for code, count in self.unmapped.most_common()]
            lines.append(f"Codes that the mapping lacks: {listed(codes, 20)}.")
        if self.problems:
            kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.problems.most_common())
            lines.append(f"{self.folder / REPORT} lists: {kinds}.")
        return lines


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
        What a table states about them; None if their headers do.
    out
        Folder of the set, new or empty.
    options
        How to make it.

    Returns
    -------
    ImportReport
        What was imported. The set has a report of everything that was left out or changed.

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
    with write_beside(out) as part:
        part.mkdir()
        stores = [SignalStore(part / f"signals-{rate}", rate) for rate in options.read.rates]
        for record in _read(sources, rows, options, found):
            for store, signal in zip(stores, record.read.signals, strict=True):
                store.append(signal)
        if not found.records:
            raise EinthovenError(_nothing(found.problems), root)
        for store in stores:
            store.finish()
        return _write_tables(part, out, found, options, [store.digest for store in stores], table)


def _source(file: str, root: Path) -> str:
    path = Path(file)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _read(
    sources: Mapping[str, str], rows: Mapping[str, Stated] | None, options: ImportOptions, found: _Import
) -> Iterator[_Record]:
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
) -> _Record | None:
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
    record = _Record(source, stated, mapped, outcome)
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
    labels = _in_order(counts)
    if not labels:
        codes = listed([f"{code} ({count:,})" for code, count in found.unmapped.most_common()])
        raise EinthovenError(f"no recording has a label. Codes that the mapping lacks: {codes or 'none'}.", out)
    for label in labels:
        check_label(label, out)
        if label in FIRST_COLUMNS:
            raise EinthovenError(f"a label cannot be named {label!r}; map it to another name with --mapping.", out)
    patients = _patients(found.records, options.patient_folders)
    truth = np.array([[label in record.mapped.labels for label in labels] for record in found.records])
    folds, how = _folds(found, patients, truth, options.seed)
    _write_records(part / RECORDS, found.records, labels, patients, folds)
    unknown = [
        Problem("", "unknown-code", f"{code}: {count:,} records.") for code, count in found.unmapped.most_common()
    ]
    _write_report(part / REPORT, [*unknown, *found.problems])
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


def _in_order(labels: Iterable[str]) -> list[str]:
    """Return Einthoven's labels in their usual order, then all others by name."""
    order = {label: at for at, label in enumerate(NAMES)}
    return sorted(labels, key=lambda label: (order.get(label, len(order)), label))


def _patients(records: Sequence[_Record], by_folder: bool) -> Int64Array:
    """Return a number for the patient of each record; one without a known patient has a patient of its own."""
    numbers = dict[object, int]()
    result = []
    for at, record in enumerate(records):
        folder = str(Path(record.source).parent) if by_folder else ""
        known = record.stated.patient or folder or record.read.patient
        result.append(numbers.setdefault(known or at, len(numbers) + 1))
    return np.array(result, np.int64)


def _folds(found: _Import, patients: Int64Array, truth: Any, seed: int) -> tuple[Int64Array, str]:
    """Return the fold of each record, as stated if all of them are; note patients in several of these."""
    stated = [record.stated.fold for record in found.records]
    if any(fold is None for fold in stated):
        if any(fold is not None for fold in stated):
            detail = "Some records have a fold and others not; all are assigned anew."
            found.problems.append(Problem("", "folds-incomplete", detail))
        return assign_folds(truth, patients, seed), f"10 folds stratified by patient, seed {seed}"
    folds = np.array(stated, np.int64)
    shared = 0
    for patient in np.unique(patients):
        rows = np.flatnonzero(patients == patient)
        if len(of_patient := np.unique(folds[rows])) > 1:
            shared += 1
            detail = (
                f"Its patient is in the folds {', '.join(map(str, of_patient))}; a test on one of them is too good."
            )
            found.problems.append(Problem(found.records[rows[0]].source, "patient-in-several-folds", detail))
    warning = f", BUT {shared:,} PATIENTS ARE IN SEVERAL" if shared else ""
    return folds, f"folds as given{warning}"


def _write_records(
    path: Path, records: Sequence[_Record], labels: Sequence[str], patients: Int64Array, folds: Int64Array
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*FIRST_COLUMNS, *labels])
        for at, record in enumerate(records):
            read, stated, mapped = record.read, record.stated, record.mapped
            age = read.age if stated.age is None else stated.age
            sex = read.sex if stated.sex is None else stated.sex
            facts = [at + 1, record.source, patients[at], folds[at], age, sex, read.device, f"{read.seconds:.4g}"]
            states = [1 if label in mapped.labels else "" if label in mapped.unknown else 0 for label in labels]
            writer.writerow([*facts, *states])


def _write_report(path: Path, problems: Iterable[Problem]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Problem._fields)
        writer.writerows(problems)


def _nothing(problems: Sequence[Problem]) -> str:
    """Say why no recording was imported."""
    kinds = ", ".join(
        f"{kind} {count:,}" for kind, count in Counter(problem.problem for problem in problems).most_common()
    )
    first = f" First: {problems[0].source}: {problems[0].detail}" if problems else ""
    return f"no recording can be imported ({kinds or 'none found'}).{first}"
