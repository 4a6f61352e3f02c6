"""Assemble an Interpretation from the analyses of a recording's segments and the model's probabilities."""

import statistics
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.answer import Answer, InfarctDecision
from einthoven.interpret.criteria import Context, Criterion, evaluate_criteria
from einthoven.interpret.criteria.verdicts import all_of
from einthoven.interpret.decisions import NO_P_WAVES, DecisionRule, any_present
from einthoven.interpret.interpretation import Interpretation, ModelInfo
from einthoven.interpret.recording_info import LeadProblems, PacingInfo, QualityInfo, RecordingInfo, SegmentQuality
from einthoven.interpret.segment_results import Excerpt, Explanation, SegmentResult
from einthoven.interpret.warnings import interpretation_warnings, is_short, refusal_reasons
from einthoven.interpret.withheld import withhold_criteria, withhold_infarct
from einthoven.recording import Recording
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.electrodes.values import Electrodes, overall_electrodes
from einthoven.signal.measurements.values import Measurements, median_measurements
from einthoven.signal.quality import Quality, overall_quality

_EXCERPT_SEGMENTS = 3  # in the most abnormal 30 s


def assemble(
    recording: Recording,
    analyses: Sequence[SegmentAnalysis],
    probabilities: Sequence[Float64Array],
    rule: DecisionRule,
    model: ModelInfo,
    explanations: tuple[Explanation, ...] = (),
) -> Interpretation:
    """Assemble the interpretation of a recording.

    Parameters
    ----------
    recording
        The recording.
    analyses
        Its segments.
    probabilities
        Shape (labels,), for each interpretable segment in order.
    rule
        Turns probabilities into answers.
    model
        The model.
    explanations
        Of the labels for which they were requested.

    Returns
    -------
    Interpretation
        Of several segments, with the medians over the interpretable ones.
    """
    electrodes = overall_electrodes([analysis.electrodes for analysis in analyses])
    decide = partial(_decide, rule, withheld=electrodes.suspected is not None)
    answers = [decide(segment_probabilities) for segment_probabilities in probabilities]
    remaining = iter(answers)
    answer_of_segment = [next(remaining) if analysis.interpretable else None for analysis in analyses]
    stacked = np.array(probabilities)
    overall = None
    if answers:
        overall = answers[0] if len(analyses) == 1 else decide(np.median(stacked, axis=0))
    answer = overall or Answer()
    rates = [analysis.heart_rate_bpm for analysis in analyses if analysis.heart_rate_bpm is not None]
    quality = overall_quality([analysis.quality for analysis in analyses])
    measurements = _measurements(analyses, answer)
    criteria = _criteria(recording, measurements, answer, quality)
    return Interpretation(
        **vars(answer),
        model=model,
        recording=_recording_info(recording),
        quality=_quality_info(quality, electrodes),
        abstained_because=() if overall else refusal_reasons(analyses),
        warnings=tuple(interpretation_warnings(recording, analyses, quality, electrodes, overall, rule.assumed)),
        electrodes=electrodes,
        heart_rate_bpm=round(statistics.median(rates), 1) if rates else None,
        pacing=_pacing_info(analyses),
        measurements=measurements,
        criteria=withhold_criteria(criteria) if electrodes.suspected else criteria,
        segments=tuple(map(_segment_result, analyses, answer_of_segment)) if len(analyses) > 1 else (),
        most_abnormal=_most_abnormal(analyses, stacked, rule, decide),
        explanations=explanations,
    )


def _decide(rule: DecisionRule, probabilities: Float64Array, *, withheld: bool) -> Answer:
    answer = rule(probabilities)
    return withhold_infarct(answer) if withheld else answer


def _recording_info(recording: Recording) -> RecordingInfo:
    return RecordingInfo(
        source=recording.source,
        format=recording.format,
        rate_hz=round(recording.rate, 3),
        duration_s=round(recording.seconds, 3),
        short=is_short(recording),
        leads=recording.leads,
        derived_leads=recording.derived_leads,
        recorded_at=recording.recorded_at,
        device=recording.device,
        filters=recording.filters,
        warnings=recording.warnings,
    )


def _quality_info(quality: Quality, electrodes: Electrodes) -> QualityInfo:
    return QualityInfo(
        acceptable=quality.acceptable,
        reasons=quality.reasons,
        arms_swapped=electrodes.suspected == "RA/LA",
        leads=tuple([LeadProblems(lead.lead, lead.problems) for lead in quality.leads]),
    )


def _pacing_info(analyses: Sequence[SegmentAnalysis]) -> PacingInfo:
    """Return the spikes of all segments, each once although segments may overlap, and the worst capture of one."""
    spikes = {round(analysis.segment.start_s + at, 2) for analysis in analyses for at in analysis.pacing.spikes}
    captured = {analysis.pacing.captured for analysis in analyses if analysis.pacing.spikes}
    return PacingInfo(tuple(sorted(spikes)), all_of(*captured) if captured else None)


def _segment_result(analysis: SegmentAnalysis, answer: Answer | None) -> SegmentResult:
    answer, rate = answer or Answer(), analysis.heart_rate_bpm
    return SegmentResult(
        start_s=round(analysis.segment.start_s, 2),
        end_s=round(analysis.segment.end_s, 2),
        quality=SegmentQuality(analysis.quality.acceptable, analysis.quality.reasons),
        abstained_because=analysis.refusal_reasons,
        mi=answer.mi and InfarctDecision(answer.mi.probability, answer.mi.decision),
        present=tuple([finding.label for finding in answer.findings + answer.statements if finding.present]),
        probabilities={finding.label: finding.probability for finding in answer.findings},
        heart_rate_bpm=None if rate is None else round(rate, 1),
    )


def _measurements(analyses: Sequence[SegmentAnalysis], answer: Answer) -> Measurements | None:
    """Return the medians over the segments; no P waves if none lead the beats, whatever was measured."""
    measured = [analysis.measurements for analysis in analyses if analysis.measurements]
    if not measured:
        return None
    medians = median_measurements(measured)
    return (medians.without_p_waves() if any_present(answer, NO_P_WAVES) else medians).rounded()


def _criteria(
    recording: Recording, measurements: Measurements | None, answer: Answer, quality: Quality
) -> tuple[Criterion, ...]:
    """Evaluate the criteria in the context of the model's statements."""
    if measurements is None:
        return ()
    present = {statement.label: statement.present for statement in answer.statements}
    context = Context(
        lbbb=present.get("CLBBB"),
        rbbb=present.get("CRBBB"),
        paced=present.get("PACE"),
        preexcitation=present.get("WPW"),
        lvh=present.get("LVH"),
        digitalis=present.get("DIG"),
        artifact=any(lead.problems for lead in quality.leads),
    )
    return evaluate_criteria(measurements, recording.patient, context)


def _most_abnormal(
    analyses: Sequence[SegmentAnalysis],
    probabilities: Float64Array,
    rule: DecisionRule,
    decide: Callable[[Float64Array], Answer],
) -> Excerpt | None:
    """Return the consecutive segments, all interpretable, that are least normal on average."""
    row_of = np.cumsum([analysis.interpretable for analysis in analyses]) - 1  # in `probabilities`
    indices = range(len(analyses) - _EXCERPT_SEGMENTS + 1)
    starts = [k for k in indices if all(analysis.interpretable for analysis in analyses[k : k + _EXCERPT_SEGMENTS])]
    if not starts:
        return None
    excerpts = {k: probabilities[row_of[k] : row_of[k] + _EXCERPT_SEGMENTS] for k in starts}
    start = min(starts, key=lambda k: float(rule.normality(excerpts[k]).mean()))
    return Excerpt(
        **vars(decide(np.median(excerpts[start], axis=0))),
        start_s=round(analyses[start].segment.start_s, 2),
        end_s=round(analyses[start + _EXCERPT_SEGMENTS - 1].segment.end_s, 2),
    )
