"""Assemble an Interpretation from the analyses of a recording's segments and the model's probabilities."""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.answer import InfarctDecision
from einthoven.interpret.decisions import DecisionRule
from einthoven.interpret.interpretation import Interpretation, ModelInfo
from einthoven.interpret.part import Part, interpret_segments
from einthoven.interpret.recording_info import LeadProblems, PacingInfo, QualityInfo, RecordingInfo, SegmentQuality
from einthoven.interpret.segment_results import Excerpt, Explanation, SegmentResult
from einthoven.interpret.warnings import interpretation_warnings, is_short
from einthoven.recording import Recording
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.quality import Quality
from einthoven.signal.segments import SECONDS

_EXCERPT_SEGMENTS = 3  # in the most abnormal 30 s


def assemble(
    recording: Recording,
    analyses: Sequence[SegmentAnalysis],
    parts: Sequence[Part],
    probabilities: Sequence[Float64Array | None],
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
        Analyses of its segments.
    parts
        Interpretation of each segment.
    probabilities
        Probabilities of each segment, shape (labels,); None if the segment is not interpretable.
    rule
        Rule that turns probabilities into answers.
    model
        The model.
    explanations
        Explanations of the requested labels.

    Returns
    -------
    Interpretation
        The interpretation; of several segments, it has the medians over the interpretable ones.
    """
    interpretable = [values for values in probabilities if values is not None]
    whole = interpret_segments(recording.patient, analyses, parts, interpretable, rule)
    evidence, reconciled = whole.evidence, whole.reconciled
    answered = reconciled.answer if interpretable else None
    warnings = interpretation_warnings(
        recording, analyses, evidence.quality, evidence.electrodes, answered, rule.assumed
    )
    return Interpretation(
        **vars(reconciled.answer),
        model=model,
        recording=_recording_info(recording),
        quality=_quality_info(evidence.quality, evidence.electrodes),
        abstained_because=evidence.refusal_reasons,
        warnings=tuple(warnings),
        conclusion=reconciled.conclusion,
        conclusion_reasons=reconciled.conclusion_reasons,
        critical=reconciled.critical,
        rhythm=whole.rhythm,
        acute=reconciled.acute,
        electrodes=evidence.electrodes,
        heart_rate_bpm=whole.rhythm.rate_bpm,
        pacing=PacingInfo(evidence.pacing.spikes, evidence.pacing.captured),
        measurements=evidence.measurements,
        criteria=evidence.criteria,
        over_time=whole.shares,
        segments=tuple(map(_segment_result, analyses, parts)) if len(analyses) > 1 else (),
        most_abnormal=_most_abnormal(recording, analyses, parts, probabilities, rule),
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
        supplemental_leads=tuple(recording.supplemental),
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


def _segment_result(analysis: SegmentAnalysis, part: Part) -> SegmentResult:
    answer, acute = part.reconciled.answer, part.reconciled.acute
    return SegmentResult(
        start_s=round(analysis.segment.start_s, 2),
        end_s=round(analysis.segment.end_s, 2),
        quality=SegmentQuality(analysis.quality.acceptable, analysis.quality.reasons),
        abstained_because=analysis.refusal_reasons,
        conclusion=part.reconciled.conclusion,
        rhythm=part.rhythm.code,
        critical=tuple([value.code for value in part.reconciled.critical]),
        acute=acute.decision if acute else None,
        mi=answer.mi and InfarctDecision(answer.mi.probability, answer.mi.decision),
        present=tuple([finding.label for finding in answer.findings + answer.statements if finding.present]),
        probabilities={f.label: f.probability for f in answer.findings if f.probability is not None},
        heart_rate_bpm=part.rhythm.rate_bpm,
    )


def _most_abnormal(
    recording: Recording,
    analyses: Sequence[SegmentAnalysis],
    parts: Sequence[Part],
    probabilities: Sequence[Float64Array | None],
    rule: DecisionRule,
) -> Excerpt | None:
    """Return the consecutive segments, all interpretable, that are least normal on average."""
    excerpts = {}
    for start in range(len(analyses) - _EXCERPT_SEGMENTS + 1):
        excerpt = [p for p in probabilities[start : start + _EXCERPT_SEGMENTS] if p is not None]
        last = start + _EXCERPT_SEGMENTS - 1
        adjacent = analyses[last].segment.end_s - analyses[start].segment.start_s <= _EXCERPT_SEGMENTS * SECONDS + 0.01
        if adjacent and len(excerpt) == _EXCERPT_SEGMENTS:
            excerpts[start] = excerpt
    if not excerpts:
        return None
    start = min(excerpts, key=lambda k: float(rule.normality(np.array(excerpts[k])).mean()))
    chosen = slice(start, start + _EXCERPT_SEGMENTS)
    part = interpret_segments(recording.patient, analyses[chosen], parts[chosen], excerpts[start], rule)
    return Excerpt(
        **vars(part.reconciled.answer),
        start_s=round(analyses[start].segment.start_s, 2),
        end_s=round(analyses[start + _EXCERPT_SEGMENTS - 1].segment.end_s, 2),
    )
