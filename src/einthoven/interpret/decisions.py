"""From a model's scores to an Answer: calibration, prevalence, thresholds, rounding."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.answer import Answer, Decision, Finding, InfarctPattern, Score
from einthoven.model.card import Card, Thresholds
from einthoven.model.prevalence import assumed_prevalence, shift

RULE_IN, RULE_OUT = "0.95", "0.99"
"""The specificity on the validation fold that rules in, and the sensitivity that rules out."""
MI = "MI"
PACED = ("PACE",)
NO_P_WAVES = ("AFIB", "AFLT")
"""Fibrillating and fluttering atria: no P wave leads a beat, so that there is no PR interval."""


class DecisionRule:
    """How a card turns scores into answers, at a given prevalence.

    Decisions are made on exact probabilities; an Answer holds them rounded.

    Probabilities and thresholds move together with the prevalence, so that it changes no decision.
    """

    def __init__(self, card: Card, prevalence: Mapping[str, float]) -> None:
        outputs = card.outputs
        self.card = card
        self._low = [output.low_support for output in outputs]
        self._superclass = ["superclass" in output.kinds for output in outputs]
        self._statement = [output.kinds != ("superclass",) for output in outputs]
        self._names = [output.name for output in outputs]
        self._trained = np.array([output.prevalence for output in outputs])
        low = [output.label for output in outputs if output.low_support]
        self._assumed = assumed_prevalence(card.labels, self._trained, prevalence, low)
        changed = np.flatnonzero(self._assumed != self._trained)
        self.assumed = {card.labels[k]: float(self._assumed[k]) for k in changed}
        """Prevalence of the labels for which it is another than in the training data."""
        self._thresholds = self._at(lambda thresholds: thresholds.f1).tolist()
        self._shown_thresholds = _rounded(self._thresholds)
        self._rule_in = self._at(lambda thresholds: thresholds.rule_in[RULE_IN])
        self._rule_out = self._at(lambda thresholds: thresholds.rule_out[RULE_OUT])

    def _at(self, choose: Callable[[Thresholds], float]) -> Float64Array:
        """Thresholds (labels,) at the assumed prevalence; nan for a label without."""
        thresholds = (output.thresholds for output in self.card.outputs)
        trained = np.array([choose(t) if t else np.nan for t in thresholds])
        return np.where(np.isnan(trained), np.nan, shift(np.nan_to_num(trained), self._trained, self._assumed))

    def probabilities(self, scores: Float64Array) -> Float64Array:
        """Probabilities (labels,) of `scores` (labels,); a label of low support keeps its score."""
        return shift(self.card.calibrate(scores), self._trained, self._assumed)

    def __call__(self, probabilities: Float64Array) -> Answer:
        """The Answer of `probabilities` (labels,) as the method of that name gives them."""
        findings, statements, scores = [], [], []
        present = [
            value >= threshold for value, threshold in zip(probabilities.tolist(), self._thresholds, strict=True)
        ]
        for k, (label, value) in enumerate(zip(self.card.labels, _rounded(probabilities), strict=True)):
            if self._low[k]:
                scores.append(Score(label, self._names[k], value))
                continue
            finding = Finding(label, self._names[k], value, present[k], self._shown_thresholds[k])
            if self._superclass[k]:
                findings.append(finding)
            if self._statement[k]:
                statements.append(finding)
        return Answer(
            mi=self._mi(probabilities),
            findings=tuple(findings),
            statements=tuple(statements),
            scores_only=tuple(scores),
        )

    def _mi(self, probabilities: Float64Array) -> InfarctPattern | None:
        if MI not in self.card.labels:
            return None
        k = self.card.labels.index(MI)
        if self._low[k]:
            return None
        p, rule_in, rule_out = (float(values[k]) for values in (probabilities, self._rule_in, self._rule_out))
        decision: Decision = "rule-in" if p >= rule_in else "rule-out" if p < rule_out else "undecided"
        return InfarctPattern(
            probability=_fine(p),
            decision=decision,
            prevalence=_fine(float(self._assumed[k])),
            rule_in_from=_fine(rule_in),
            rule_out_below=_fine(rule_out),
        )

    def normality(self, probabilities: Float64Array) -> Float64Array:
        """How normal tracings (..., labels) are: the probability of NORM, or of no label at all where there is none."""
        if "NORM" not in self.card.labels:
            return np.asarray(1 - probabilities.max(-1))
        return np.asarray(probabilities[..., self.card.labels.index("NORM")])


def _rounded(shares: Sequence[float] | Float64Array) -> list[float]:
    """To four digits, all at once: there are some 130 in an answer."""
    rounded: list[float] = (np.rint(np.asarray(shares, np.float64) * 10_000) / 10_000).tolist()
    return rounded


def _fine(share: float) -> float:
    """To four digits, and to two significant ones where infarcts are so rare that the first four would be 0."""
    return round(share * 10_000) / 10_000 if share >= 0.001 else float(f"{share:.2g}")


def present(answer: Answer, labels: Collection[str]) -> bool:
    """Whether any of the statements `labels` is present, as far as the model says."""
    return any(statement.label in labels and statement.present for statement in answer.statements)
