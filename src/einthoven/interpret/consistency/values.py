"""Results of the rules of consistency."""

from typing import Literal, NamedTuple

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer

Conclusion = Literal["normal", "borderline", "abnormal", "not interpreted"]


class CriticalValue(NamedTuple):
    """A finding that needs attention now."""

    code: str
    name: str
    reason: str
    """Sentence with the measured value and its limit."""


class Reconciled(NamedTuple):
    """The parts of an answer after the rules of consistency."""

    answer: Answer
    acute: AcutePattern | None
    conclusion: Conclusion
    conclusion_reasons: tuple[str, ...]
    """Reasons why the ECG is not normal or not interpreted; empty if it is normal."""
    critical: tuple[CriticalValue, ...]
