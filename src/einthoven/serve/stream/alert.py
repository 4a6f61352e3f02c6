"""The infarct-pattern alert: raised and cleared by windows of 10 s in a row, never by a single answer."""

from dataclasses import dataclass
from typing import Any

from einthoven.interpret.decisions import MI, RULE_IN
from einthoven.model.card import Card
from einthoven.signal.segments import SECONDS

SPECIFICITY = "0.99"
"""Of a 10-s tracing on the validation fold: what a window must reach to count. Stricter than ruling in."""
WINDOWS = 3


@dataclass(frozen=True)
class AlertThresholds:
    """Probabilities at the training data's prevalence."""

    raise_threshold: float
    """A window of at least this counts towards the alert."""
    clear_threshold: float
    """A window below it counts towards the end of an alert."""

    @classmethod
    def from_card(cls, card: Card) -> "AlertThresholds | None":
        """Return the thresholds of specificity .99 and of ruling in, or None if the card has none for MI."""
        thresholds = next((label["thresholds"] for label in card.facts["labels"] if label["name"] == MI), None)
        if not thresholds:
            return None
        rule_in = thresholds["rule_in"]
        return cls(rule_in[SPECIFICITY]["threshold"], rule_in[RULE_IN]["threshold"])


class Alert:
    """Counts windows that do not overlap. In a row means: a window that cannot be interpreted begins the count anew.

    So an unreadable tracing neither raises an alert nor ends one.
    """

    def __init__(self, thresholds: AlertThresholds, windows: int = WINDOWS) -> None:
        self._limits, self._needed = thresholds, windows
        self._high = self._low = 0
        self._counted_s = 0.0
        self.since_s: float | None = None
        """When it was raised, in s from the stream's start; None while there is none."""

    @property
    def active(self) -> bool:
        """Whether there is an alert."""
        return self.since_s is not None

    def update(self, end_s: float, probability: float | None) -> None:
        """Take the answer about the 10 s that end at `end_s`; None where there is none.

        Of answers about overlapping 10 s the first counts; `end_s` never falls.
        """
        if end_s < self._counted_s + SECONDS:
            return
        self._counted_s = end_s
        self._high = self._high + 1 if probability is not None and probability >= self._limits.raise_threshold else 0
        self._low = self._low + 1 if probability is not None and probability < self._limits.clear_threshold else 0
        if not self.active and self._high >= self._needed:
            self.since_s = end_s
        elif self.active and self._low >= self._needed:
            self.since_s = None

    def to_dict(self) -> dict[str, Any]:
        """As it stands in an answer: `windows` of `of` count towards raising it."""
        return {
            "active": self.active,
            "since_s": self.since_s and round(self.since_s, 2),
            "windows": min(self._high, self._needed),
            "of": self._needed,
        }
