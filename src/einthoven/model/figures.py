"""Figures of a bundle's card that the package shows: the model's performance on the test fold."""

from dataclasses import dataclass

from einthoven.model.json_fields import JsonFields


@dataclass(frozen=True)
class Interval(JsonFields):
    """A value with its 95 % confidence interval."""

    value: float
    low: float
    high: float

    def __format__(self, form: str) -> str:
        """Format all three numbers: `f"{interval:.3f}"` gives `0.937 (0.927 to 0.947)`."""
        return f"{self.value:{form}} ({self.low:{form}} to {self.high:{form}})"


@dataclass(frozen=True)
class AttainedPoint(JsonFields):
    """Performance at one threshold."""

    sensitivity: Interval | None = None
    specificity: Interval | None = None


@dataclass(frozen=True)
class AttainedPoints(JsonFields):
    """Performance at each threshold of a label."""

    specificity: dict[str, AttainedPoint]
    """Performance by the threshold's specificity on the validation fold, such as "0.95"."""


@dataclass(frozen=True)
class LabelFigures(JsonFields):
    """Performance of a model on one label of a task."""

    auroc: Interval | None = None
    operating_points: AttainedPoints | None = None
    """Operating points of the label; None for labels of tasks that the card has in brief."""


@dataclass(frozen=True, kw_only=True)
class TaskFigures(JsonFields):
    """Performance of a model on one task."""

    macro_auroc: Interval | None = None
    per_label: dict[str, LabelFigures]


@dataclass(frozen=True, kw_only=True)
class Results(JsonFields):
    """Performance of a model on the test fold."""

    simulated: bool | None = None
    """Whether the records were simulated: then the figures are not evidence about real ECGs."""
    tasks: dict[str, TaskFigures]
