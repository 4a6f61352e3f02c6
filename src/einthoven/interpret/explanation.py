"""Why: which leads and which seconds a finding rests on."""

from dataclasses import dataclass, field
from typing import Any

from einthoven.interpret.calibration import Floats

_DIGITS = 4


@dataclass(frozen=True, eq=False)
class Explanation:
    """How much each lead at each time speaks for a label in one segment: what the model looked at, not why it is so."""

    label: str
    start_s: float
    """The segment, 10 s at most: of a longer recording the interpreted one in which the label is most probable."""
    end_s: float
    leads: tuple[str, ...]
    values: Floats = field(repr=False)
    """(leads, bins): by how much the log-odds of the label's score fall when this piece is hidden; negative where they
    rise. The bins are equal parts of the segment, about a quarter of a second each."""

    @property
    def seconds_per_bin(self) -> float:
        """Duration of a bin in s."""
        return (self.end_s - self.start_s) / int(self.values.shape[1])

    def to_dict(self) -> dict[str, Any]:
        """The shape of `explanation` in interpretation.schema.json."""
        return {
            "label": self.label,
            "start_s": round(self.start_s, 2),
            "seconds_per_bin": round(self.seconds_per_bin, 6),
            "leads": list(self.leads),
            "values": [[round(float(value), _DIGITS) + 0.0 for value in row] for row in self.values],
        }
