"""Warnings of libraries, caught safely where several threads read."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_PYDICOM = logging.getLogger("pydicom")
_LOCK = Lock()  # Python's warning filters are the process's: another thread's warnings would come here, or be lost


@contextmanager
def capture_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect all warnings of the block instead of showing them; one thread at a time.

    pydicom also logs what it warns of, with the values of the file; its log is off meanwhile.
    """
    with _LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        disabled, _PYDICOM.disabled = _PYDICOM.disabled, True
        try:
            yield caught
        finally:
            _PYDICOM.disabled = disabled
