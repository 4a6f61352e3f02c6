"""Start of worker processes, and the modules that are imported by then."""

import multiprocessing
import os
import sys
import tempfile
from contextlib import suppress
from multiprocessing.forkserver import ensure_running
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

_preload = ["einthoven.workers.forkserver"]
"""Modules that the fork server imports once, so that a worker starts in a tenth of the time; see `prepare`."""

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables for the number of threads of a worker.

It is one, since there is a worker for each CPU, and threads that share a small matrix product mostly wait for each
other."""
_DESCRIPTORS = 10  # that multiprocessing needs to start a process; the fork server ends if they run out halfway
_MAX_TEMPORARY_PATH = 70  # bytes; the fork server's socket lies in this folder, and its path may have 107


def cpu_count() -> int:
    """Return the number of CPUs that this process may use.

    Returns
    -------
    int
        At least 1.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare(*modules: str) -> None:
    """Start the fork server, which imports modules for the workers while the caller continues.

    Call it before the first `Worker.begin`: the fork server ignores modules that are named later. Without a fork
    server (see `start_context`) nothing is imported. Workers compute on one thread if the environment states no other
    number.

    Parameters
    ----------
    *modules
        Names of modules that every worker needs.
    """
    for name in _THREAD_VARIABLES:
        os.environ.setdefault(name, "1")
    _preload.extend(module for module in modules if module not in _preload)
    with suppress(OSError):  # the machine lacks a resource, which `Worker.begin` reports
        if start_context().get_start_method() == "forkserver":
            ensure_running()


def start_context() -> "ForkServerContext | SpawnContext":
    """Return the start method of processes: the fork server on Linux, new interpreters elsewhere.

    Processes are never forks of this process, because a fork inherits locks that other threads hold.

    Returns
    -------
    ForkServerContext | SpawnContext
        The context of multiprocessing; `spawn` also if the fork server has no folder for its socket.
    """
    if sys.platform == "linux":
        with suppress(FileNotFoundError):  # no folder for temporary files
            if len(os.fsencode(tempfile.gettempdir())) > _MAX_TEMPORARY_PATH:
                return multiprocessing.get_context("spawn")
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(_preload)
            return context
    return multiprocessing.get_context("spawn")


def check_room() -> None:
    """Check that there are enough file descriptors to start a process.

    Raises
    ------
    OSError
        If there are too few.
    """
    descriptors = list[int]()
    try:
        for _ in range(_DESCRIPTORS):
            descriptors.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
