"""PTB-XL opened: annotations and signals, row by row the same records."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from einthoven.arrays import Int16Array, Int64Array
from einthoven.ptbxl.annotations import Annotations
from einthoven.ptbxl.cache import open_signals


@dataclass(frozen=True)
class Dataset:
    """The records of a PTB-XL copy at one sampling rate."""

    annotations: Annotations
    signals: Int16Array
    """(records, 12, samples) in uV, memory-mapped, leads in Einthoven's order."""
    rate: int
    """Sampling rate in Hz."""
    cache: Path
    """Folder where arrays computed from these signals are kept."""

    @classmethod
    def open(cls, folder: Path, rate: int = 100) -> "Dataset":
        """Open a copy of PTB-XL. The first time, this builds the signal cache.

        Parameters
        ----------
        folder
            Folder with the copy.
        rate
            Sampling rate in Hz, 100 or 500.

        Returns
        -------
        Dataset
            All records.

        Raises
        ------
        EinthovenError
            If a file is missing or damaged.
        """
        annotations = Annotations.read(folder)
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
            Rows of `signals` and of the annotations.
        """
        return np.flatnonzero(np.isin(self.annotations.folds, folds))
