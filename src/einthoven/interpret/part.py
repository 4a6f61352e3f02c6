"""Interpret a part of a recording: one segment, an excerpt, or all of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.acute.assess import assess_acute
from einthoven.interpret.acute.limits import is_paced
from einthoven.interpret.answer import Answer
from einthoven.interpret.consistency.infarct import with_rule_in
from einthoven.interpret.consistency.p_waves import without_impossible_p_waves
from einthoven.interpret.consistency.reconcile import reconcile
from einthoven.interpret.consistency.segments import with_segments
from einthoven.interpret.consistency.values import Reconciled
from einthoven.interpret.consistency.withheld import is_preexcited, withhold_criteria
from einthoven.interpret.criteria import Context, Criterion, evaluate_criteria
from einthoven.interpret.criteria.verdicts import all_of
from einthoven.interpret.decisions import DecisionRule
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.over_time import over_time
from einthoven.interpret.rhythm.combine import combine_rhythms
from einthoven.interpret.rhythm.facts import Facts
from einthoven.interpret.rhythm.identify import drops_p_waves, identify_rhythm
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.segment_results import TimeShare
from einthoven.interpret.warnings import refusal_reasons
from einthoven.recording import Patient
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.beat_values import Beats
from einthoven.signal.electrodes.values import overall_electrodes
from einthoven.signal.fitness import Doubt
from einthoven.signal.measurements.values import Measurements, median_measurements
from einthoven.signal.medians import median
from einthoven.signal.pacing import Pacing
from einthoven.signal.plausibility import NO_AXIS
from einthoven.signal.quality import overall_quality


class Part(NamedTuple):
    """The interpretation of a part of a recording."""

    evidence: Evidence
    rhythm: Rhythm
    reconciled: Reconciled
    shares: tuple[TimeShare, ...] = ()
    """Shares of time of rhythms and findings in several segments."""


class Case(NamedTuple):
    """A segment to interpret."""

    patient: Patient
    """Age and sex, if known."""
    analysis: SegmentAnalysis
    probabilities: Float64Array | None
    """Shape (labels,); None if the segment is not interpretable."""


def interpret_each(cases: Sequence[Case], rule: DecisionRule) -> list[Part]:
    """Interpret segments independently, one step for all at a time, so that the code of a step stays in the cache.

    Parameters
    ----------
    cases
        Segments of one or more recordings.
    rule
        Rule that turns probabilities into answers.

    Returns
    -------
    list of Part
        Interpretation of each segment; it has a rhythm even if the segment is not interpretable.
    """
    evidence = [
        _evidence(case.patient, [case.analysis], [] if case.probabilities is None else [case.probabilities], rule)
        for case in cases
    ]
    return _interpret(evidence, [identify_rhythm(each) for each in evidence])


def interpret_segments(
    patient: Patient,
    analyses: Sequence[SegmentAnalysis],
    parts: Sequence[Part],
    probabilities: Sequence[Float64Array],
    rule: DecisionRule,
) -> Part:
    """Interpret several segments as one.

    Parameters
    ----------
    patient
        Age and sex, if known.
    analyses
        Analyses of the segments.
    parts
        Interpretation of each segment.
    probabilities
        Probabilities of each interpretable segment, shape (labels,).
    rule
        Rule that turns probabilities into answers.

    Returns
    -------
    Part
        Interpretation from the medians of probabilities and measurements, and the rhythm of most segments.
    """
    if len(parts) == 1:
        return parts[0]
    rhythm = combine_rhythms([part.rhythm for part in parts], analyses)
    (whole,) = _interpret([_evidence(patient, analyses, probabilities, rule)], [rhythm])
    answers = [part.reconciled for part in parts]
    shares = over_time(analyses, [part.rhythm for part in parts], answers)
    return whole._replace(reconciled=with_segments(whole.reconciled, answers, shares), shares=shares)


def _evidence(
    patient: Patient, analyses: Sequence[SegmentAnalysis], probabilities: Sequence[Float64Array], rule: DecisionRule
) -> Evidence:
    measured = [analysis.measurements for analysis in analyses if analysis.measurements]
    captured = {analysis.pacing.captured for analysis in analyses if analysis.pacing.spikes}
    return Evidence(
        patient=patient,
        answer=rule(np.asarray(median(np.array(probabilities)), np.float64)) if len(probabilities) else Answer(),
        beats=_usual_beats(analyses),
        pacing=Pacing(_spikes(analyses), all_of(*captured) if captured else None),
        electrodes=overall_electrodes([analysis.electrodes for analysis in analyses]),
        quality=overall_quality([analysis.quality for analysis in analyses]),
        refusal_reasons=() if len(probabilities) else refusal_reasons(analyses),
        measurements=median_measurements(measured) if measured else None,
        filters=analyses[0].segment.recording.filters,
        doubts=_doubts(analyses),
        rule_in_strict=rule.rule_in_strict,
        infarct_if_enlarged=_infarct_if_enlarged(analyses, probabilities, rule),
        total_beats=sum(len(analysis.beats.times_s) for analysis in analyses),
    )


def _usual_beats(analyses: Sequence[SegmentAnalysis]) -> Beats:
    """Return the beats of the first segment with organized beats; for several segments, without its events."""
    beats = next((analysis.beats for analysis in analyses if analysis.beats.organized), analyses[0].beats)
    return beats if len(analyses) == 1 else replace(beats, kinds=(), unorganized=())


def _infarct_if_enlarged(
    analyses: Sequence[SegmentAnalysis], probabilities: Sequence[Float64Array], rule: DecisionRule
) -> float | None:
    """Return the median over the segments; segments with QRS complexes of usual size keep their probability."""
    interpretable = [analysis for analysis in analyses if analysis.interpretable]
    if all(analysis.infarct_if_enlarged is None for analysis in interpretable):
        return None
    own = [rule.infarct(values) for values in probabilities]
    enlarged = [analysis.infarct_if_enlarged for analysis in interpretable]
    combined = [p if q is None else q for p, q in zip(own, enlarged, strict=True)]
    return float(np.median([p for p in combined if p is not None]))


def _doubts(analyses: Sequence[SegmentAnalysis]) -> tuple[Doubt, ...]:
    """Return the doubts that apply to at least half of the interpretable segments, one of each code."""
    interpretable = [analysis for analysis in analyses if analysis.interpretable]
    counts = Counter(code for analysis in interpretable for code in {doubt.code for doubt in analysis.doubts})
    doubts = {doubt.code: doubt for analysis in interpretable for doubt in reversed(analysis.doubts)}
    return tuple(doubt for code, doubt in doubts.items() if 2 * counts[code] >= len(interpretable))


def _spikes(analyses: Sequence[SegmentAnalysis]) -> tuple[float, ...]:
    """Return the spikes of all segments, each once although segments may overlap."""
    times = {round(analysis.segment.start_s + at, 2) for analysis in analyses for at in analysis.pacing.spikes}
    return tuple(sorted(times))


def _interpret(evidence: Sequence[Evidence], rhythms: Sequence[Rhythm]) -> list[Part]:
    complete = list(map(_with_criteria, evidence, rhythms))
    acute = [assess_acute(with_rule_in(each, rhythm), rhythm) for each, rhythm in zip(complete, rhythms, strict=True)]
    reconciled = map(reconcile, complete, rhythms, acute)
    return list(map(Part, complete, rhythms, reconciled))


def _with_criteria(evidence: Evidence, rhythm: Rhythm) -> Evidence:
    """Return the evidence with the criteria, and with the measurements as they appear in the answer."""
    measurements = evidence.measurements
    if not measurements:
        return evidence
    if Facts(evidence).overmeasured:
        measurements = replace(measurements, qrs_ms=None)
    if any(doubt.code in NO_AXIS for doubt in evidence.doubts):
        measurements = replace(measurements, p_axis_degrees=None, qrs_axis_degrees=None, t_axis_degrees=None)
    if drops_p_waves(rhythm):
        measurements = measurements.without_p_waves()
    measurements = without_impossible_p_waves(replace(measurements, heart_rate_bpm=rhythm.rate_bpm).rounded(), rhythm)
    context = _context(evidence, rhythm)
    criteria = evaluate_criteria(measurements, evidence.patient, context)
    if evidence.leads_doubt is None:
        return replace(evidence, measurements=measurements, criteria=criteria)
    kept = _despite_doubt(evidence, measurements, criteria, context)
    return replace(evidence, measurements=measurements, criteria=kept, as_named=tuple(filter(_is_met, criteria)))


def _is_met(criterion: Criterion) -> bool:
    return criterion.met is True


def _context(evidence: Evidence, rhythm: Rhythm) -> Context:
    """Return the context of the criteria from the model's statements and the rhythm."""
    return Context(
        lbbb=evidence.likely("CLBBB"),
        rbbb=evidence.likely("CRBBB"),
        paced=is_paced(evidence, rhythm) or (None if evidence.likely("PACE") is None else False),
        preexcitation=True if is_preexcited(evidence) else evidence.likely("WPW"),
        lvh=evidence.likely("LVH"),
        digitalis=evidence.likely("DIG"),
        artifact=any(lead.problems for lead in evidence.quality.leads),
    )


def _despite_doubt(
    evidence: Evidence, measurements: Measurements, criteria: Sequence[Criterion], context: Context
) -> tuple[Criterion, ...]:
    """Withhold the criteria, except those that the limb leads decide if only chest leads are in doubt."""
    because = evidence.leads_doubt or ""
    if evidence.electrodes.suspected:
        because += ", so that leads may not show what their names say"
    withheld = withhold_criteria(criteria, because)
    if not evidence.electrodes.within_chest or any(doubt.withholds == "infarct" for doubt in evidence.doubts):
        return withheld
    limb_leads = {name: lead for name, lead in measurements.leads.items() if not name.startswith("V")}
    by_limb_leads = evaluate_criteria(replace(measurements, leads=limb_leads), evidence.patient, context)
    return tuple([kept if limb.met is None else limb for kept, limb in zip(withheld, by_limb_leads, strict=True)])
