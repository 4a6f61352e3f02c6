"""Interpret a recording of many hours in parts."""

from collections.abc import Iterator
from dataclasses import replace

from einthoven.batch.interpret import InterpretOptions
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.interpreter import Interpreter
from einthoven.limits import limit_cpu
from einthoven.progress import progress
from einthoven.readers.parts import plan_parts, read_parts
from einthoven.readers.sources import shown_source
from einthoven.readers.span import make_span
from einthoven.readers.tables import Options
from einthoven.recording import Recording
from einthoven.signal.segments import step_s
from einthoven.text import path_text


def interpret_long(
    source: str,
    interpreter: Interpreter,
    options: InterpretOptions,
    cpu_seconds: float | None,
    *,
    show_progress: bool,
) -> Interpretation | None:
    """Interpret a long recording in parts.

    Parameters
    ----------
    source
        The recording to read; see `einthoven.read`.
    interpreter
        Interpreter with the model.
    options
        Settings for reading and interpreting the recording.
    cpu_seconds
        CPU time that each part may take; None for no limit.
    show_progress
        Whether to show a progress bar on stderr.

    Returns
    -------
    Interpretation or None
        None if the recording is not long, or cannot be read in parts.

    Raises
    ------
    RecordingError
        If it is not an ECG that can be trusted, or too long.
    """
    span = make_span(options.start_s, options.end_s)
    parts = plan_parts(source, span, step_s(interpreter.bundle.card.rate, options.every_s))
    if not parts:
        return None
    stated = Options(options.rate, options.unit, options.leads, options.scale)

    def limited() -> Iterator[Recording]:
        with progress(shown=show_progress) as bar:
            recordings = read_parts(source, stated, options.follow_links, parts)
            for recording in bar.track(recordings, len(parts), description="Interpreting"):
                limit_cpu(cpu_seconds)
                yield replace(recording, source=path_text(shown_source(source)))
            limit_cpu(cpu_seconds)  # for the summary

    return interpreter.interpret_parts(limited(), force=options.force, every_s=options.every_s)
