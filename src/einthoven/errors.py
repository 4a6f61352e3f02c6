"""The errors that a user is meant to read."""

import errno

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
    """One sentence for the user: what is wrong, where, and how to mend it.

    The command line prints it without a traceback and exits with code 2.
    """


class RecordingError(EinthovenError):
    """A file that is refused: not an ECG, damaged, contradictory, or without what an interpretation needs."""


class ShortageError(EinthovenError):
    """The machine lacks disk, memory, processes or file descriptors; the recording is not at fault.

    The same request can succeed later: a service answers 503, a folder run stops and keeps its place.
    """


def shortage(error: OSError) -> str | None:
    """What the machine lacks and how to fix it, without a file's name; None where `error` is of another kind."""
    return _SHORTAGES.get(error.errno or 0)


def missing_extra(package: str | None, extra: str) -> str:
    """Return the end of a sentence that says how to install a missing package.

    Parameters
    ----------
    package
        Name of the package.
    extra
        The extra of Einthoven that installs it.

    Returns
    -------
    str
        To follow "This needs ".
    """
    return f"{package}, which is not installed. In a clone of Einthoven, run: pip install '.[{extra}]'"
