"""Limits on the CPU time and memory of one item of work, and their enforcement in a process."""

import ctypes
import mmap
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from einthoven.errors import EinthovenError, ShortageError

_ARENA_MAX = -8  # glibc's name of the option, malloc.h
_SLACK = 16 * 2**20  # bytes of the remaining limit that fragmentation may use


@dataclass(frozen=True)
class Limits:
    """Resources that one item may use; None for no limit."""

    cpu_seconds: float | None = 10.0
    """CPU time of all threads, which does not depend on the load of the machine; not limited on Windows."""
    memory_mib: int | None = 512
    """Memory in MiB in addition to what the process holds when it is ready; limited on Linux only."""
    seconds: float | None = 120.0
    """Wall-clock time in which the item uses no CPU time, as it waits for something that never comes. Without a CPU
    limit, and on systems other than Linux, wall-clock time of the whole item."""

    @property
    def cpu_sentence(self) -> str:
        """The reason of the error of an item that needs more CPU time."""
        return f"needs more than {self.cpu_seconds:g} s of CPU time to be interpreted."

    @property
    def memory_sentence(self) -> str:
        """The reason of the error of an item that needs more memory."""
        return f"needs more than {self.memory_mib} MiB of memory."

    @property
    def hang_sentence(self) -> str:
        """The reason of the error of an item that never ends."""
        return f"had no result after waiting {self.seconds:g} s, as for a disk or a network that does not respond."


NO_LIMITS = Limits(None, None, None)


def limit_cpu(seconds: float | None) -> None:
    """Have SIGPROF end this process, even inside C code, when it has used some more CPU time.

    Parameters
    ----------
    seconds
        CPU time from now on; None removes the limit.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds or 0)


def used_cpu_seconds(pid: int) -> float | None:
    """Return the CPU time that all threads of a process have used.

    Parameters
    ----------
    pid
        The process.

    Returns
    -------
    float or None
        CPU time in s; None if the process has ended, or on systems other than Linux.
    """
    if sys.platform != "linux":
        return None
    try:
        return time.clock_gettime(~pid << 3 | 2)  # what clock_getcpuclockid(3) returns
    except OSError:
        return None


class Memory:
    """Limits the memory that this process takes from now on.

    Nothing kills the process: an allocation beyond the limit fails with a MemoryError, or crashes a C library.

    Parameters
    ----------
    limits
        The memory that the process holds already does not count.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits, self._bytes_at_start = limits, _address_space()
        self._max_bytes = self._bytes_at_start + (limits.memory_mib or 0) * 2**20
        if sys.platform == "linux" and limits.memory_mib:
            import resource

            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            soft = self._max_bytes if hard == resource.RLIM_INFINITY else min(self._max_bytes, hard)
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    def used_share(self) -> float:
        """Return the used share of the limit.

        Returns
        -------
        float
            0 to 1; 0 without a limit.
        """
        return (
            (_address_space() - self._bytes_at_start) / (self._max_bytes - self._bytes_at_start)
            if self._limits.memory_mib
            else 0.0
        )

    def explain(self) -> EinthovenError:
        """Return the error that explains a MemoryError; call it when the frames of the MemoryError are gone.

        The limit stops an item that requests more. The machine itself is out of memory if it lacks even what the limit
        still allows (a container's limit or strict overcommitment; otherwise Linux kills a process instead).

        Returns
        -------
        EinthovenError
            A ShortageError if the machine is out of memory.
        """
        if not self._limits.memory_mib:
            return EinthovenError("needs more memory than there is.")
        allowed = self._max_bytes - _address_space() - _SLACK
        if sys.platform == "linux" and allowed > 0:
            try:
                mmap.mmap(-1, allowed, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
            except OSError:
                return ShortageError("The machine is out of memory; free some, or use fewer workers, and try again.")
        return EinthovenError(self._limits.memory_sentence)


def _address_space() -> int:
    """Return the bytes of address space that the process holds, which the limit counts; 0 if unknown."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def use_one_malloc_arena() -> None:
    """Keep glibc from reserving 64 MiB for each thread that competes for malloc, which happens at random."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
