"""The errors that a user is meant to read."""


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
