"""The signals of a data set, written as they come."""

import shutil
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np

from einthoven.arrays import Int16Array
from einthoven.ptbxl.records import SECONDS
from einthoven.recording import LEADS


class SignalStore:
    """The signals of one sampling rate.

    Parameters
    ----------
    folder
        New folder for the signals.
    rate
        Sampling rate in Hz.
    """

    def __init__(self, folder: Path, rate: int) -> None:
        folder.mkdir()
        self._path, self._raw = folder / "signals.npy", folder / "signals.raw"
        self._shape = (len(LEADS), SECONDS * rate)
        self._file, self._hash, self._count = self._raw.open("wb"), sha256(), 0

    def append(self, signal: Int16Array) -> None:
        """Write the signal of the next record.

        Parameters
        ----------
        signal
            Signal of shape (12, samples) in uV.
        """
        content = np.ascontiguousarray(signal, "<i2").tobytes()
        self._file.write(content)
        self._hash.update(content)
        self._count += 1

    def finish(self) -> None:
        """Make an array of the signals, whose number is known only now."""
        self._file.close()
        header = BytesIO()
        facts = {"descr": "<i2", "fortran_order": False, "shape": (self._count, *self._shape)}
        np.lib.format.write_array_header_1_0(header, facts)
        with self._raw.open("rb") as raw, self._path.open("wb") as file:
            file.write(header.getvalue())
            shutil.copyfileobj(raw, file, 1 << 20)
        self._raw.unlink()

    @property
    def digest(self) -> str:
        """SHA-256 of all signals."""
        return self._hash.hexdigest()
