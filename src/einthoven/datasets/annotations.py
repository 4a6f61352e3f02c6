"""The annotations of a data set: patients, folds, labels, and the tasks over the labels."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from einthoven.arrays import BoolArray, Int64Array
from einthoven.datasets.facts import PTB_XL, DatasetFacts
from einthoven.datasets.imported import is_imported, read_imported
from einthoven.errors import EinthovenError
from einthoven.ptbxl import SIMULATED_MARK
from einthoven.ptbxl.annotations import read_tables


@dataclass(frozen=True)
class Annotations:
    """Annotations of the records of a data set.

    A label is the union of its member statements. Its name means the same in every task. In PTB-XL, a statement counts
    if it is listed, regardless of its likelihood (Wagner et al. 2020, Strodthoff et al. 2021). A subclass that shares
    its name with another statement or superclass is called `subclass:AMI`.
    """

    folder: Path
    table: pd.DataFrame
    """One row per record, indexed by ecg_id, with at least patient_id, strat_fold, age (years), sex (0 male, 1 female).
    For PTB-XL, the columns of `ptbxl_database.csv`."""
    statements: pd.DataFrame
    """Statements, bool (records, statements); for PTB-XL 71, and whether an infarct is of stage I or I-II."""
    tasks: dict[str, dict[str, frozenset[str]]]
    """Member statements by task and label, with the labels in order."""
    facts: DatasetFacts = PTB_XL
    unknown: pd.DataFrame | None = None
    """Statements that are neither stated nor ruled out, bool like `statements`; None if there are none."""

    @classmethod
    def read(cls, folder: Path) -> "Annotations":
        """Read the annotations of a copy of PTB-XL or of an imported data set.

        Parameters
        ----------
        folder
            Folder of the data set.

        Returns
        -------
        Annotations
            Annotations of all records.

        Raises
        ------
        EinthovenError
            If a file is missing or damaged.
        """
        folder = Path(folder)
        if not is_imported(folder):
            return cls(folder, *read_tables(folder))
        imported = read_imported(folder)
        return cls(folder, imported.table, imported.labels, imported.tasks, imported.facts, imported.unknown)

    @property
    def simulated(self) -> bool:
        """Whether these are simulated records."""
        return (self.folder / SIMULATED_MARK).exists()

    @cached_property
    def ecg_ids(self) -> Int64Array:
        """IDs of the records, shape (records,)."""
        return self.table.index.to_numpy(np.int64)

    @cached_property
    def folds(self) -> Int64Array:
        """Fold of each record, 1-10, shape (records,)."""
        return self.table.strat_fold.to_numpy(np.int64)

    @cached_property
    def patients(self) -> Int64Array:
        """Patient of each record, shape (records,)."""
        return self.table.patient_id.to_numpy(np.int64)

    def task(self, name: str) -> tuple[str, ...]:
        """Return the labels of a task.

        Parameters
        ----------
        name
            Name of the task: one of `tasks`.

        Returns
        -------
        tuple of str
            Labels in the order of the task.

        Raises
        ------
        EinthovenError
            If there is no such task.
        """
        if name not in self.tasks:
            raise EinthovenError(
                f"There is no task {name!r} in {self.facts.name}; choose one of {', '.join(self.tasks)}."
            )
        return tuple(self.tasks[name])

    def known_labels(self) -> frozenset[str]:
        """Return the labels of all tasks.

        Returns
        -------
        frozenset of str
            Labels without order.
        """
        return frozenset(label for labels in self.tasks.values() for label in labels)

    def members(self, label: str) -> frozenset[str]:
        """Return the statements that make up a label.

        Parameters
        ----------
        label
            Name of a label of any task.

        Returns
        -------
        frozenset of str
            Statements whose union is the label.

        Raises
        ------
        EinthovenError
            If there is no such label.
        """
        for labels in self.tasks.values():
            if label in labels:
                return labels[label]
        raise EinthovenError(f"There is no label {label!r} in any task.", self.folder)

    def labels(self, names: tuple[str, ...]) -> BoolArray:
        """Return the labels of each record.

        Parameters
        ----------
        names
            Labels of any task.

        Returns
        -------
        BoolArray
            Boolean array of shape (records, labels).

        Raises
        ------
        EinthovenError
            If there is no such label.
        """
        return np.stack([self.statements[list(self.members(name))].any(axis=1).to_numpy() for name in names], axis=1)

    def known(self, names: tuple[str, ...]) -> BoolArray:
        """Return the records for which all of some labels are known.

        Parameters
        ----------
        names
            Labels of any task.

        Returns
        -------
        BoolArray
            Boolean mask of shape (records,).
        """
        if self.unknown is None:
            return np.ones(len(self.table), np.bool_)
        members = sorted(frozenset[str]().union(*map(self.members, names)))
        return ~self.unknown[members].any(axis=1).to_numpy()
