"""The answer about an acute infarct pattern."""

from dataclasses import dataclass, field
from math import inf

from einthoven.interpret.answer import Decision
from einthoven.model.json_fields import NULLABLE, JsonFields


@dataclass(frozen=True)
class AcutePattern(JsonFields):
    """Whether the ECG shows the pattern of an acute infarct. No ECG excludes one."""

    probability: float | None = field(default=None, metadata=NULLABLE)
    """Calibrated probability; None if it cannot be computed."""
    decision: Decision = "undecided"
    territory: tuple[str, ...] = ()
    """Walls of the heart, such as inferior; empty without a pattern, or if its place is unclear."""
    in_words: str = ""
    """The answer in the words of every output for people."""
    prevalence: float | None = field(default=None, metadata=NULLABLE)
    """Prevalence that the probability assumes."""
    rule_in_from: float | None = field(default=None, metadata=NULLABLE)
    """`rule-in` from this probability; lower if criteria of ST elevation are met. None without a probability."""
    rule_out_below: float | None = field(default=None, metadata=NULLABLE)
    """`rule-out` below this probability, if nothing forbids it."""
    advice: tuple[str, ...] = ()
    """Sentences with the next steps."""
    reasons: tuple[str, ...] = ()
    """Reasons for the decision, in sentences with measured values."""
    withheld_because: str | None = field(default=None, metadata=NULLABLE)
    """Reason why the pattern is neither ruled in nor ruled out; None if the decision stands."""

    @property
    def is_high(self) -> bool:
        """Whether the probability reaches the rule-in threshold, even if the decision is withheld."""
        return self.probability is not None and self.probability >= (self.rule_in_from or inf)
