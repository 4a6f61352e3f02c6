"""Jobs that workers do for streams.

Worker processes load this module: nothing here may import the web framework.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from einthoven.errors import RecordingError
from einthoven.interpret.decisions import MI
from einthoven.interpret.json_text import dumps
from einthoven.model.prevalence import shift
from einthoven.readers.normalize import make_recording
from einthoven.readers.tracing import Channel, Tracing
from einthoven.recording import RecordingWarning
from einthoven.serve.stream.alert import AlertThresholds
from einthoven.serve.stream.critical_alerts import Seen
from einthoven.serve.stream.frames import Raw, floats
from einthoven.serve.stream.handshake import StreamConfig
from einthoven.serve.stream.st_trend import St
from einthoven.signal.measurements.values import Measurements

if TYPE_CHECKING:
    from einthoven.interpret.interpretation import Interpretation
    from einthoven.interpret.interpreter import Interpreter


@dataclass(frozen=True)
class StreamModel:
    """Facts about the model that streams need."""

    leads: tuple[str, ...]
    thresholds: AlertThresholds | None
    """Thresholds of the alert; None if the model does not predict the infarct pattern."""


@dataclass(frozen=True)
class DescribeStreamModel:
    """Describes the workers' model."""

    def __call__(self, interpreter: "Interpreter") -> StreamModel:
        """Return the model's leads and thresholds.

        Parameters
        ----------
        interpreter
            The worker's interpreter.

        Returns
        -------
        StreamModel
            Leads and alert thresholds of the model.
        """
        card = interpreter.bundle.card
        return StreamModel(card.leads, AlertThresholds.from_card(card))


@dataclass(frozen=True)
class WindowResult:
    """The answer about a window. A worker writes its JSON, so that the service's event loop need not."""

    interpretation: bytes | None = None
    """JSON of the Interpretation; None if the window does not make a recording."""
    quality: bytes | None = None
    """JSON of the interpretation's quality."""
    heart_rate_bpm: float | None = None
    mi: float | None = None
    """Probability of the infarct pattern at the training data's prevalence; None if the model abstains."""
    critical: tuple[Seen, ...] | None = None
    """Critical values; None if the window was not interpreted and none is known."""
    rhythm: tuple[str, str] | None = None
    """Code and name."""
    st_mv: St = field(default_factory=dict)
    """ST 60 ms after J by lead; empty if it was not measured."""
    detail: str | None = None
    """Reason why there is no interpretation."""


@dataclass(frozen=True)
class Window:
    """The newest samples of a stream."""

    stream: str
    config: StreamConfig
    samples: Raw
    """Missing samples are interpolated in short gaps and 0 in longer ones, as in files."""

    @property
    def size(self) -> int:
        """Bytes of the samples."""
        return self.samples.nbytes

    def __call__(self, interpreter: "Interpreter") -> WindowResult:
        """Interpret the window. A window that is not an ECG has a `detail`; that is not an error.

        Parameters
        ----------
        interpreter
            The worker's interpreter.

        Returns
        -------
        WindowResult
            The answer.
        """
        try:
            recording = make_recording(self._tracing(), self.stream)
            interpretation = interpreter(recording)
        except RecordingError as error:
            return WindowResult(detail=f"The last samples do not make a recording: {error}")
        mi = interpretation.mi
        return WindowResult(
            dumps(interpretation.to_dict()),
            dumps(interpretation.quality.to_dict()),
            interpretation.heart_rate_bpm,
            _at_training_prevalence(interpreter, mi.probability, mi.prevalence) if mi else None,
            critical=_critical(interpretation),
            rhythm=(interpretation.rhythm.code, interpretation.rhythm.name),
            st_mv=_st_mv(interpretation.measurements),
        )

    def _tracing(self) -> Tracing:
        config, warnings = self.config, list(self.config.warnings)
        samples = floats(self.samples) * np.float32(config.uv_per_unit)
        silent = np.isnan(samples).all(axis=0)
        if silent.any() and not silent.all():  # as a lead that is off, not as a lead that is missing
            samples[:, silent] = 0
            names = [name for name, is_silent in zip(config.channels, silent, strict=True) if is_silent]
            text = f"No samples of {', '.join(names)} were recorded; they are 0 mV."
            warnings.append(RecordingWarning("lead-silent", text))
        channels = [
            Channel(name, values, config.rate, "uV") for name, values in zip(config.channels, samples.T, strict=True)
        ]
        return Tracing("live stream", channels, config.patient, warnings)


def _critical(interpretation: "Interpretation") -> tuple[Seen, ...] | None:
    """The critical values; None if noise may hide them."""
    seen = tuple([Seen(*value) for value in interpretation.critical])
    return None if interpretation.abstained and not seen else seen


def _st_mv(measurements: Measurements | None) -> St:
    leads = measurements.leads if measurements else {}
    return {lead: of_lead.st_j60_mv for lead, of_lead in leads.items() if of_lead.st_j60_mv is not None}


def _at_training_prevalence(interpreter: "Interpreter", probability: float, assumed: float) -> float:
    """Return the probability at the training data's prevalence, to which the alert's thresholds refer."""
    output = interpreter.bundle.card.output(MI)
    assert output  # else there is no answer about MI
    return float(shift(np.array(probability), np.array(assumed), np.array(output.prevalence)))
