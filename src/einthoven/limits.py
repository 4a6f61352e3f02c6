"""What one item of work may take of a process, and how the process is held to it."""

import ctypes
import mmap
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from einthoven.errors import EinthovenError, ShortageError

_ARENA_MAX = -8  # glibc's name of the option, malloc.h
_SLACK = 16 * 2**20  # bytes that fragmentation may take of what the limit leaves


@dataclass(frozen=True)
class Limits:
    """What one item may take; None for no limit."""

    cpu_seconds: float | None = 10.0
    """CPU time of all threads, which does not depend on what else the machine does; not limited on Windows."""
    memory_mib: int | None = 512
    """Beyond what the process holds when it is ready; limited on Linux only."""
    seconds: float | None = 120.0
    """Wall-clock time, only against an item that waits for something that never comes."""

    @property
    def cpu_sentence(self) -> str:
        """What is said of an item that needs more CPU time."""
        return f"needs more than {self.cpu_seconds:g} s of CPU time."

    @property
    def memory_sentence(self) -> str:
        """What is said of an item that needs more memory."""
        return f"needs more than {self.memory_mib} MiB of memory."

    @property
    def hang_sentence(self) -> str:
        """What is said of an item that never ends."""
        return f"did not answer within {self.seconds:g} s."


NO_LIMITS = Limits(None, None, None)


def limit_cpu(seconds: float | None) -> None:
    """End this process by SIGPROF, also in the midst of C code, when it has used `seconds` more; None lifts that."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds or 0)


class Memory:
    """The memory of this process from now on."""

    def __init__(self, limits: Limits) -> None:
        """Limit what is taken from now on; what is held already does not count."""
        self._limits, self._ready = limits, _address_space()
        self._most = self._ready + (limits.memory_mib or 0) * 2**20
        if sys.platform == "linux" and limits.memory_mib:
            import resource

            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            most = self._most if hard == resource.RLIM_INFINITY else min(self._most, hard)
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))

    def used_share(self) -> float:
        """The share of the limit that is taken; 0 without a limit."""
        return (_address_space() - self._ready) / (self._most - self._ready) if self._limits.memory_mib else 0.0

    def explain(self) -> EinthovenError:
        """Whose fault a MemoryError was, in one sentence; to be asked when its frames are gone.

        The limit stops an item that wants more. Where what the limit still allows cannot be had either, the machine
        is out of memory (a container's limit or strict overcommitment; otherwise Linux kills a process instead).
        """
        if not self._limits.memory_mib:
            return EinthovenError("needs more memory than there is.")
        allowed = self._most - _address_space() - _SLACK
        if sys.platform == "linux" and allowed > 0:
            try:
                mmap.mmap(-1, allowed, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
            except OSError:
                return ShortageError("The machine is out of memory; free some, or use fewer workers, and try again.")
        return EinthovenError(self._limits.memory_sentence)


def _address_space() -> int:
    """Bytes of it that the process holds, which is what the limit counts; 0 where that is unknown."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def use_one_malloc_arena() -> None:
    """Keep glibc from reserving 64 MiB for each thread that meets another in malloc, which is a matter of chance."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
