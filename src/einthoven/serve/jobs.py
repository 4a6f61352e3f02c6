"""Jobs that workers do for HTTP requests.

Worker processes load this module: nothing here may import the web framework.
"""

import logging
import signal
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from einthoven.errors import EinthovenError, RecordingError, ShortageError, missing_extra, shortage
from einthoven.interpret.json_text import Fragment, dumps
from einthoven.serve.form_recordings import single_recording
from einthoven.serve.multipart import is_form
from einthoven.workers import WorkerError

if TYPE_CHECKING:
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.recording import Recording
    from einthoven.serve.multipart import PartView

Job = Callable[["Interpreter"], Any]
"""Called in a worker with its interpreter. It may have a `size`, the bytes that are sent to the worker."""


def start_worker(model: str, prevalence: Mapping[str, float], model_key: Path | None = None) -> Callable[[Job], Any]:
    """Load the model in a worker process, and return the function that does jobs.

    Parameters
    ----------
    model
        Name of a shipped bundle, or the folder of one.
    prevalence
        Share of recordings with a label, by label.
    model_key
        Public key of the required signer of the bundle; None accepts any bundle.

    Returns
    -------
    Callable[[Job], Any]
        Does a job; its errors quote nothing of a file.

    Raises
    ------
    EinthovenError
        If there is no such model, its signature is wrong, or the prevalence is wrong.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # some managers send it to the whole group; the service ends workers
    warnings.simplefilter("ignore")  # a library's warning may quote the patient data of a file
    logging.getLogger().addHandler(logging.NullHandler())
    from einthoven.interpret.interpreter import Interpreter

    interpreter = Interpreter.load(model, prevalence, model_key)
    return partial(_do, interpreter)


def warm_up(interpreter: "Interpreter") -> None:
    """Perform steps that are slow only the first time, such as imports, so that no recording waits for them.

    Parameters
    ----------
    interpreter
        The worker's interpreter.
    """
    import numpy as np

    import einthoven.readers.dicom
    import einthoven.readers.edf
    import einthoven.readers.holter
    import einthoven.readers.scp
    import einthoven.readers.xml  # noqa: F401
    from einthoven.recording import LEADS, Recording

    interpreter(Recording(np.zeros((len(LEADS), 5000), np.float32), 500, LEADS), force=True)


def _do(interpreter: "Interpreter", job: Job) -> Any:
    try:
        return job(interpreter)
    except ShortageError as error:
        raise _shortage_error(error.__cause__) from None
    except (EinthovenError, MemoryError) as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError from None  # the worker determines whether the job or the machine is at fault
        raise
    except Exception as error:
        if isinstance(error, OSError) and shortage(error):
            raise _shortage_error(error) from None
        raise WorkerError(
            f"could not be interpreted because of a bug in Einthoven ({error_location(error)})."
        ) from None


def _shortage_error(error: BaseException | None) -> ShortageError:
    """Return a ShortageError without the name of a file, which may be a patient's."""
    lack = shortage(error) if isinstance(error, OSError) else None
    return ShortageError(f"The service cannot continue: {lack or 'the machine lacks a resource'}, and try again.")


def error_location(error: BaseException) -> str:
    """Return the class and the place of an error, without its message, which may quote a patient's data.

    Parameters
    ----------
    error
        An error that was raised.

    Returns
    -------
    str
        Text such as "ValueError in scp.py, line 12".
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


@dataclass(frozen=True)
class Interpret:
    """Interprets one recording and returns the body of the response."""

    body: "bytes | Mapping[str, bytes | PartView]" = field(repr=False)
    """The body of the request, which is a file or a form; or the files of one recording by name."""
    content_type: str = ""
    source: str = "recording"
    """The recording's name, unless a form names it."""
    output: str = "json"
    """json, fhir, pdf, png or svg."""
    force: bool = False
    prevalence: Mapping[str, float] = field(default_factory=dict)
    explain: tuple[str, ...] = ()
    """Labels to explain."""
    tracing: bool = False
    """Add the signal to the JSON."""
    subject: str | None = None
    """Reference of the patient in FHIR."""
    table: Mapping[str, Any] = field(default_factory=dict)
    """rate, unit and leads of a table that does not state them, and the scale of a WFDB record."""
    page_options: Mapping[str, Any] = field(default_factory=dict)
    """Options of `einthoven.report.page.compose.compose_page`."""

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body) if isinstance(self.body, bytes) else sum(map(len, self.body.values()))

    def __call__(self, interpreter: "Interpreter") -> bytes:
        """Interpret the recording.

        Parameters
        ----------
        interpreter
            The worker's interpreter.

        Returns
        -------
        bytes
            The body of the response, in the format of `output`.

        Raises
        ------
        EinthovenError
            If the recording is refused, or an option does not fit it.
        """
        from einthoven.interpret.comparison.previous import read_previous
        from einthoven.interpret.interpreter import Interpreter

        if self.prevalence:
            interpreter = Interpreter(interpreter.bundle, self.prevalence)
        previous_files = None
        name, files = self.source, cast("bytes | Mapping[str, bytes]", self.body)  # views arrive as bytes
        if isinstance(files, bytes) and is_form(self.content_type):
            (name, files), previous_files = single_recording(files, self.content_type)
        recording = replace(_read(name, files, self.table), source=name)
        previous = None
        if previous_files:
            previous = read_previous(previous_files.files, interpreter, previous_files.name, **self.table)
        interpretation = interpreter(recording, force=self.force, explain=self.explain, previous=previous)
        if self.output == "json":
            return dumps(interpretation.to_dict() | ({"tracing": _tracing(recording)} if self.tracing else {}))
        if self.output == "fhir":
            from einthoven.report.fhir import as_bundle

            return dumps(as_bundle(interpretation, self.subject))
        from einthoven.report.page.compose import compose_pages
        from einthoven.report.page.render import render

        pages = compose_pages(recording, interpretation, model_rate=interpreter.bundle.card.rate, **self.page_options)
        try:
            return render(pages, self.output)
        except ModuleNotFoundError as error:
            raise EinthovenError(f"A page as {self.output} needs {missing_extra(error.name, 'report')}") from None


def _read(name: str, files: bytes | Mapping[str, bytes], table: Mapping[str, Any]) -> "Recording":
    """Read a recording; errors call it `name`."""
    from einthoven.readers import read

    try:
        return read(files, **table)
    except RecordingError as error:
        raise RecordingError(error.reason, name) from error.__cause__


def _tracing(recording: "Recording") -> dict[str, Any]:
    """Return the signal for JSON: [lead][sample] in mV, rounded to whole microvolts.

    The signal becomes JSON lead by lead: hours of float64 would take several times the memory.
    """
    import numpy as np

    return {
        "rate_hz": recording.rate,
        "leads": recording.leads,
        "unit": "mV",
        "signal": [Fragment(dumps(np.rint(1000.0 * lead).astype(np.int64) / 1000)) for lead in recording.signal],
    }


@dataclass(frozen=True)
class DescribeModel:
    """Describes the workers' model for `GET /v1/models`."""

    def __call__(self, interpreter: "Interpreter") -> bytes:
        """Return the facts of the model's card that a client needs.

        Parameters
        ----------
        interpreter
            The worker's interpreter.

        Returns
        -------
        bytes
            JSON.
        """
        card = interpreter.bundle.card
        labels = [{"name": output.label, "description": output.name, "kinds": output.kinds} for output in card.outputs]
        return dumps({"models": [{**asdict(interpreter.model), "input": card.input.to_dict(), "labels": labels}]})
