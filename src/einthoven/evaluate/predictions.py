"""Predictions: one probability for each record and label, as arrays and as a CSV file."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from einthoven.arrays import Float64Array, Int64Array
from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.files import atomic_write, explain

COLUMNS = ["ecg_id", "label", "probability"]
"""The columns of a predictions file. Further columns are ignored."""


@dataclass(frozen=True)
class Predictions:
    """A model's probabilities for records and labels.

    Raises
    ------
    EinthovenError
        If ids or labels are not distinct, or a value is not a probability, as after a training that diverged.
    """

    ecg_ids: Int64Array
    """IDs of the records, distinct, shape (records,)."""
    labels: tuple[str, ...]
    """Distinct."""
    probabilities: Float64Array
    """Probabilities from 0 to 1, shape (records, labels)."""
    name: str = "The predictions"
    """Names them in errors, such as the path of the file."""

    def __post_init__(self) -> None:
        if self.probabilities.shape != (len(self.ecg_ids), len(self.labels)):
            raise ValueError(f"probabilities are {self.probabilities.shape}, not (records, labels)")
        if len(np.unique(self.ecg_ids)) < len(self.ecg_ids) or len(set(self.labels)) < len(self.labels):
            raise EinthovenError("a record or a label occurs twice; give each once.", self.name)
        # In this form, NaN counts as wrong.
        wrong = np.argwhere(~((self.probabilities >= 0) & (self.probabilities <= 1)))
        if len(wrong):
            row, column = wrong[0]
            raise EinthovenError(
                f"ecg_id {self.ecg_ids[row]}, label {self.labels[column]} has "
                f"{self.probabilities[row, column]}, not a probability of 0 to 1; train or predict again.",
                self.name,
            )

    @classmethod
    def read(cls, path: Path, known: Collection[str] | None = None) -> "Predictions":
        """Read a CSV file with the columns ecg_id, label, probability, each label once for each record.

        Parameters
        ----------
        path
            The file.
        known
            The labels that may occur; None for any.

        Returns
        -------
        Predictions
            Predictions in the order of the file.

        Raises
        ------
        EinthovenError
            If a column is missing, a label is unknown, or a line is wrong or missing. The message names the line or
            record.
        """
        table = _read_table(path)
        ids = pd.to_numeric(table.ecg_id, errors="coerce")
        probabilities = pd.to_numeric(table.probability, errors="coerce")
        row_ids, ecg_ids = pd.factorize(ids)
        row_labels, labels = pd.factorize(table.label)
        wrong_id = ids.isna() | (ids % 1 != 0)
        _refuse(path, table.ecg_id, wrong_id, "the ecg_id {!r} is not a whole number")
        if known is not None:
            _refuse(
                path,
                table.label,
                ~table.label.isin(list(known)),
                "the label {!r} is not one of the data set's tasks",
            )
        _refuse(path, table.probability, probabilities.isna(), "the probability {!r} is not a number")
        outside = (probabilities < 0) | (probabilities > 1)
        _refuse(path, table.probability, outside, "the probability {!r} lies outside 0 to 1")
        repeated = pd.DataFrame({"row": row_ids, "column": row_labels}, index=table.index).duplicated()
        _refuse(path, table.label, repeated, "the label {!r} occurs twice for its record")

        grid = np.full((len(ecg_ids), len(labels)), np.nan)
        grid[row_ids, row_labels] = probabilities
        missing = np.argwhere(np.isnan(grid))
        if len(missing):
            row, column = missing[0]
            raise EinthovenError(
                f"ecg_id {int(ecg_ids[row])} has no line for the label {labels[column]!r}; "
                "give every record every label once.",
                path,
            )
        return cls(ecg_ids.to_numpy(np.int64), tuple(labels), grid, str(path))

    def write(self, path: Path) -> None:
        """Write the CSV file that `read` reads, with every digit.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        EinthovenError
            If it cannot be written.
        """
        records, labels = self.probabilities.shape
        table = pd.DataFrame(
            {
                "ecg_id": np.repeat(self.ecg_ids, labels),
                "label": np.tile(np.array(self.labels, dtype=object), records),
                "probability": self.probabilities.ravel(),
            }
        )
        with atomic_write(path) as part:
            table.to_csv(part, index=False, lineterminator="\n")

    def select(self, ecg_ids: Int64Array) -> "Predictions":
        """Return some of the records.

        Parameters
        ----------
        ecg_ids
            IDs of the records to select, shape (records,).

        Returns
        -------
        Predictions
            Predictions in this order.

        Raises
        ------
        KeyError
            If one is missing.
        """
        rows = pd.Index(self.ecg_ids).get_indexer(pd.Index(ecg_ids))
        if (rows < 0).any():
            raise KeyError(int(ecg_ids[rows < 0][0]))
        return Predictions(ecg_ids, self.labels, self.probabilities[rows], self.name)


def label_scores(predictions: Predictions, annotations: Annotations, labels: tuple[str, ...]) -> Float64Array | None:
    """Compute scores of labels from predictions.

    A label that is not predicted itself is combined from its member statements as 1 - prod(1 - p), the probability that
    at least one is present if they are independent.

    Parameters
    ----------
    predictions
        Predictions of the labels, or of their member statements.
    annotations
        Define the members of each label.
    labels
        Names of labels of any task.

    Returns
    -------
    Float64Array or None
        Scores of shape (records, labels); None if a label is not predicted.
    """
    column = {label: k for k, label in enumerate(predictions.labels)}
    scores = np.empty((len(predictions.ecg_ids), len(labels)))
    for k, label in enumerate(labels):
        # Sorted, because the order of a set differs between processes and with it the last digit.
        parts = [label] if label in column else sorted(annotations.members(label))
        if not all(part in column for part in parts):
            return None
        chosen = predictions.probabilities[:, [column[part] for part in parts]]
        scores[:, k] = chosen[:, 0] if len(parts) == 1 else 1 - np.prod(1 - chosen, axis=1)
    return scores


def _read_table(path: Path) -> pd.DataFrame:
    """Read the three columns as text, indexed by line number."""
    try:
        # Without header, so that pandas counts the fields of every line against those of the first one.
        lines = pd.read_csv(
            path, header=None, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig"
        )
    except OSError as error:
        raise explain(error, path) from error
    except ValueError as error:  # pandas' parser errors and decoding errors are ValueErrors
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ").rstrip(".")
        raise EinthovenError(
            f"cannot be read as a table ({reason}); give CSV with the columns {', '.join(COLUMNS)}.", path
        ) from None
    header = list(lines.iloc[0])
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise EinthovenError(f"{path}, line 1: has no column {missing[0]!r}; give {', '.join(COLUMNS)}.")
    table = lines.iloc[1:, [header.index(name) for name in COLUMNS]].fillna("")
    table.columns = pd.Index(COLUMNS)
    table.index += 1
    table = table[(table != "").any(axis=1)]  # blank lines
    if table.empty:
        raise EinthovenError("holds no predictions; give one line for each record and label.", path)
    return table


def _refuse(path: Path, texts: "pd.Series[str]", wrong: "pd.Series[bool]", what: str) -> None:
    for line, text in texts[wrong].items():
        raise EinthovenError(f"{path}, line {line}: {what.format(text)}; correct it and run the command again.")
