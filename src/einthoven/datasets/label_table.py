"""Read a table of labels: CSV or Parquet."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from einthoven.datasets.folds import FOLDS
from einthoven.datasets.stated import Problem, Stated, StatedTable
from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.text import split_list

ROLES: Mapping[str, tuple[str, ...]] = {
    "file": ("file", "filename", "path", "source", "record", "recording"),
    "labels": ("labels", "scp_codes", "codes", "statements", "dx", "diagnosis"),
    "patient": ("patient", "patient_id", "subject_id", "subject"),
    "fold": ("fold", "strat_fold", "split"),
    "age": ("age",),
    "sex": ("sex", "gender"),
}
"""The roles of a table's columns, and the names by which they are found."""
_FLAGS = {"1": True, "1.0": True, "true": True, "yes": True, "0": False, "0.0": False, "false": False, "no": False}
_UNKNOWN = {"", "nan", "none", "null", "na", "unknown", "-1", "-1.0"}
_SPLITS = {"train": 1, "training": 1, "validation": FOLDS - 1, "valid": FOLDS - 1, "val": FOLDS - 1, "test": FOLDS}
_SEXES = {"m": 0, "male": 0, "0": 0, "0.0": 0, "f": 1, "female": 1, "1": 1, "1.0": 1}
_SEPARATORS = ";|,"
_MAX_AGE = 130.0


def read_table(path: Path, columns: Mapping[str, str]) -> StatedTable:
    """Read a table of labels.

    Parameters
    ----------
    path
        CSV or Parquet: a column with the file, and either one column with a list of codes, or a column of 0 and 1 for
        each code.
    columns
        Names of columns by role, for those that are named otherwise.

    Returns
    -------
    StatedTable
        A file with two contradictory rows is left out, with a problem.

    Raises
    ------
    EinthovenError
        If the file is not a table, or lacks a column.
    """
    table = _load(path)
    chosen = _choose(table, columns, path)
    rest = [name for name in table.columns if name not in chosen.values()]
    flags = [] if "labels" in chosen else [name for name in rest if _is_flags(table[name])]
    if "labels" not in chosen and not flags:
        raise EinthovenError(
            "has no labels: give a column of 0 and 1 for each label, or one column with lists (--column labels=NAME).",
            path,
        )
    rows, problems = dict[str, Stated](), list[Problem]()
    contradictory = set[str]()
    for record in table.to_dict("records"):
        name, stated = str(record[chosen["file"]]).strip(), _stated(record, chosen, flags, path)
        if not name:
            problems.append(Problem("", "no-file-name", "A row of the table names no file."))
        elif stated is None:
            problems.append(Problem(name, "no-labels", "The table has an empty list of labels."))
        elif name in rows and rows[name] != stated:
            contradictory.add(name)
        elif name in rows:
            problems.append(Problem(name, "repeated-row", "The table has the same row twice; it counts once."))
        else:
            rows[name] = stated
    for name in sorted(contradictory):
        del rows[name]
        problems.append(
            Problem(name, "contradictory-rows", "The table has rows that differ; the recording is left out.")
        )
    return StatedTable(rows, problems, tuple(name for name in rest if name not in flags))


def _load(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as error:
        raise explain(error, path) from error
    except (ValueError, UnicodeDecodeError) as error:  # also of pandas' and pyarrow's parsers
        reason = str(error).splitlines()[0].rstrip(".")
        raise EinthovenError(f"cannot be read as a table ({reason}); give CSV or Parquet.", path) from None


def _choose(table: pd.DataFrame, columns: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return the name of the column of each role that the table has."""
    present = {str(name).casefold(): str(name) for name in table.columns}
    chosen = dict[str, str]()
    for role, names in ROLES.items():
        if role in columns:
            if columns[role] not in table.columns:
                raise EinthovenError(
                    f"has no column {columns[role]!r}; it has {', '.join(map(str, table.columns))}.", path
                )
            chosen[role] = columns[role]
        elif found := next((present[name] for name in names if name in present), None):
            chosen[role] = found
    if "file" not in chosen:
        raise EinthovenError("has no column with the files; name it with --column file=NAME.", path)
    return chosen


def _is_flags(values: "pd.Series[Any]") -> bool:
    texts = {str(value).strip().casefold() for value in values.unique()}
    return texts <= _FLAGS.keys() | _UNKNOWN and bool(texts & _FLAGS.keys())


def _stated(record: Mapping[Any, Any], chosen: Mapping[str, str], flags: Sequence[str], path: Path) -> Stated | None:
    """Return the facts that a row states; None if its list of labels is empty."""
    values = {role: str(record[name]).strip() for role, name in chosen.items() if role != "labels"}
    if "labels" in chosen:
        codes, unknown = _listed(record[chosen["labels"]]), frozenset[str]()
        if codes is None:
            return None
    else:
        states = {name: _FLAGS.get(str(record[name]).strip().casefold()) for name in flags}
        codes = frozenset(name for name, state in states.items() if state)
        unknown = frozenset(name for name, state in states.items() if state is None)
    patient = values.get("patient", "")
    return Stated(
        codes,
        unknown,
        "" if patient.casefold() in _UNKNOWN else patient.removesuffix(".0"),
        _fold(values.get("fold", ""), path),
        _age(values.get("age", "")),
        _SEXES.get(values.get("sex", "").casefold()),
    )


def _listed(value: Any) -> frozenset[str] | None:
    """Return the codes of a cell: a list, a dictionary (its keys), or text with separators; None if it is empty."""
    if not isinstance(value, str):  # of Parquet
        return frozenset(map(str, value)) if isinstance(value, Iterable) else None
    text = value.strip()
    if text[:1] in "[{" and text:
        try:
            return frozenset(map(str, ast.literal_eval(text)))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    return frozenset(split_list(text, _SEPARATORS)) or None


def _fold(text: str, path: Path) -> int | None:
    if text.casefold() in _UNKNOWN:
        return None
    fold = _SPLITS.get(text.casefold())
    if fold is None and text.removesuffix(".0").isdecimal():
        fold = int(text.removesuffix(".0"))
    if fold is None or not 1 <= fold <= FOLDS:
        raise EinthovenError(f"has the fold {text!r}; folds are 1 to {FOLDS}, or train, validation and test.", path)
    return fold


def _age(text: str) -> float | None:
    try:
        age = float(text)
    except ValueError:
        return None
    return age if 0 <= age <= _MAX_AGE else None
