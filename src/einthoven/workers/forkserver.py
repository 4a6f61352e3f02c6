"""Clean up after the fork server; imported in its process and nowhere else.

The process ends when the command and all workers have ended, for any reason. It then removes the folder of its
socket, which a killed command leaves behind. A process that ends because it could not fork leaves the folder in place:
the command is still running and needs it for the next server.
"""

import atexit
import sys
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType

_show_traceback = sys.excepthook


def _remove_socket() -> None:
    address = getattr(getattr(forkserver, "_forkserver", None), "_forkserver_address", None)
    if isinstance(address, str):
        with suppress(OSError):
            Path(address).unlink(missing_ok=True)
            Path(address).parent.rmdir()


def _keep_socket(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Handle an error that ends this process before the command ends.

    A failed fork writes no traceback to the log, since the command that asked for it reports it.
    """
    atexit.unregister(_remove_socket)
    if not isinstance(error, OSError | EOFError):
        _show_traceback(kind, error, trace)


# Not by `os.getppid()`: Linux closes a dying parent's pipes, which wakes this process, before it names a new parent.
atexit.register(_remove_socket)
sys.excepthook = _keep_socket
