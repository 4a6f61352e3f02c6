"""Read a recording, or a part of one, and explain errors."""

import numpy as np

from einthoven.errors import EinthovenError, RecordingError, shortage
from einthoven.files import explain
from einthoven.readers.archives import unpack
from einthoven.readers.formats import read_tracing
from einthoven.readers.normalize import make_recording
from einthoven.readers.sources import Files, Source, open_source, shown_source
from einthoven.readers.span import Span
from einthoven.readers.tables import Options
from einthoven.readers.tracing import cut
from einthoven.recording import Recording
from einthoven.text import printable


def read_span(
    source: Source, options: Options, follow_links: bool, span: Span, *, of_longer: bool = False
) -> Recording:
    """Read a part of a recording.

    Parameters
    ----------
    source
        The recording to read; see `einthoven.read`.
    options
        Sampling rate, unit, leads and scale stated by the caller.
    follow_links
        Whether files next to the main file may be links to other folders; see `einthoven.read`.
    span
        The part.
    of_longer
        Whether it is one of several parts that are interpreted together: a lead may then lack samples in it.

    Returns
    -------
    Recording
        Standard leads in mV.

    Raises
    ------
    RecordingError
        If the source is not an ECG that can be trusted; the error names the source.
    ShortageError
        If the machine lacks what reading needs, such as file descriptors.
    """
    name = shown_source(source)
    try:
        name, files = open_source(source, follow_links, span)
        return _read(files, options, name, span.start_s if of_longer else None)
    except RecordingError as error:
        raise RecordingError(printable(error.reason), name) from error.__cause__


def _read(files: Files, options: Options, name: str, part_start_s: float | None) -> Recording:
    try:
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # values that are not an ECG; make_recording checks the result
            tracing = read_tracing(unpack(files), options)
        cut(tracing, files.span, files.skipped_s)
        return make_recording(tracing, name, part_start_s)
    except EinthovenError:
        raise
    except MemoryError as error:
        raise RecordingError("is too large for the memory; cut the recording into parts.") from error
    except Exception as error:  # last resort: one file must not end a program that reads thousands
        if isinstance(error, OSError) and shortage(error):
            raise explain(error) from error
        raise RecordingError(f"is damaged in an unexpected way ({type(error).__name__}).") from error
