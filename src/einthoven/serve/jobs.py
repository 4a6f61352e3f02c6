"""What workers do for HTTP. Loaded in their processes too: nothing here may import the web framework."""

import logging
import signal
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from einthoven.errors import EinthovenError, RecordingError, ShortageError, shortage
from einthoven.interpret.json_text import Fragment, dumps
from einthoven.serve.multipart import is_form, single_recording
from einthoven.workers import WorkerError

if TYPE_CHECKING:
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.recording import Recording
    from einthoven.serve.multipart import PartView

Job = Callable[["Interpreter"], Any]


def start(model: str, prevalence: Mapping[str, float], model_key: Path | None = None) -> Callable[[Job], Any]:
    """What does jobs; called once in each worker.

    Raises EinthovenError where there is no such model, `model_key` did not sign it, or the prevalence is wrong.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to the whole group by some managers: the service ends us
    warnings.simplefilter("ignore")  # a library's words may hold what a file says of the patient
    logging.getLogger().addHandler(logging.NullHandler())
    from einthoven.interpret.interpreter import Interpreter

    interpreter = Interpreter.load(model, prevalence, model_key)
    return partial(_do, interpreter)


def warm(interpreter: "Interpreter") -> None:
    """Everything that is slow only once, such as loading what resamples, so that no recording waits for it."""
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
        raise _nameless(error.__cause__) from None
    except (EinthovenError, MemoryError) as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError from None  # the worker finds out whose fault it is
        raise
    except Exception as error:  # its words may hold what the file says of the patient
        if isinstance(error, OSError) and shortage(error):
            raise _nameless(error) from None
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        raise WorkerError(f"could not be interpreted, by a mistake in Einthoven ({where}).") from None


def _nameless(error: BaseException | None) -> ShortageError:
    """A shortage without the name of a file, which may be that of a patient."""
    lack = shortage(error) if isinstance(error, OSError) else None
    return ShortageError(f"The service cannot go on: {lack or 'the machine lacks something'}, and try again.")


@dataclass(frozen=True)
class Interpret:
    """One recording and what is wanted of it; gives the body of the answer."""

    body: "bytes | Mapping[str, bytes | PartView]" = field(repr=False)
    """As it came, a file or a form; or the files of one recording, which are bytes once a worker has them."""
    content_type: str = ""
    source: str = "recording"
    """What to call it, unless it is a form."""
    output: str = "json"
    """json, fhir, pdf, png or svg."""
    force: bool = False
    prevalence: Mapping[str, float] = field(default_factory=dict)
    explain: tuple[str, ...] = ()
    """Labels of which the answer is to say what they rest on."""
    intervals: bool = False
    """PR, QRS, QT, QTc and axis too."""
    tracing: bool = False
    """Add the signal to the JSON."""
    subject: str | None = None
    """Of FHIR."""
    table: Mapping[str, Any] = field(default_factory=dict)
    """rate, unit, leads of a table that does not say them."""
    look: Mapping[str, Any] = field(default_factory=dict)
    """Options of `einthoven.report.page.compose.compose_page`."""

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body) if isinstance(self.body, bytes) else sum(map(len, self.body.values()))

    def __call__(self, interpreter: "Interpreter") -> bytes:
        """Raises EinthovenError where the recording is refused, or a wish cannot be met."""
        from einthoven.interpret.interpreter import Interpreter

        if self.prevalence:
            interpreter = Interpreter(interpreter.bundle, self.prevalence)
        name, files = self.source, cast("bytes | Mapping[str, bytes]", self.body)
        if isinstance(files, bytes) and is_form(self.content_type):
            name, files = single_recording(files, self.content_type)
        recording = replace(_read(name, files, self.table), source=name)
        interpretation = interpreter(recording, force=self.force, explain=self.explain, intervals=self.intervals)
        if self.output == "json":
            return dumps(interpretation.to_dict() | ({"tracing": tracing(recording)} if self.tracing else {}))
        if self.output == "fhir":
            from einthoven.report.fhir import as_bundle

            return dumps(as_bundle(interpretation, self.subject))
        from einthoven.report.page.compose import compose_page
        from einthoven.report.page.render import render

        page = compose_page(recording, interpretation, model_rate=interpreter.bundle.card.rate, **self.look)
        try:
            return render(page, self.output)
        except ModuleNotFoundError as error:
            raise EinthovenError(
                f"A page as {self.output} needs {error.name} in the service: pip install 'einthoven[report]'."
            ) from None


def _read(name: str, files: bytes | Mapping[str, bytes], table: Mapping[str, Any]) -> "Recording":
    """As `einthoven.read`; an error calls the recording `name`."""
    from einthoven.readers import read

    try:
        return read(files, **table)
    except RecordingError as error:
        raise RecordingError(error.reason, name) from error.__cause__


def tracing(recording: "Recording") -> dict[str, Any]:
    """The signal for a page that draws it, as JSON has it: [lead][sample] in mV, rounded to whole microvolts.

    It becomes JSON lead by lead: hours of float64 would take several times the memory.
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
    """Facts of the model that the workers use, for `GET /v1/models`."""

    def __call__(self, interpreter: "Interpreter") -> bytes:
        """Its card, as far as a client needs it."""
        card = interpreter.bundle.card
        labels = [
            {"name": label["name"], "description": label["description"], "kinds": label["kinds"]}
            for label in card.facts["labels"]
        ]
        return dumps({"models": [{**asdict(interpreter.model), "input": card.facts["input"], "labels": labels}]})
