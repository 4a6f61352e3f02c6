"""One ECG inside Einthoven: the Recording, its leads, its patient and its warnings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from einthoven.arrays import Float32Array
from einthoven.display import show
from einthoven.text import shorten

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard leads in the order that holds everywhere inside Einthoven."""
LIMB_LEAD_WEIGHTS: Mapping[str, tuple[float, float]] = {
    "III": (-1, 1),
    "aVR": (-0.5, -0.5),
    "aVL": (1, -0.5),
    "aVF": (-0.5, 1),
}
"""Weights of I and of II in each of the other limb leads, by Einthoven's law and Goldberger's definitions."""
SUPPLEMENTAL_LEADS = ("V3R", "V4R", "V7", "V8", "V9")
"""Further chest leads that criteria of infarcts use: on the right, and on the back."""
MIN_SECONDS = 2.5
"""Shortest duration in s of a recording that is interpreted."""

WarningCode = Literal[
    # reading a file
    "assumed-rate",  # the file has no sampling rate; the format's default is taken
    "assumed-simultaneous",  # groups of leads do not state when they began
    "calibration-pulse",  # was recorded with the leads; 0 mV there
    "channels-left-out",  # no standard leads, or the same lead twice
    "lead-empty",  # without samples, left out
    "lead-flat",  # the same value from beginning to end
    "lead-inverted",  # stored with the opposite sign, such as -aVR
    "leads-unequal",  # in length; what all of them have is read
    "limb-leads-contradict",  # each other, by Einthoven's law
    "low-amplitude",  # in all leads; the unit may be wrong
    "parser",  # a warning of the library that read the file
    "patient-damaged",  # what the file states about the patient
    "recording-time",  # not plausible, not complete or not understood
    "resampled",  # some leads, to the rate of the others
    "rhythms-left-out",  # the file holds more than one rhythm
    "samples-missing",  # the file holds fewer than it declares
    "signal-gap",  # no samples in some leads for a while; 0 mV there
    "simulated",  # not the ECG of a patient
    "wrong-checksum",
    # a stream
    "lead-silent",  # no samples of it in this window; 0 mV there
    "low-pass",  # the monitor filters below the ECG's band
    # the comparison with a previous ECG
    "comparison-electrodes",  # exchanged in one of both, so that leads are not compared
    "comparison-filters",  # or recorders differ
    "comparison-leads",  # that only one of both has
    "comparison-model",  # another one interpreted the previous ECG
    "comparison-noise",  # in leads of one of both
    "comparison-order",  # the previous ECG is later, or of the same time
    "comparison-patient",  # the files state different ones
    "comparison-patient-unknown",
    "comparison-rate",  # R and S are understated in one of both
    "comparison-time",  # unknown
    # the interpretation
    "amplitude-unusual",  # the unit or the scale may be wrong
    "amplitudes-understated",  # R and S, because of the sampling rate
    "assumed-prevalence",  # of other labels than MI, as the caller asked
    "child",  # the model was trained on adults
    "electrodes-exchanged",  # some may be
    "forced",  # unfit, but interpreted as the caller asked
    "infarct-withheld",  # neither ruled in nor out, though the model has an answer
    "lead-quality",  # a problem of one or more leads
    "leads-scaled-separately",  # so that amplitudes mean nothing
    "leads-lost",  # without which an infarct pattern is not ruled out
    "leads-unusual",  # the leads do not relate to each other as in other ECGs
    "no-beats",  # none are organised
    "noise",  # of muscles, in most leads
    "offset-removed",  # leads were far from the zero line
    "paced",
    "pacing-spikes-without-capture",
    "quality-poor",  # the quality gate does not accept the signal
    "segments-left-out",  # unfit parts of a longer recording
    "segments-sampled",  # the caller asked for one segment in a while
    "short",  # less than 10 s
    "signal-unusual",  # the signal is unlike most ECGs
]
"""Codes of warnings about a recording or its interpretation."""


class RecordingWarning(NamedTuple):
    """Warning for readers of a recording or of its interpretation."""

    code: WarningCode
    """Stable code for programs."""
    text: str
    """Sentence for people; never with data that identify a patient."""


class Filters(NamedTuple):
    """Filters of the recorder, as the file states them; None for a filter that it does not state."""

    high_pass_hz: float | None = None
    """Lower limit of the pass band in Hz."""
    low_pass_hz: float | None = None
    """Upper limit of the pass band in Hz."""
    notch_hz: float | None = None
    """Mains frequency that is filtered out, in Hz."""


@dataclass(frozen=True)
class Patient:
    """Patient data that the file states; None or "" for data that it does not state.

    Fields that identify a person (`id`, `name`, `birth_date`) are left out of the repr, so that they are not logged by
    accident.
    """

    age: float | None = None
    """Age at the recording in years."""
    sex: Literal["female", "male"] | None = None
    pacemaker: bool | None = None
    id: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """One ECG; `einthoven.read` returns it. A notebook shows it on ECG paper."""

    signal: Float32Array
    """Signal in mV, float32 (leads, samples), without NaN; 0 where nothing was recorded, which `warnings` states."""
    rate: float
    """Sampling rate in Hz."""
    leads: tuple[str, ...]
    """Names of the rows of `signal`: standard leads, in standard order."""
    derived_leads: tuple[str, ...] = ()
    """Leads among `leads` that were computed from two of I, II and III because the file does not hold them."""
    patient: Patient = Patient()
    source: str = ""
    """Path or name of the recording, as the caller gave it."""
    format: str = ""
    """Name of the file format, such as "WFDB" or "DICOM"."""
    recorded_at: datetime | None = None
    """Start of the recording, as the file states it: with a time zone if the file has one, else local time."""
    device: str | None = None
    """Maker and model of the recorder; never its serial number or owner."""
    filters: Filters | None = None
    """Filters of the recorder; None if the file states none."""
    warnings: tuple[RecordingWarning, ...] = ()
    """Warnings about unusual properties of the file."""
    pacing_spikes_s: tuple[float, ...] = ()
    """Times of pacing spikes that the recorder marked, in s from the start; those in `signal` are found separately."""
    supplemental: Mapping[str, Float32Array] = field(default_factory=dict)
    """Leads among SUPPLEMENTAL_LEADS that were recorded with the others: shape (samples,), in mV, by name."""

    @property
    def seconds(self) -> float:
        """Duration in s."""
        return int(self.signal.shape[-1]) / self.rate

    def __repr__(self) -> str:
        facts = f"{len(self.leads)} leads, {self.seconds:.4g} s at {self.rate:g} Hz"
        return f"<Recording {shorten(self.source, 40, keep_end=True)}: {shorten(self.format, 20)}, {facts}>"

    def _repr_svg_(self) -> str:
        return str(show("svg", self))
