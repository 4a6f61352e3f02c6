"""What the process that forks workers does besides; imported there and nowhere else.

It ends when the command and all workers have ended, however they did, and then removes the folder of its socket, which
a command that was killed leaves behind.
"""

import atexit
import os
import sys
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType

_parent = os.getppid()
_hook = sys.excepthook


def _remove_socket() -> None:
    address = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_address", None)
    if isinstance(address, str) and os.getppid() != _parent:  # else the command needs the folder for another server
        with suppress(OSError):
            Path(address).unlink(missing_ok=True)
            Path(address).parent.rmdir()


def _quiet(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Let no traceback stand in the log where there was no room for a process: who asked for it says so."""
    if not isinstance(error, OSError | EOFError):
        _hook(kind, error, trace)


atexit.register(_remove_socket)
sys.excepthook = _quiet
