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
        """Open the copy in `folder`; the first time, this builds the signal cache.

        Raises EinthovenError that names the missing or damaged file.
        """
        annotations = Annotations.read(folder)
        names = annotations.table["filename_lr" if rate == 100 else "filename_hr"].astype(str).tolist()
        signals, cache = open_signals(annotations.folder, names, rate)
        return cls(annotations, signals, rate, cache)

    def rows(self, folds: tuple[int, ...]) -> Int64Array:
        """The rows of the records in `folds`."""
        return np.flatnonzero(np.isin(self.annotations.folds, folds))
