"""The records of an imported set: order of labels, patients, folds, and the table of records."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from einthoven.arrays import BoolArray, Int64Array
from einthoven.datasets.folds import assign_folds
from einthoven.datasets.imported import FIRST_COLUMNS
from einthoven.datasets.mapping import Mapped
from einthoven.datasets.reading import ReadRecord
from einthoven.datasets.stated import Problem, Stated
from einthoven.ptbxl.vocabulary import NAMES


@dataclass(frozen=True)
class SetRecord:
    """A record that becomes part of the set."""

    source: str
    stated: Stated
    mapped: Mapped
    read: ReadRecord


def in_order(labels: Iterable[str]) -> list[str]:
    """Sort labels.

    Parameters
    ----------
    labels
        All labels of the set.

    Returns
    -------
    list of str
        Einthoven's labels in their usual order, then all others by name.
    """
    order = {label: at for at, label in enumerate(NAMES)}
    return sorted(labels, key=lambda label: (order.get(label, len(order)), label))


def number_patients(records: Sequence[SetRecord], by_folder: bool) -> Int64Array:
    """Number the patients, so that the set does not hold what identifies them.

    Parameters
    ----------
    records
        The records.
    by_folder
        Whether the folder of a recording names its patient, if the table of labels does not.

    Returns
    -------
    Int64Array
        Number of the patient of each record, shape (records,), from 1. A record without a known patient has its own
        number.
    """
    numbers = dict[object, int]()
    result = []
    for at, record in enumerate(records):
        folder = str(Path(record.source).parent) if by_folder else ""
        known = record.stated.patient or folder or record.read.patient
        result.append(numbers.setdefault(known or at, len(numbers) + 1))
    return np.array(result, np.int64)


def choose_folds(
    records: Sequence[SetRecord], patients: Int64Array, truth: BoolArray, seed: int
) -> tuple[Int64Array, str, list[Problem]]:
    """Take the stated folds, or make folds if a record has none.

    Parameters
    ----------
    records
        The records.
    patients
        Patient of each record, shape (records,).
    truth
        Labels of the records, shape (records, labels).
    seed
        Seed of the folds that are made.

    Returns
    -------
    folds : Int64Array
        Fold of each record, 1 to 10, shape (records,).
    origin : str
        Origin of the folds, in words.
    problems : list of Problem
        Patients in several of the stated folds, or folds that only some records have.
    """
    stated = [record.stated.fold for record in records]
    if None in stated:
        detail = "Some records have a fold and others have none; folds are made for all."
        problems = [Problem("", "folds-incomplete", detail)] if any(stated) else []
        return assign_folds(truth, patients, seed), f"10 folds stratified by patient, seed {seed}", problems
    folds = np.array(stated, np.int64)
    of_patient = defaultdict[int, set[int]](set)
    for patient, fold in zip(patients.tolist(), folds.tolist(), strict=True):
        of_patient[patient].add(fold)
    shared = {patient: sorted(several) for patient, several in of_patient.items() if len(several) > 1}
    first = {patient: records[row].source for row, patient in reversed(list(enumerate(patients.tolist())))}
    problems = [
        Problem(
            first[patient],
            "patient-in-several-folds",
            f"Its patient is in the folds {', '.join(map(str, several))}; a test on one of them is too optimistic.",
        )
        for patient, several in shared.items()
    ]
    return folds, f"folds as given{f' (PATIENTS IN SEVERAL: {len(shared):,})' if shared else ''}", problems


def write_records(
    path: Path, records: Sequence[SetRecord], labels: Sequence[str], patients: Int64Array, folds: Int64Array
) -> None:
    """Write the table of records.

    Parameters
    ----------
    path
        The new file.
    records
        Rows of the table.
    labels
        Labels of the last columns, in order.
    patients, folds
        Patient and fold of each record, each of shape (records,).
    """
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
