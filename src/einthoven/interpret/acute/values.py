"""The answer about an acute infarct pattern."""

from dataclasses import dataclass, field
from math import inf

from einthoven.interpret.answer import Decision
from einthoven.model.json_fields import NULLABLE, JsonFields


@dataclass(frozen=True)
class AcutePattern(JsonFields):
    """Whether the ECG shows the pattern of an acute infarct. No ECG excludes one."""

    probability: float | None = field(default=None, metadata=NULLABLE)
    """None if it cannot be decided; `reasons` or `withheld_because` says why."""
    decision: Decision = "undecided"
    territory: tuple[str, ...] = ()
    """Such as inferior; empty without a pattern, or if its place is unclear."""
    in_words: str = ""
    """The answer as a person reads it."""
    prevalence: float | None = field(default=None, metadata=NULLABLE)
    """That the probability assumes."""
    rule_in_from: float | None = field(default=None, metadata=NULLABLE)
    """`rule-in` from this probability; lower if criteria of ST elevation are met. None without a probability."""
    rule_out_below: float | None = field(default=None, metadata=NULLABLE)
    """`rule-out` below this probability, if nothing forbids it."""
    advice: tuple[str, ...] = ()
    """What to do next, in sentences."""
    reasons: tuple[str, ...] = ()
    """What speaks for the decision, in sentences with measured values."""
    withheld_because: str | None = field(default=None, metadata=NULLABLE)
    """Why the pattern is neither ruled in nor out; None if the decision stands."""

    @property
    def is_high(self) -> bool:
        """Whether the probability is one of a rule-in, also where the decision is withheld."""
        return self.probability is not None and self.probability >= (self.rule_in_from or inf)
