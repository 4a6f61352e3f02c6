"""The figures of a bundle's card: what its model attained on the test fold, and at its thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __format__(self, form: str) -> str:
        """Format all three numbers: `f"{estimate:.3f}"` gives "0.937 (0.927 to 0.947)"."""
        value, low, high = (format(number, form) for number in (self.value, self.low, self.high))
        return f"{value} ({low} to {high})"

    @classmethod
    def from_dict(cls, facts: Mapping[str, float] | None) -> Self | None:
        """Return the estimate of a JSON object.

        Parameters
        ----------
        facts
            With value, low and high; None if the figure is undefined.

        Returns
        -------
        Estimate or None
            None if `facts` is.
        """
        return cls(facts["value"], facts["low"], facts["high"]) if facts else None


@dataclass(frozen=True)
class OperatingPoint:
    """What a threshold attained."""

    sensitivity: Estimate | None
    specificity: Estimate | None

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the operating point of a JSON object.

        Parameters
        ----------
        facts
            Sensitivity and specificity may be missing.

        Returns
        -------
        OperatingPoint
            Without the other figures of `facts`.
        """
        return cls(Estimate.from_dict(facts.get("sensitivity")), Estimate.from_dict(facts.get("specificity")))


@dataclass(frozen=True)
class LabelFigures:
    """What a model attained for one label of a task."""

    auroc: Estimate | None
    at_specificity: Mapping[str, OperatingPoint]
    """By the specificity on the validation fold, such as "0.95"; empty if the card has none."""

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the figures of a JSON object.

        Parameters
        ----------
        facts
            With auroc and, for labels of few tasks, operating_points.

        Returns
        -------
        LabelFigures
            Without the other figures of `facts`.
        """
        points = (facts.get("operating_points") or {}).get("specificity", {})
        return cls(
            Estimate.from_dict(facts.get("auroc")),
            {target: OperatingPoint.from_dict(point) for target, point in points.items()},
        )


@dataclass(frozen=True)
class TaskFigures:
    """What a model attained on one task."""

    macro_auroc: Estimate | None
    per_label: Mapping[str, LabelFigures]


@dataclass(frozen=True)
class Results:
    """What a model attained on the test fold."""

    simulated: bool
    """Whether the records were simulated: then the figures are no evidence about real ECGs."""
    tasks: Mapping[str, TaskFigures]

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the results of a JSON object.

        Parameters
        ----------
        facts
            `results` of a card.

        Returns
        -------
        Results
            Without the figures of `facts` that only people read.
        """
        tasks = {
            name: TaskFigures(
                Estimate.from_dict(task.get("macro_auroc")),
                {label: LabelFigures.from_dict(row) for label, row in task["per_label"].items()},
            )
            for name, task in facts["tasks"].items()
        }
        return cls(bool(facts.get("simulated")), tasks)
