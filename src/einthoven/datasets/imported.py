"""An imported data set: the folder that `einthoven data import` writes.

dataset.json         name, origin and licence, labels, and how the set was made
records.csv          a row for each record: ecg_id, source, patient, fold, age, sex, and a column for each label (1, 0,
                     or empty for unknown)
signals-RATE/        signals.npy, like PTB-XL's cache; later also results computed from it
import-report.csv    a row for each file or label that was left out or changed
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from einthoven.arrays import Int16Array
from einthoven.datasets.facts import DatasetFacts
from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.ptbxl.records import SECONDS
from einthoven.ptbxl.vocabulary import kinds
from einthoven.recording import LEADS

FORMAT = 1
DESCRIPTION, RECORDS, REPORT = "dataset.json", "records.csv", "import-report.csv"
LABELS_TASK = "labels"
"""The task of all labels of an imported set."""
FIRST_COLUMNS = ("ecg_id", "source", "patient_id", "strat_fold", "age", "sex", "device", "seconds")
"""The columns of RECORDS before those of the labels."""


class ImportedTables(NamedTuple):
    """The content of DESCRIPTION and RECORDS."""

    facts: DatasetFacts
    table: pd.DataFrame
    """Indexed by ecg_id, with the columns FIRST_COLUMNS."""
    labels: pd.DataFrame
    """Labels of the records, bool (records, labels)."""
    unknown: pd.DataFrame | None
    """bool, as `labels`; None if every label is known."""
    tasks: dict[str, dict[str, frozenset[str]]]


def is_imported(folder: Path) -> bool:
    """Return whether a folder holds an imported data set.

    Parameters
    ----------
    folder
        Any folder.

    Returns
    -------
    bool
        True if the folder has a DESCRIPTION.
    """
    return (folder / DESCRIPTION).is_file()


def read_imported(folder: Path) -> ImportedTables:
    """Read the tables of an imported data set.

    Parameters
    ----------
    folder
        Folder of the set.

    Returns
    -------
    ImportedTables
        All records.

    Raises
    ------
    EinthovenError
        If a file is missing or damaged.
    """
    description = _read_description(folder / DESCRIPTION)
    names = description["labels"]
    table = _read_records(folder / RECORDS, names)
    values = table[names]
    unknown = values.isna()
    facts = DatasetFacts(
        name=description["name"],
        identity=f"{description['name']} {description['digest']}",
        citation=description["citation"],
        licence=description["licence"],
    )
    columns = [column for column in FIRST_COLUMNS if column != "ecg_id"]
    return ImportedTables(
        facts, table[columns], values == 1, unknown if unknown.to_numpy().any() else None, _label_tasks(names)
    )


def _label_tasks(labels: list[str]) -> dict[str, dict[str, frozenset[str]]]:
    """Return task -> label -> the label itself: all in LABELS_TASK, and in PTB-XL's tasks those that belong there."""

    def of_kind(kind: str) -> list[str]:
        return [label for label in labels if kind in kinds(label)]

    tasks = {
        LABELS_TASK: labels,
        "superclass": [label for label in SUPERCLASSES if label in labels],
        **{kind: of_kind(kind) for kind in ("diagnostic", "form", "rhythm")},
        **{task: [label] for task, label in (("mi", "MI"), ("norm", "NORM")) if label in labels},
    }
    return {task: {label: frozenset([label]) for label in chosen} for task, chosen in tasks.items() if chosen}


def imported_signals(folder: Path, rate: int, records: int) -> tuple[Int16Array, Path]:
    """Open the signals of an imported data set.

    Parameters
    ----------
    folder
        Folder of the set.
    rate
        Sampling rate in Hz.
    records
        Number of records that the set lists.

    Returns
    -------
    tuple of Int16Array and Path
        The signals (records, 12, samples) in uV, memory-mapped and read-only; and their folder, where more can be
        cached.

    Raises
    ------
    EinthovenError
        If the set has no signals at this rate, or they are damaged.
    """
    cache = folder / f"signals-{rate}"
    path = cache / "signals.npy"
    if not cache.is_dir():
        rates = " and ".join(sorted(place.name.removeprefix("signals-") for place in folder.glob("signals-*")))
        raise EinthovenError(f"has signals at {rates} Hz, not {rate} Hz; import it again with --rate {rate}.", folder)
    try:
        signals: Int16Array = np.load(path, mmap_mode="r")
    except OSError as error:
        raise explain(error, path) from error
    except ValueError as error:
        raise EinthovenError(f"is damaged ({error}); import the data set again.", path) from None
    if signals.shape != (records, len(LEADS), SECONDS * rate) or signals.dtype != np.int16:
        raise EinthovenError(f"has signals of shape {signals.shape} for {records} records; import the set again.", path)
    return signals, cache


def _read_description(path: Path) -> dict[str, Any]:
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise explain(error, path) from error
    except ValueError as error:
        raise EinthovenError(f"is damaged ({error}); import the data set again.", path) from None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise EinthovenError(f"is not of format {FORMAT}, which this Einthoven reads; import the data set again.", path)
    texts = ("name", "digest", "citation", "licence")
    labels = description.get("labels")
    if not all(isinstance(description.get(name), str) for name in texts) or not (isinstance(labels, list) and labels):
        raise EinthovenError("lacks a name or the labels; import the data set again.", path)
    return description


def _read_records(path: Path, labels: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, index_col="ecg_id", dtype={"source": str, "device": str})
    except OSError as error:
        raise explain(error, path) from error
    except ValueError as error:
        raise EinthovenError(f"cannot be read as a table ({error}); import the data set again.", path) from None
    missing = [column for column in (*FIRST_COLUMNS[1:], *labels) if column not in table.columns]
    if missing:
        raise EinthovenError(f"has no column {missing[0]!r}; import the data set again.", path)
    if not (table.index.is_unique and pd.api.types.is_integer_dtype(table.index)):
        raise EinthovenError("has an ecg_id that is repeated or not a whole number; import the data set again.", path)
    for column in ("patient_id", "strat_fold", *labels):
        values = pd.to_numeric(table[column], errors="coerce")
        wrong = ~values.isin([0, 1]) & table[column].notna() if column in labels else values.isna() | (values % 1 != 0)
        if wrong.any():
            value = table[column][wrong].iloc[0]
            raise EinthovenError(
                f"record {table.index[wrong][0]} has the {column} {value!r}; correct it or import the set again.", path
            )
        table[column] = values
    return table
