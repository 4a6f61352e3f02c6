"""An output of the model: a label, with its calibration and thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from einthoven.model.calibration import Calibration
from einthoven.model.card_fields import TARGETS

LOW_SUPPORT = 20
"""A label with fewer positive records in the validation folds gets no calibration and no threshold."""


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of a label's calibrated probability, chosen on the validation folds."""

    f1: float
    """Threshold with the highest F1."""
    rule_in: Mapping[str, float]
    """Rule-in threshold by the specificity it has on the validation folds, such as "0.95"."""
    rule_out: Mapping[str, float]
    """Rule-out threshold by the sensitivity it has on the validation folds, such as "0.99"."""

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the thresholds of a JSON object.

        Parameters
        ----------
        facts
            `labels[k].thresholds` of a card.

        Returns
        -------
        Thresholds
            Thresholds without the fields of `facts` that are only for readers.
        """
        rule_in, rule_out = (
            {target: facts[rule][target]["threshold"] for target in TARGETS} for rule in ("rule_in", "rule_out")
        )
        return cls(facts["f1"], rule_in, rule_out)


@dataclass(frozen=True)
class ModelOutput:
    """One output of the model: a label, with its calibration and thresholds."""

    label: str
    name: str
    """Name of the output in English."""
    kinds: tuple[str, ...]
    """Kinds of the label: some of superclass, diagnostic, form and rhythm; or acute."""
    prevalence: float
    """Prevalence of the label in the training folds."""
    calibration: Calibration | None
    """Calibration of the output; None for a label of low support."""
    thresholds: Thresholds | None
    """Thresholds of the output; None for a label of low support."""

    @property
    def low_support(self) -> bool:
        """Whether the validation folds hold too few records of the label for a calibration and thresholds."""
        return self.thresholds is None

    @property
    def score_only(self) -> bool:
        """Whether an interpretation has only a score, without a decision: with low support, or for the acute answer."""
        return self.low_support or self.kinds == ("acute",)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the output of a JSON object.

        Parameters
        ----------
        facts
            An item of `labels` of a card.

        Returns
        -------
        ModelOutput
            Output without the fields of `facts` that are only for readers.
        """
        calibration, thresholds = facts["calibration"], facts["thresholds"]
        return cls(
            label=facts["name"],
            name=facts["description"],
            kinds=tuple(facts["kinds"]),
            prevalence=facts["prevalence"],
            calibration=calibration and Calibration(calibration["slope"], calibration["intercept"]),
            thresholds=thresholds and Thresholds.from_dict(thresholds),
        )
