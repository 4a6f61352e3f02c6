"""A data set on disk: annotations and signals, with the same records row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from einthoven.arrays import Int16Array, Int64Array
from einthoven.datasets.annotations import Annotations
from einthoven.datasets.imported import imported_signals
from einthoven.ptbxl.cache import open_signals
from einthoven.ptbxl.records import UNITS_PER_MV
from einthoven.recording import LEADS, Patient, Recording

_SEXES: Mapping[int, Literal["female", "male"]] = {0: "male", 1: "female"}
_ABOVE_89_YEARS = 90.0  # PTB-XL writes 300 for every age above 89


@dataclass(frozen=True)
class Dataset:
    """The records of PTB-XL, or of an imported data set, at one sampling rate."""

    annotations: Annotations
    signals: Int16Array
    """Signals in uV, shape (records, 12, samples), memory-mapped, with leads in Einthoven's order."""
    rate: int
    """Sampling rate in Hz."""
    cache: Path
    """Folder where arrays computed from these signals are kept."""

    @classmethod
    def open(cls, folder: Path, rate: int = 100) -> "Dataset":
        """Open a copy of PTB-XL or an imported data set. For PTB-XL, the first time builds the signal cache.

        Parameters
        ----------
        folder
            Folder of the data set.
        rate
            Sampling rate in Hz, 100 or 500.

        Returns
        -------
        Dataset
            Data set with all records.

        Raises
        ------
        EinthovenError
            If a file is missing or damaged.
        """
        annotations = Annotations.read(folder)
        if annotations.facts.imported:
            signals, cache = imported_signals(annotations.folder, rate, len(annotations.table))
            return cls(annotations, signals, rate, cache)
        names = annotations.table["filename_lr" if rate == 100 else "filename_hr"].astype(str).tolist()
        signals, cache = open_signals(annotations.folder, names, rate)
        return cls(annotations, signals, rate, cache)

    def rows(self, folds: tuple[int, ...]) -> Int64Array:
        """Find the records of some folds.

        Parameters
        ----------
        folds
            Numbers of the folds.

        Returns
        -------
        IndexArray
            Row indices of `signals` and of the annotations.
        """
        return np.flatnonzero(np.isin(self.annotations.folds, folds))

    def recording(self, row: int) -> Recording:
        """Return a record as a reader would, with the age and sex that the table states.

        Parameters
        ----------
        row
            Row of `signals` and of the annotations.

        Returns
        -------
        Recording
            The recording, whose source is the ecg_id. An age above 89 years, which PTB-XL does not state, is 90.
        """
        facts = self.annotations.table.iloc[row]
        age = float(facts["age"]) if facts["age"] >= 0 else None
        sex = _SEXES.get(facts["sex"])
        return Recording(
            self.signals[row] / np.float32(UNITS_PER_MV),
            self.rate,
            LEADS,
            patient=Patient(age=age and min(age, _ABOVE_89_YEARS), sex=sex),
            source=str(self.annotations.ecg_ids[row]),
            format=self.annotations.facts.name,
        )
