"""Errors whose messages are for users.

::

    EinthovenError                an option, a path or a file is wrong
    ├── RecordingError            a recording is refused
    ├── ShortageError             the machine lacks something; a later try can succeed
    │   └── workers.KilledError   a worker process was killed from outside
    └── workers.WorkerError       a worker process failed on an item, or exceeded a limit

Each has a `source` (a file, or "" if no file is at fault) and a `reason` (a sentence). The command line prints them as
"source: reason" without a traceback and exits with code 2.
"""

import errno
from os import PathLike, fspath

from einthoven.text import printable

_LONGEST_SOURCE = 300  # characters of a path that a message shows: its end

_SHORTAGES = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk is full; free some space",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine; close some",
    errno.ENOMEM: "there is too little memory; free some",
    errno.EAGAIN: "there are too many processes or threads; end some, or raise the limit (ulimit -u)",
    errno.EIO: "the disk or its connection fails; check it",
}


class EinthovenError(Exception):
    """An error for the user: the problem, the file, and how to fix it.

    Parameters
    ----------
    reason
        Reason: one sentence, without the name of the file.
    source
        File or recording with the error; "" if there is none, or if the sentence names it.
    """

    def __init__(self, reason: str, source: str | PathLike[str] = "") -> None:
        self.reason, self.source = reason, fspath(source)
        super().__init__(self.reason, self.source)  # so that pickle can rebuild it in another process

    def __str__(self) -> str:
        return f"{printable(self.source[-_LONGEST_SOURCE:])}: {self.reason}" if self.source else self.reason


class RecordingError(EinthovenError):
    """A recording is refused: it is not an ECG, damaged or contradictory, or lacks data for an interpretation."""


class ShortageError(EinthovenError):
    """The machine lacks disk, memory, processes or file descriptors; the recording is not at fault.

    The same request can succeed later: a service responds with 503, a folder run stops and can be resumed.
    """


def shortage(error: OSError) -> str | None:
    """Return the resource that the machine lacks, and how to fix it.

    Parameters
    ----------
    error
        An error of the operating system.

    Returns
    -------
    str or None
        Part of a sentence, without a file's name; None if the error is of another kind.
    """
    return _SHORTAGES.get(error.errno or 0)


def missing_extra(package: str | None, extra: str) -> str:
    """Return the end of a sentence that states how to install a missing package.

    Parameters
    ----------
    package
        Name of the package.
    extra
        The extra of Einthoven that installs it.

    Returns
    -------
    str
        Text that follows "This needs ".
    """
    return f"{package}, which is not installed. In a clone of Einthoven, run: pip install '.[{extra}]'"
