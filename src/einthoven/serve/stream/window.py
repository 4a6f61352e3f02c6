"""What worker processes do for streams; nothing here may import the web framework."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from einthoven.errors import RecordingError
from einthoven.interpret.decisions import MI
from einthoven.interpret.json_text import dumps
from einthoven.model.prevalence import shift
from einthoven.readers.shape import make_recording
from einthoven.readers.tracing import Channel, Tracing
from einthoven.recording import RecordingWarning
from einthoven.serve.stream.alert import AlertThresholds
from einthoven.serve.stream.frames import Raw, floats
from einthoven.serve.stream.handshake import StreamConfig

if TYPE_CHECKING:
    from einthoven.interpret.interpreter import Interpreter


@dataclass(frozen=True)
class StreamModel:
    """What streams need to know of the model."""

    leads: tuple[str, ...]
    thresholds: AlertThresholds | None
    """Of the alert; None where the model knows no infarct pattern."""


@dataclass(frozen=True)
class DescribeStreamModel:
    """Asks a worker for its StreamModel."""

    def __call__(self, interpreter: "Interpreter") -> StreamModel:
        """The model's leads and thresholds."""
        card = interpreter.bundle.card
        return StreamModel(card.leads, AlertThresholds.from_card(card))


@dataclass(frozen=True)
class WindowResult:
    """What is said of a window. A worker writes its JSON, so that the event loop of the service need not."""

    interpretation: bytes | None = None
    """JSON of the Interpretation; None where no recording can be made of the window."""
    quality: bytes | None = None
    """JSON of the interpretation's quality."""
    heart_rate_bpm: float | None = None
    mi: float | None = None
    """Probability of the infarct pattern at the training data's prevalence; None where it abstains."""
    detail: str | None = None
    """Why there is no interpretation."""


@dataclass(frozen=True)
class Window:
    """The newest samples of a stream."""

    stream: str
    config: StreamConfig
    samples: Raw
    """Where none came they are interpolated in short gaps and 0 in longer ones, as in files."""

    @property
    def size(self) -> int:
        """Bytes of the samples."""
        return self.samples.nbytes

    def __call__(self, interpreter: "Interpreter") -> WindowResult:
        """Interpret it. A window that is no ECG has a `detail` and is no error."""
        try:
            recording = make_recording(self._tracing(), self.stream)
            interpretation = interpreter(recording)
        except RecordingError as error:
            return WindowResult(detail=f"The last samples make no recording: {error}")
        mi = interpretation.mi
        return WindowResult(
            dumps(interpretation.to_dict()),
            dumps(interpretation.quality.to_dict()),
            interpretation.heart_rate_bpm,
            _as_trained(interpreter, mi.probability, mi.prevalence) if mi else None,
        )

    def _tracing(self) -> Tracing:
        config, warnings = self.config, list(self.config.warnings)
        samples = floats(self.samples) * np.float32(config.uv_per_unit)
        silent = np.isnan(samples).all(axis=0)
        if silent.any() and not silent.all():  # as a lead that is off, not as one that the file does not have
            samples[:, silent] = 0
            names = [name for name, is_silent in zip(config.channels, silent, strict=True) if is_silent]
            text = f"Nothing was recorded of {', '.join(names)}; it is 0 mV."
            warnings.append(RecordingWarning("lead-silent", text))
        channels = [
            Channel(name, values, config.rate, "uV") for name, values in zip(config.channels, samples.T, strict=True)
        ]
        return Tracing("live stream", channels, config.patient, warnings)


def _as_trained(interpreter: "Interpreter", probability: float, assumed: float) -> float:
    """The probability at the training data's prevalence, for which the alert's thresholds are."""
    card = interpreter.bundle.card
    trained = card.facts["labels"][card.labels.index(MI)]["prevalence"]
    return float(shift(np.array(probability), np.array(assumed), np.array(trained)))
