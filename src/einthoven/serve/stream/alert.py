"""The infarct-pattern alert: raised and cleared by several consecutive windows of 10 s, never by a single answer."""

from dataclasses import dataclass
from typing import Any

from einthoven.interpret.decisions import MI, RULE_IN
from einthoven.model.card import Card
from einthoven.signal.segments import SECONDS

SPECIFICITY = "0.99"
"""Specificity on the validation fold of the threshold that a window must reach to count; stricter than rule-in."""
WINDOWS = 3


@dataclass(frozen=True)
class AlertThresholds:
    """Probabilities at the training data's prevalence."""

    raise_threshold: float
    """A window of at least this probability counts towards an alert."""
    clear_threshold: float
    """A window below this probability counts towards the end of an alert."""

    @classmethod
    def from_card(cls, card: Card) -> "AlertThresholds | None":
        """Return the thresholds of specificity .99 and of ruling in.

        Parameters
        ----------
        card
            A bundle's card.

        Returns
        -------
        AlertThresholds | None
            Thresholds for the alert; None if the card has no thresholds for MI.
        """
        output = card.output(MI)
        if output is None or output.thresholds is None:
            return None
        rule_in = output.thresholds.rule_in
        return cls(rule_in[SPECIFICITY], rule_in[RULE_IN])


class Alert:
    """Counts consecutive windows that do not overlap.

    A window that cannot be interpreted restarts the count, so that an unreadable tracing neither raises an alert nor
    ends one.

    Parameters
    ----------
    thresholds
        Probabilities at which a window counts.
    windows
        Consecutive windows that raise or clear the alert.

    Attributes
    ----------
    since_s : float or None
        Time at which the alert was raised, in s from the stream's start; None if there is no alert.
    """

    def __init__(self, thresholds: AlertThresholds, windows: int = WINDOWS) -> None:
        self._thresholds, self._windows = thresholds, windows
        self._high = self._low = 0
        self._window_end_s = 0.0  # of the last window that was counted
        self.since_s: float | None = None

    @property
    def active(self) -> bool:
        """Whether there is an alert."""
        return self.since_s is not None

    def update(self, end_s: float, probability: float | None) -> None:
        """Count a window, unless it overlaps the last one that was counted.

        Parameters
        ----------
        end_s
            End of the window in s from the stream's start; it never falls.
        probability
            Probability of the infarct pattern at the training data's prevalence; None if the window was not
            interpreted.
        """
        if end_s < self._window_end_s + SECONDS:
            return
        self._window_end_s = end_s
        is_high = probability is not None and probability >= self._thresholds.raise_threshold
        is_low = probability is not None and probability < self._thresholds.clear_threshold
        self._high = self._high + 1 if is_high else 0
        self._low = self._low + 1 if is_low else 0
        if not self.active and self._high >= self._windows:
            self.since_s = end_s
        elif self.active and self._low >= self._windows:
            self.since_s = None

    def to_dict(self) -> dict[str, Any]:
        """Return the alert for JSON.

        Returns
        -------
        dict[str, Any]
            `windows` of `of` count towards raising it.
        """
        return {
            "active": self.active,
            "since_s": self.since_s and round(self.since_s, 2),
            "windows": min(self._high, self._windows),
            "of": self._windows,
        }
