"""Why: which leads and which seconds a finding rests on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from einthoven.model.bundle import Bundle
from einthoven.model.calibration import Floats
from einthoven.model.occlusion import occlusion
from einthoven.signal.analysis import Look

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


def explanations(
    bundle: Bundle, labels: Sequence[str], seen: Sequence[Look], probabilities: Floats
) -> tuple[Explanation, ...]:
    """The explanation of each of `labels` in the one of the segments `seen` in which it is most probable.

    `probabilities` (segments, all labels of the card).
    """
    card = bundle.card
    maps, found = dict[int, Floats](), []  # segment -> what it says of all labels
    for label in labels:
        k = card.labels.index(label)
        most = int(probabilities[:, k].argmax())
        segment = seen[most].segment
        if most not in maps:
            maps[most] = occlusion(bundle, seen[most].signal)
        found.append(Explanation(label, segment.start_s, segment.end_s, card.leads, maps[most][k]))
    return tuple(found)
