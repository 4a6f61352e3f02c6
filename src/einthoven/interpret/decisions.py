"""Turn a model's scores into an Answer: calibration, prevalence, thresholds, rounding."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.answer import Answer, Decision, Finding, InfarctPattern, Score
from einthoven.model.card import Card
from einthoven.model.model_output import Thresholds
from einthoven.model.prevalence import assumed_prevalence, shift

RULE_IN, RULE_OUT = "0.95", "0.99"
"""Specificity on the validation fold at which an infarct pattern is ruled in; sensitivity at which it is ruled out."""
RULE_IN_STRICT = "0.98"
"""Specificity on the validation fold of the stricter rule-in; with conditions that imitate a pattern, it is lower."""
PRESENT = 0.5
"""Probability below which a label that reaches its threshold is only possible."""
MI = "MI"
PACED = ("PACE",)
NO_P_WAVES = ("AFIB", "AFLT")
"""In atrial fibrillation and flutter no P wave precedes a beat, so there is no PR interval."""


class _Output(NamedTuple):
    """An output of the model, with the fields that an answer needs."""

    label: str
    name: str
    threshold: float
    """Threshold, rounded as an answer shows it."""
    score_only: bool
    is_superclass: bool
    is_statement: bool


class DecisionRule:
    """Turns the scores of a bundle's model into answers, at a prevalence.

    Decisions use exact probabilities; an Answer has them rounded. Probabilities and thresholds move together with the
    prevalence, so that it changes no decision.

    Parameters
    ----------
    card
        The card of the bundle.
    prevalence
        Prevalence by label, from 0 to 1; other labels have the prevalence of the training data.

    Raises
    ------
    EinthovenError
        If the model has no such label, or a prevalence is not between 0 and 1.
    """

    def __init__(self, card: Card, prevalence: Mapping[str, float]) -> None:
        outputs = card.outputs
        self.card = card
        self._low = [output.low_support for output in outputs]
        self._trained = np.array([output.prevalence for output in outputs])
        low = [output.label for output in outputs if output.low_support]
        self._assumed = assumed_prevalence(card.labels, self._trained, prevalence, low)
        changed = np.flatnonzero(self._assumed != self._trained)
        self.assumed = {card.labels[k]: float(self._assumed[k]) for k in changed}
        """Prevalence of the labels for which it differs from the training data."""
        self._thresholds = self._at(lambda thresholds: thresholds.f1).tolist()
        self._outputs = [
            _Output(
                output.label,
                output.name,
                threshold,
                output.score_only,
                "superclass" in output.kinds,
                output.kinds != ("superclass",),
            )
            for output, threshold in zip(outputs, _rounded(self._thresholds), strict=True)
        ]
        self._rule_in = self._at(lambda thresholds: thresholds.rule_in[RULE_IN])
        self._rule_out = self._at(lambda thresholds: thresholds.rule_out[RULE_OUT])
        k = card.labels.index(MI) if MI in card.labels else None
        self._infarct = None if k is None or self._low[k] else k
        strict = self._at(lambda thresholds: thresholds.rule_in[RULE_IN_STRICT])
        self.rule_in_strict = None if self._infarct is None else _round_small(float(strict[self._infarct]))
        """Probability from which an infarct pattern is ruled in if other conditions imitate one; None without MI."""

    def _at(self, choose: Callable[[Thresholds], float]) -> Float64Array:
        """Return thresholds (labels,) at the assumed prevalence; nan for labels of low support."""
        thresholds = (output.thresholds for output in self.card.outputs)
        trained = np.array([choose(t) if t else np.nan for t in thresholds])
        return np.where(np.isnan(trained), np.nan, shift(np.nan_to_num(trained), self._trained, self._assumed))

    def probabilities(self, scores: Float64Array) -> Float64Array:
        """Turn scores into probabilities at the assumed prevalence.

        Parameters
        ----------
        scores
            Scores, shape (..., labels), from 0 to 1.

        Returns
        -------
        Float64Array
            Probabilities, shape (..., labels); a label of low support keeps its score.
        """
        return shift(self.card.calibrate(scores), self._trained, self._assumed)

    def __call__(self, probabilities: Float64Array) -> Answer:
        """Return the answer for probabilities (labels,) of the method `probabilities`."""
        findings, statements, scores = [], [], []
        reached = [
            value >= threshold for value, threshold in zip(probabilities.tolist(), self._thresholds, strict=True)
        ]
        for output, value, likely in zip(self._outputs, _rounded(probabilities), reached, strict=True):
            label, name, threshold, score_only, is_superclass, is_statement = output
            if score_only:
                scores.append(Score(label, name, value))
                continue
            present = likely and value >= PRESENT
            finding = Finding(label, name, value, present, threshold, possible=likely and not present)
            if is_superclass:
                findings.append(finding)
            if is_statement:
                statements.append(finding)
        return Answer(
            mi=self._mi(probabilities),
            findings=tuple(findings),
            statements=tuple(statements),
            scores_only=tuple(scores),
        )

    def infarct(self, probabilities: Float64Array) -> float | None:
        """Return the probability of an infarct pattern.

        Parameters
        ----------
        probabilities
            Probabilities, shape (labels,).

        Returns
        -------
        float or None
            The probability; None if the model lacks the label MI, or has low support for it.
        """
        k = self._infarct
        return None if k is None else float(probabilities[k])

    def rules_in(self, probabilities: Float64Array) -> bool:
        """Return whether an infarct pattern is ruled in at the usual threshold.

        Parameters
        ----------
        probabilities
            Probabilities, shape (labels,).

        Returns
        -------
        bool
            False if the probability is lower, or without the label MI.
        """
        k = self._infarct
        return k is not None and bool(probabilities[k] >= self._rule_in[k])

    def _mi(self, probabilities: Float64Array) -> InfarctPattern | None:
        k = self._infarct
        if k is None:
            return None
        p, rule_in, rule_out = (float(values[k]) for values in (probabilities, self._rule_in, self._rule_out))
        decision: Decision = "rule-in" if p >= rule_in else "rule-out" if p < rule_out else "undecided"
        return InfarctPattern(
            probability=_round_small(p),
            decision=decision,
            prevalence=_round_small(float(self._assumed[k])),
            rule_in_from=_round_small(rule_in),
            rule_out_below=_round_small(rule_out),
        )

    def normality(self, probabilities: Float64Array) -> Float64Array:
        """Return how normal ECGs are.

        Parameters
        ----------
        probabilities
            Probabilities, shape (..., labels).

        Returns
        -------
        Float64Array
            Probability of NORM, shape (...); without that label, 1 minus the highest probability.
        """
        if "NORM" not in self.card.labels:
            return np.asarray(1 - probabilities.max(-1))
        return np.asarray(probabilities[..., self.card.labels.index("NORM")])


def _rounded(shares: Sequence[float] | Float64Array) -> list[float]:
    """Round to four digits, all at once, because an answer has about 130 numbers."""
    rounded: list[float] = (np.rint(np.asarray(shares, np.float64) * 10_000) / 10_000).tolist()
    return rounded


def _round_small(share: float) -> float:
    """Round to four digits, and small numbers to two significant ones: infarcts may be rare."""
    return round(share * 10_000) / 10_000 if share >= 0.001 else float(f"{share:.2g}")


def any_likely(answer: Answer, labels: Collection[str]) -> bool:
    """Return whether any of several statements is present or possible.

    Parameters
    ----------
    answer
        Answer about a recording.
    labels
        Labels of statements.

    Returns
    -------
    bool
        False if none is reported, or if the model has none of these labels.
    """
    return any(
        statement.label in labels and (statement.present or statement.possible) for statement in answer.statements
    )
