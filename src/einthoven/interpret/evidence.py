"""The evidence about an ECG, before its rhythm is named and the answer is reconciled."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from einthoven.interpret.answer import Answer
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.recording import Filters, Patient
from einthoven.signal.beat_values import Beats
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.fitness import Doubt
from einthoven.signal.measurements.values import Measurements
from einthoven.signal.pacing import Pacing
from einthoven.signal.quality import Quality

MIN_SPIKES = 0.5
"""Pacing spikes per beat of a paced rhythm, at least."""


@dataclass(frozen=True)
class Evidence:
    """Results of signal and model for a segment, or for a whole recording as the medians of its segments."""

    patient: Patient
    answer: Answer
    """Answer of the model itself, before any rule of consistency; empty if the recording is not interpreted."""
    beats: Beats
    """Beats; for a recording of several segments, those of the first one with organised beats."""
    pacing: Pacing
    electrodes: Electrodes
    quality: Quality
    refusal_reasons: tuple[str, ...] = ()
    """Reasons why the ECG is not interpreted; empty if it is."""
    measurements: Measurements | None = None
    """Measurements, without P waves once the rhythm has none; None if the recording is not interpreted."""
    filters: Filters | None = None
    """Filters of the recorder, if its file states them."""
    doubts: tuple[Doubt, ...] = ()
    """Unusual properties of the signal; `withholds` "rule-out" or "infarct" limits the answer."""
    criteria: tuple[Criterion, ...] = ()
    """Criteria; empty until the rhythm is known."""
    rule_in_strict: float | None = None
    """Probability from which an infarct pattern is ruled in if other conditions imitate one; None without MI."""
    infarct_if_enlarged: float | None = None
    """Probability of an infarct with small QRS complexes enlarged; None if that was not needed."""
    as_named: tuple[Criterion, ...] = ()
    """Criteria that are met if each lead shows what its name says; empty unless `leads_doubt` withholds them."""
    total_beats: int | None = None
    """Number of beats of all segments of a recording; None if `beats` has them all."""

    @property
    def leads_doubt(self) -> str | None:
        """Reason why leads or amplitudes may not be those of the heart, as a clause; None if there is none."""
        if self.electrodes.suspected:
            return self.electrodes.doubt
        return next((doubt.text for doubt in self.doubts if doubt.withholds == "infarct"), None)

    @property
    def many_spikes(self) -> bool:
        """Whether there are enough pacing spikes to pace at least half of the beats; fewer may be noise."""
        beats = len(self.beats.times_s) if self.total_beats is None else self.total_beats
        return len(self.pacing.spikes) >= MIN_SPIKES * beats

    @property
    def paced(self) -> bool:
        """Whether the heart responds to pacing spikes, and there are many spikes or wide QRS complexes."""
        wide = self.qrs_ms is not None and self.qrs_ms >= NARROW_BELOW_MS
        return self.pacing.captured is True and (wide or self.many_spikes)

    @property
    def qrs_ms(self) -> float | None:
        """QRS duration; None if it was not measured."""
        return self.measurements.qrs_ms if self.measurements else None

    @cached_property
    def _probabilities(self) -> Mapping[str, float | None]:
        answer = self.answer
        probabilities = {finding.label: finding.probability for finding in answer.findings + answer.statements}
        return probabilities | {score.label: score.score for score in answer.scores_only}

    @cached_property
    def _likely(self) -> Mapping[str, bool]:
        findings = self.answer.findings + self.answer.statements
        return {finding.label: finding.present or finding.possible for finding in findings}

    @cached_property
    def _met(self) -> Mapping[str, bool | None]:
        return {criterion.code: criterion.met for criterion in self.criteria}

    def probability(self, label: str) -> float | None:
        """Return the model's probability of a label.

        Parameters
        ----------
        label
            Label of a superclass or a statement.

        Returns
        -------
        float or None
            The probability; for a label of low support, the score. None if the model has no such label.
        """
        return self._probabilities.get(label)

    def likely(self, label: str) -> bool | None:
        """Return whether the model's probability of a label reaches its threshold: present, or possible.

        Parameters
        ----------
        label
            Label of a superclass or a statement.

        Returns
        -------
        bool or None
            None if the model has no such label, or no threshold for it.
        """
        return self._likely.get(label)

    def criterion(self, code: str) -> Criterion | None:
        """Return a criterion by its code.

        Parameters
        ----------
        code
            Code of a criterion, such as STEMI-UDMI4.

        Returns
        -------
        Criterion or None
            The criterion; None before criteria are evaluated.
        """
        return next((criterion for criterion in self.criteria if criterion.code == code), None)

    def met(self, code: str) -> bool | None:
        """Return whether a criterion is met.

        Parameters
        ----------
        code
            Code of a criterion, such as STEMI-UDMI4.

        Returns
        -------
        bool or None
            None if it is unknown.
        """
        return self._met.get(code)
