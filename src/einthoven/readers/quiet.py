"""Warnings of libraries, caught safely where several threads read."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_LOCK = Lock()  # Python's warning filters are the process's: another thread's warnings would come here, or be lost


@contextmanager
def caught_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect all warnings of the block instead of showing them; one thread at a time."""
    with _LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught
