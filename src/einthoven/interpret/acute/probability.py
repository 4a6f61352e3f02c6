"""The probability of an acute infarct pattern: one logistic regression for ST elevation, and one for injury.

`benchmarks/fit/acute.py` fits the coefficients and chooses the thresholds; docs/explanation/acute.md has the method.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Any, NamedTuple, Self

from einthoven.interpret.acute.features import FEATURES, log_odds

COEFFICIENTS = Path(__file__).with_name("coefficients.json")


class PatternProbabilities(NamedTuple):
    """The probabilities of both acute patterns."""

    elevation: float
    """Probability of an infarct with ST elevation (in PTB-XL: of stage I or I-II, or acute by its report)."""
    injury: float
    """Probability of injury with ST depression (in PTB-XL: INJ*)."""

    @property
    def either(self) -> float:
        """Probability of either acute pattern, as if both were independent of each other."""
        return 1 - (1 - self.elevation) * (1 - self.injury)


@dataclass(frozen=True)
class AcuteModel:
    """Coefficients and thresholds."""

    elevation: Mapping[str, float]
    """Coefficients by the names of FEATURES, and `intercept`."""
    injury: Mapping[str, float]
    prevalence: float
    """Share of records with an acute pattern in the folds of the fit."""
    infarct_prevalence: float
    """Share of records with an infarct of any age in the same folds."""
    rule_in_from: float
    """Probability from which the pattern is ruled in."""
    criteria_from: float
    """Probability from which the pattern is ruled in if criteria of ST elevation are met."""
    rule_out_below: float
    """Probability below which the pattern is ruled out."""

    @classmethod
    @cache
    def load(cls) -> Self:
        """Load the package's coefficients.

        Returns
        -------
        AcuteModel
            The same object each time.
        """
        values: Mapping[str, Any] = json.loads(COEFFICIENTS.read_text(encoding="utf-8"))
        return cls(**values)

    def probabilities(
        self, features: Mapping[str, float], infarct_prevalence: float | None = None
    ) -> PatternProbabilities:
        """Compute the probabilities of both patterns.

        Parameters
        ----------
        features
            Features by the names of FEATURES.
        infarct_prevalence
            Prevalence of infarcts of any age that the model's probability assumes; None for that of the fit. The
            result does not depend on it: the function only undoes its effect on the model's probability.

        Returns
        -------
        PatternProbabilities
            Probabilities at the prevalence of the fit.
        """
        if infarct_prevalence is not None:
            moved = log_odds(infarct_prevalence) - log_odds(self.infarct_prevalence)
            features = {**features, "infarct": features["infarct"] - moved}
        return PatternProbabilities(_logistic(self.elevation, features), _logistic(self.injury, features))


def _logistic(coefficients: Mapping[str, float], features: Mapping[str, float]) -> float:
    odds = coefficients["intercept"] + sum([coefficients[name] * features[name] for name in FEATURES])
    return 1 / (1 + exp(-odds))
