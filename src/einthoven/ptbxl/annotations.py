"""PTB-XL's annotations: patients, statements, folds, and the tasks over the statements."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from einthoven.arrays import BoolArray
from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.ptbxl import DATABASE, DATABASE_COLUMNS, STATEMENTS_COLUMNS, STATEMENTS_TABLE
from einthoven.ptbxl.acute_reports import acute_reports

SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
TASKS = (
    "superclass",
    "subclass",
    "diagnostic",
    "form",
    "rhythm",
    "statements",
    "mi",
    "norm",
    "acute-pattern",
    "acute",
)
"""The named sets of labels; numbers of labels: 5, 23, 44, 19, 12, 71, 1, 1, 1, 2."""
STAGE_COLUMNS = ("infarction_stadium1", "infarction_stadium2")
EARLY_STAGES = ("Stadium I", "Stadium I-II")
LATER_STAGES = ("Stadium II", "Stadium II-III", "Stadium III")
_OLD_STAGES = ("Stadium II-III", "Stadium III")

# Columns of `statements`, so that the labels of acute patterns are unions too.
_EARLY_STAGE = "MI stage I or I-II"
_ACUTE_REPORT = "MI that the report calls acute"
_FLAGS = {"diagnostic", "form", "rhythm"}
_NUMBERS = {"patient_id", "strat_fold"}
STATEMENT = re.compile(r"'([^']+)': *([\d.]+)")
"""A statement in scp_codes: its name and its likelihood in %."""


class Tables(NamedTuple):
    """The two tables of PTB-XL, as labels."""

    table: pd.DataFrame
    """`ptbxl_database.csv`, indexed by ecg_id, columns as published."""
    statements: pd.DataFrame
    """Bool (records, 73): the 71 statements, and whether an infarct is of stage I or I-II, and acute by its report."""
    tasks: dict[str, dict[str, frozenset[str]]]
    """Task -> label -> member statements, the labels in order."""


def read_tables(folder: Path) -> Tables:
    """Read both CSV files of a PTB-XL copy.

    Parameters
    ----------
    folder
        Folder with the copy.

    Returns
    -------
    Tables
        All records.

    Raises
    ------
    EinthovenError
        If a file is missing or damaged.
    """
    path = folder / DATABASE
    vocabulary = _read_csv(folder / STATEMENTS_TABLE, STATEMENTS_COLUMNS)
    table = _read_csv(path, DATABASE_COLUMNS)
    if not pd.api.types.is_integer_dtype(table.index):
        raise EinthovenError("has an ecg_id that is not a whole number; download the file again.", path)
    for column in sorted(_NUMBERS):
        wrong = pd.to_numeric(table[column], errors="coerce").isna()
        if wrong.any():
            raise EinthovenError(
                f"record {table.index[wrong][0]} has a {column} that is not a number; download the file again.",
                path,
            )
    statements = _statements(table, list(vocabulary.index), path)
    tasks = _tasks(vocabulary)
    infarct = statements[list(tasks["mi"]["MI"])].any(axis=1)
    statements[_EARLY_STAGE] = infarct & staged(table, EARLY_STAGES)
    statements[_ACUTE_REPORT] = infarct & ~staged(table, _OLD_STAGES) & _acute_reports(table)
    return Tables(table, statements, tasks)


def staged(table: pd.DataFrame, stages: Sequence[str]) -> "pd.Series[bool]":
    """Return the records that have an infarction of some stages in either column, as a boolean mask.

    Parameters
    ----------
    table
        `ptbxl_database.csv`.
    stages
        Stages such as EARLY_STAGES.

    Returns
    -------
    Series of bool
        Boolean mask of shape (records,).
    """
    return table[[column for column in STAGE_COLUMNS if column in table]].isin(stages).any(axis=1)


def _acute_reports(table: pd.DataFrame) -> BoolArray:
    """Boolean mask of reports that call an infarct acute; all False in a table without reports (imported sets)."""
    return acute_reports(table.report.fillna("").astype(str)) if "report" in table else np.zeros(len(table), bool)


def _read_csv(path: Path, required: frozenset[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, index_col=0)
    except FileNotFoundError:
        raise EinthovenError(
            "not found; give a folder with PTB-XL (`einthoven data get ptb-xl` downloads it).", path
        ) from None
    except OSError as error:
        raise explain(error, path) from error
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are ValueErrors
        raise EinthovenError(f"cannot be read as a table ({error}); download it again.", path) from None
    missing = sorted(required - set(table.columns))
    if missing:
        raise EinthovenError(f"has no column {missing[0]!r}, so it is not PTB-XL's table; download it again.", path)
    if not table.index.is_unique:
        raise EinthovenError(
            f"record {table.index[table.index.duplicated()][0]} occurs twice; download it again.", path
        )
    return table


def _statements(table: pd.DataFrame, vocabulary: list[str], path: Path) -> pd.DataFrame:
    column = {name: k for k, name in enumerate(vocabulary)}
    present = np.zeros((len(table), len(vocabulary)), bool)
    for row, (ecg_id, text) in enumerate(table.scp_codes.items()):
        if not (isinstance(text, str) and text.startswith("{") and text.endswith("}")):
            raise EinthovenError(
                f"record {ecg_id} has no list of statements in scp_codes; download the file again.", path
            )
        for name, _ in STATEMENT.findall(text):
            if name not in column:
                raise EinthovenError(
                    f"record {ecg_id} has the unknown statement {name!r}; "
                    "put scp_statements.csv of the same version into the same folder.",
                    path,
                )
            present[row, column[name]] = True
    return pd.DataFrame(present, index=table.index, columns=vocabulary)


def _tasks(vocabulary: pd.DataFrame) -> dict[str, dict[str, frozenset[str]]]:
    """The labels of every task from the flags and classes of scp_statements.csv."""
    single = {name: frozenset([name]) for name in vocabulary.index}
    superclass = {name: frozenset(vocabulary.index[vocabulary.diagnostic_class == name]) for name in SUPERCLASSES}
    others = single | superclass
    subclass = {}
    for name, group in vocabulary.groupby("diagnostic_subclass", sort=False):
        members = frozenset(group.index)
        subclass[str(name) if others.get(str(name), members) == members else f"subclass:{name}"] = members
    injury = frozenset(name for name in single if name.startswith("INJ"))
    return {
        "superclass": superclass,
        "subclass": subclass,
        **{flag: {n: single[n] for n in vocabulary.index[vocabulary[flag] == 1]} for flag in sorted(_FLAGS)},
        "statements": single,
        "mi": {"MI": superclass["MI"]},
        "norm": {"NORM": superclass["NORM"]},
        "acute-pattern": {"acute-pattern": injury | {_EARLY_STAGE}},
        "acute": {"ACUTE": frozenset({_EARLY_STAGE, _ACUTE_REPORT}), "INJURY": injury},
    }
