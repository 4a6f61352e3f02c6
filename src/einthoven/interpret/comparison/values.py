"""The result of a comparison with a previous ECG."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from einthoven.model.json_fields import NULLABLE, JsonFields
from einthoven.recording import RecordingWarning

ChangeKind = Literal["critical", "acute", "rhythm", "infarct", "statement", "criterion", "measurement"]


@dataclass(frozen=True)
class Change(JsonFields):
    """A value or an answer in both ECGs."""

    kind: ChangeKind
    code: str
    """Stable, for programs: a label, the code of a rhythm, a criterion or a critical value, or a measurement's name."""
    what: str
    """English name, such as "ST at J in V2" or "complete left bundle branch block"."""
    before: float | str | None = field(metadata={"json": "from"})
    """Value or answer in the previous ECG."""
    after: float | str | None = field(metadata={"json": "to"})
    """Value or answer in this ECG."""
    significant: bool
    """Whether the change exceeds the usual difference between two ECGs of one person."""
    unit: Literal["mV", "ms", "bpm", "degrees"] | None = field(default=None, metadata=NULLABLE)
    lead: str | None = field(default=None, metadata=NULLABLE)
    limit: float | None = field(default=None, metadata=NULLABLE)
    """The largest usual difference, in `unit`; None if the change is not one of a measured value."""


@dataclass(frozen=True)
class Comparison(JsonFields):
    """The differences from a previous ECG."""

    source: str = field(metadata={"json": "with"})
    """Source of the previous ECG."""
    recorded_at: datetime | None = field(metadata=NULLABLE)
    """Time of the previous ECG."""
    interval_s: float | None = field(metadata=NULLABLE)
    """Time from the previous ECG to this one, in s; negative if the "previous" one is later, None if unknown."""
    changes: tuple[Change, ...]
    """Changes, the most urgent first. Values that are compared in every ECG are listed whether they changed or not."""
    not_compared: tuple[str, ...]
    """Answers and values that could not be compared, each with the reason."""
    warnings: tuple[RecordingWarning, ...]
    """Warnings about limits of the comparison."""
    in_words: str
    """Text for people: the significant changes, what could not be compared, and the warnings."""

    @property
    def significant(self) -> tuple[Change, ...]:
        """The changes beyond the usual difference."""
        return tuple([change for change in self.changes if change.significant])
