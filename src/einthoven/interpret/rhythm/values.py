"""The rhythm line of an interpretation."""

from dataclasses import dataclass, field

from einthoven.model.json_fields import NULLABLE, JsonFields
from einthoven.recording import RecordingWarning
from einthoven.signal.beat_values import Pause


@dataclass(frozen=True)
class Rhythm(JsonFields):
    """The rhythm of a recording. Every recording has one, even if it is "rhythm uncertain" or "no organised beats"."""

    code: str
    """Code of PTB-XL if it has one, such as SR or AFIB; otherwise a code of `einthoven.interpret.rhythm.names`."""
    name: str
    """English name."""
    rate_bpm: float | None = field(default=None, metadata=NULLABLE)
    """Ventricular rate; None if it is unclear."""
    regular: bool | None = field(default=None, metadata=NULLABLE)
    reason: str = ""
    """The measured facts, in a sentence."""
    warnings: tuple[RecordingWarning, ...] = ()
    p_waves: str | None = field(default=None, metadata=NULLABLE)
    """Relation of the P waves to the beats: leading, absent, dissociated or dropped; None if unclear."""
    atrial_rate_bpm: float | None = field(default=None, metadata=NULLABLE)
    pauses: tuple[Pause, ...] = ()
    """Pauses, with times in s from the start of the recording."""
    premature_ventricular: int = 0
    """Number of premature ventricular complexes."""
    premature_supraventricular: int = 0


UNCERTAIN = Rhythm("UNCERTAIN", "rhythm uncertain")
