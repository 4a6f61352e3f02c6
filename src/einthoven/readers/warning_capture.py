"""Capture the warnings of libraries, safely if several threads read."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_PYDICOM = logging.getLogger("pydicom")
_LOCK = Lock()  # Python has one set of warning filters: another thread's warnings would arrive here, or be lost


@contextmanager
def capture_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect all Python warnings of the block instead of showing them; one thread at a time.

    pydicom also logs its warnings, with values of the file; its log is disabled during the block.

    Yields
    ------
    list of WarningMessage
        Filled as warnings occur.
    """
    with _LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        disabled, _PYDICOM.disabled = _PYDICOM.disabled, True
        try:
            yield caught
        finally:
            _PYDICOM.disabled = disabled
