"""One ECG as it is held inside Einthoven: the twelve leads, the patient, the Recording."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from einthoven.arrays import Float32Array

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard leads in the order that holds everywhere inside Einthoven."""
MIN_SECONDS = 2.5
"""The shortest recording that is interpreted."""


@dataclass(frozen=True)
class Patient:
    """What the file said of the patient; None or "" where it said nothing.

    What identifies a person (`id`, `name`, `birth_date`) is left out of the repr, so that it is not logged by accident.
    """

    age: float | None = None
    """Age at the recording in years."""
    sex: Literal["female", "male"] | None = None
    pacemaker: bool | None = None
    id: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Recording:
    """One ECG. `einthoven.read` makes it from a file."""

    signal: Float32Array = field(repr=False)
    """float32 (leads, samples) in mV, without NaN; 0 where nothing was recorded, which `warnings` names."""
    rate: float
    """Samples per second in Hz."""
    leads: tuple[str, ...]
    """Names of the rows of `signal`: the standard leads that there are, in standard order."""
    derived_leads: tuple[str, ...] = ()
    """Those of `leads` that were computed from two of I, II and III because the file does not hold them."""
    patient: Patient = Patient()
    source: str = ""
    """Where it came from, as it was given."""
    format: str = ""
    """Name of the file format, such as "WFDB" or "DICOM"."""
    warnings: tuple[str, ...] = ()
    """What a reader of the result should know, one sentence each."""

    @property
    def seconds(self) -> float:
        """Duration in s."""
        return int(self.signal.shape[-1]) / self.rate
