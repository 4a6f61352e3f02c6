"""Assemble an Interpretation from the analyses of a recording's segments and the model's probabilities."""

import statistics
from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.answer import Answer, InfarctDecision
from einthoven.interpret.decisions import NO_P_WAVES, DecisionRule, any_present
from einthoven.interpret.interpretation import Interpretation, ModelInfo
from einthoven.interpret.recording_info import LeadProblems, PacingInfo, QualityInfo, RecordingInfo, SegmentQuality
from einthoven.interpret.segment_results import Excerpt, Explanation, SegmentResult
from einthoven.interpret.warnings import interpretation_warnings, is_short, refusal_reasons
from einthoven.recording import Recording
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.intervals.values import INTERVAL_NAMES, IntervalValues, median_intervals
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
    answers = [rule(of_segment) for of_segment in probabilities]
    remaining = iter(answers)
    answer_of_segment = [next(remaining) if analysis.interpretable else None for analysis in analyses]
    stacked = np.array(probabilities)
    overall = None
    if answers:
        overall = answers[0] if len(analyses) == 1 else rule(np.median(stacked, axis=0))
    answer = overall or Answer()
    rates = [analysis.heart_rate_bpm for analysis in analyses if analysis.heart_rate_bpm is not None]
    quality = overall_quality([analysis.quality for analysis in analyses])
    return Interpretation(
        **vars(answer),
        model=model,
        recording=_recording_info(recording),
        quality=_quality_info(quality),
        abstained_because=() if overall else refusal_reasons(analyses),
        warnings=tuple(interpretation_warnings(recording, analyses, quality, overall, rule.assumed)),
        heart_rate_bpm=round(statistics.median(rates), 1) if rates else None,
        pacing=_pacing_info(analyses),
        intervals=_intervals(analyses, answer),
        segments=tuple(map(_segment_result, analyses, answer_of_segment)) if len(analyses) > 1 else (),
        most_abnormal=_most_abnormal(analyses, stacked, rule),
        explanations=explanations,
    )


def _recording_info(recording: Recording) -> RecordingInfo:
    return RecordingInfo(
        source=recording.source,
        format=recording.format,
        rate_hz=round(recording.rate, 3),
        duration_s=round(recording.seconds, 3),
        short=is_short(recording),
        leads=recording.leads,
        derived_leads=recording.derived_leads,
        warnings=recording.warnings,
    )


def _quality_info(quality: Quality) -> QualityInfo:
    return QualityInfo(
        acceptable=quality.acceptable,
        reasons=quality.reasons,
        arms_swapped=quality.arms_swapped,
        leads=tuple([LeadProblems(lead.lead, lead.problems) for lead in quality.leads]),
    )


def _pacing_info(analyses: Sequence[SegmentAnalysis]) -> PacingInfo:
    """Return the spikes of all segments, each once although segments may overlap, and the worst capture of one."""
    spikes = {round(analysis.segment.start_s + at, 2) for analysis in analyses for at in analysis.pacing.spikes}
    captured = {analysis.pacing.captured for analysis in analyses if analysis.pacing.spikes}
    worst = False if False in captured else None if None in captured or not captured else True
    return PacingInfo(tuple(sorted(spikes)), worst)


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


def _intervals(analyses: Sequence[SegmentAnalysis], answer: Answer) -> IntervalValues | None:
    """Return the medians over the segments; no PR if no P waves lead the beats, whatever was measured."""
    measured = [analysis.intervals for analysis in analyses if analysis.intervals]
    if not measured:
        return None
    medians = median_intervals(measured)
    values = {name: None if (value := getattr(medians, name)) is None else round(value) for name in INTERVAL_NAMES}
    return IntervalValues(**values | {"pr_ms": None} if any_present(answer, NO_P_WAVES) else values)


def _most_abnormal(
    analyses: Sequence[SegmentAnalysis], probabilities: Float64Array, rule: DecisionRule
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
        **vars(rule(np.median(excerpts[start], axis=0))),
        start_s=round(analyses[start].segment.start_s, 2),
        end_s=round(analyses[start + _EXCERPT_SEGMENTS - 1].segment.end_s, 2),
    )
