"""The Interpreter: a bundle applied to recordings."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.interpret.answer import Answer, InfarctDecision
from einthoven.interpret.decisions import MI, NO_P_WAVES, PACED, DecisionRule, present
from einthoven.interpret.interpretation import Interpretation, ModelInfo
from einthoven.interpret.recording_info import LeadProblems, QualityInfo, RecordingInfo, SegmentQuality
from einthoven.interpret.segment_results import Excerpt, Explanation, SegmentResult
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import MODEL
from einthoven.model.occlusion import label_of, occlusion
from einthoven.recording import MIN_SECONDS, Recording, RecordingWarning, WarningCode
from einthoven.signal.analysis import SegmentAnalysis, analyze_segments
from einthoven.signal.baseline import REMOVE_ABOVE_MV
from einthoven.signal.intervals.values import INTERVAL_NAMES, IntervalValues, median_intervals
from einthoven.signal.quality import Quality, overall_quality
from einthoven.signal.quality.gate import NO_BEATS, SWAPPED
from einthoven.signal.segments import SECONDS, Segment, segments

ADULT = 18  # years
_EXCERPT = 3  # segments in the most abnormal 30 s
_BATCH_RECORDINGS = 8  # recordings that `batch` holds at a time
_SAMPLES = 2**20  # beyond which it takes no further one, so that long recordings need no more memory than alone


class Interpreter:
    """Interprets recordings with one bundle; safe to use from several threads.

    >>> interpreter = Interpreter.load("default", prevalence={"MI": 0.05})
    >>> interpreter(einthoven.read("ecg.dcm")).mi.decision
    'rule-out'
    """

    def __init__(self, bundle: Bundle, prevalence: Mapping[str, float] | None = None) -> None:
        """`prevalence`: of labels where the recordings come from, such as {"MI": 0.05}; else the training data's.

        Raises EinthovenError where it names a label that has none, or is no share.
        """
        self.bundle = bundle
        card = bundle.card
        self._rule = DecisionRule(card, prevalence or {})
        self._assumptions = _assumptions(self._rule.assumed)
        self.model = ModelInfo(card.name, card.version, card.files[MODEL])

    @classmethod
    def load(
        cls,
        name_or_path: str | Path = "default",
        prevalence: Mapping[str, float] | None = None,
        public_key: str | Path | None = None,
    ) -> "Interpreter":
        """The interpreter of a shipped bundle, by its name, or of one in a folder.

        `public_key`: of whom the bundle must be signed by, as for `Bundle.load`. Raises EinthovenError where there is
        no such bundle, it is damaged or not signed so, or `prevalence` is wrong.
        """
        return cls(Bundle.load(name_or_path, public_key), prevalence)

    def __call__(
        self, recording: Recording, *, force: bool = False, explain: Sequence[str] = (), intervals: bool = False
    ) -> Interpretation:
        """Interpret `recording`; with `force` also where it is unfit, which the answer then says.

        `explain`: labels for which the answer is to say which leads and seconds they rest on; over half a second.
        `intervals`: PR, QRS, QT, QTc and axis as well, some milliseconds for each 10 s. Raises RecordingError where
        leads are missing that the bundle needs, EinthovenError where the model has no label of `explain`.
        """
        (answer,) = self.batch([recording], force=force, explain=explain, intervals=intervals)
        return answer

    def batch(
        self,
        recordings: Iterable[Recording],
        *,
        force: bool = False,
        explain: Sequence[str] = (),
        intervals: bool = False,
    ) -> Iterator[Interpretation]:
        """Interpret many, with the same answers to the last bit as `interpreter(recording)` gives to each.

        A few are taken at a time, and all of them through each step before the next one begins, which is up to a third
        faster. Raises as that does, `check` tells beforehand.
        """
        card = self.bundle.card
        labels = [label_of(card.labels, label) for label in explain]
        for some in _some(recordings):
            for recording in some:
                self.check(recording)
            pieces = [list(segments(recording, card.rate)) for recording in some]
            analyzed = analyze_segments(chain.from_iterable(pieces), card.leads, force=force, intervals=intervals)
            seen = [list(islice(analyzed, len(of))) for of in pieces]
            scores = self.bundle.batch_scores([part.model_input for of in seen for part in of if part.interpretable])
            found = map(self._rule.probabilities, scores)
            for recording, of in zip(some, seen, strict=True):
                probabilities = list(islice(found, sum(part.interpretable for part in of)))
                yield self._interpretation(recording, of, probabilities, labels)

    def check(self, recording: Recording) -> None:
        """Raise RecordingError if `recording` lacks leads that the bundle needs, or is shorter than its window."""
        card = self.bundle.card
        seconds, needed = recording.signal.shape[1] / recording.rate, card.window / card.rate
        source = recording.source or "recording"
        if seconds < needed and needed > MIN_SECONDS:  # shorter ones are made as long as MIN_SECONDS
            raise RecordingError(f"lasts {seconds:.3g} s, and the model {card.name} needs {needed:g} s.", source)
        missing = [lead for lead in card.leads if lead not in recording.leads]
        if missing:
            held = ", ".join(recording.leads)
            reason = f"lacks {', '.join(missing)}, which the model {card.name} needs; it holds {held}."
            raise RecordingError(reason, source)

    def _interpretation(
        self,
        recording: Recording,
        analyses: Sequence[SegmentAnalysis],
        probabilities: Sequence[Float64Array],
        explain: Sequence[str],
    ) -> Interpretation:
        """What is said of all segments together; `probabilities` (labels,) are those of the interpretable ones."""
        found = [self._rule(of_segment) for of_segment in probabilities]
        remaining = iter(found)
        answers = [next(remaining) if analysis.interpretable else None for analysis in analyses]
        stacked = np.array(probabilities)
        overall = None
        if found:
            overall = found[0] if len(analyses) == 1 else self._rule(np.median(stacked, axis=0))
        answer = overall or Answer()
        rates = [analysis.heart_rate_bpm for analysis in analyses if analysis.heart_rate_bpm is not None]
        quality = overall_quality([analysis.quality for analysis in analyses])
        interpreted = [analysis for analysis in analyses if analysis.interpretable]
        return Interpretation(
            mi=answer.mi,
            findings=answer.findings,
            statements=answer.statements,
            scores_only=answer.scores_only,
            model=self.model,
            recording=_recording_info(recording),
            quality=_quality_info(quality),
            abstained_because=() if overall else _reasons(analyses),
            warnings=(
                *_warnings(recording, analyses, quality, overall),
                *(_offset_warning(analyses) if overall else ()),
                *(self._assumptions if overall else ()),
            ),
            heart_rate_bpm=round(statistics.median(rates), 1) if rates else None,
            intervals=_intervals(analyses, answer),
            segments=tuple(map(_segment_result, analyses, answers)) if len(analyses) > 1 else (),
            most_abnormal=_most_abnormal(analyses, stacked, self._rule),
            explanations=_explanations(self.bundle, explain, interpreted, stacked) if explain and overall else (),
        )


def _some(recordings: Iterable[Recording]) -> Iterator[list[Recording]]:
    """The recordings, a few together, but no more than so many samples."""
    some, samples = list[Recording](), 0
    for recording in recordings:
        some.append(recording)
        samples += recording.signal.size
        if len(some) == _BATCH_RECORDINGS or samples > _SAMPLES:
            yield some
            some, samples = [], 0
    if some:
        yield some


def _recording_info(recording: Recording) -> RecordingInfo:
    return RecordingInfo(
        source=recording.source,
        format=recording.format,
        rate_hz=round(recording.rate, 3),
        duration_s=round(recording.seconds, 3),
        short=_is_short(recording),
        leads=recording.leads,
        derived_leads=recording.derived_leads,
        warnings=recording.warnings,
    )


def _is_short(recording: Recording) -> bool:
    return recording.seconds < SECONDS - 0.1


def _quality_info(quality: Quality) -> QualityInfo:
    return QualityInfo(
        acceptable=quality.acceptable,
        reasons=quality.reasons,
        arms_swapped=quality.arms_swapped,
        leads=tuple([LeadProblems(lead.lead, lead.problems) for lead in quality.leads]),
    )


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
    """Those of all segments together; no PR where the atria do not lead the beats, whatever was measured."""
    parts = [analysis.intervals for analysis in analyses if analysis.intervals]
    if not parts:
        return None
    whole = median_intervals(parts)
    values = {name: None if (value := getattr(whole, name)) is None else round(value) for name in INTERVAL_NAMES}
    return IntervalValues(**values | {"pr_ms": None} if present(answer, NO_P_WAVES) else values)


def _reasons(analyses: Sequence[SegmentAnalysis]) -> tuple[str, ...]:
    """Why segments are unfit, each reason once."""
    return tuple(dict.fromkeys(reason for analysis in analyses for reason in analysis.refusal_reasons))


def _warnings(
    recording: Recording, analyses: Sequence[SegmentAnalysis], quality: Quality, answer: Answer | None
) -> Iterator[RecordingWarning]:
    """What a reader of the answer should know."""
    unfit = [analysis for analysis in analyses if analysis.refusal_reasons]
    if answer and unfit and unfit[0].interpretable:
        text = f"Interpreted because asked, though unfit: {'; '.join(_reasons(analyses))}."
        yield RecordingWarning("forced", text)
    elif answer and unfit:
        text = f"{len(unfit)} of {len(analyses)} segments are unfit and left out."
        yield RecordingWarning("segments-left-out", text)
    if _is_short(recording):
        text = f"Only {recording.seconds:.3g} s were recorded; the model learnt from {SECONDS} s."
        yield RecordingWarning("short", text)
    if recording.patient.age is not None and recording.patient.age < ADULT:
        yield RecordingWarning("child", f"The patient is under {ADULT}; the model learnt from adults.")
    if recording.patient.pacemaker or (answer and present(answer, PACED)):
        yield RecordingWarning("paced", "Paced rhythm: it hides infarct patterns and imitates them.")
    doubts = [doubt for analysis in analyses for doubt in analysis.doubts if analysis.interpretable]
    yield from (_remark("lead-quality", words) for words in quality.lead_remarks)
    if not quality.has_beats:
        yield _remark("no-beats", NO_BEATS)
    if quality.arms_swapped:
        yield _remark("arms-swapped", SWAPPED)
    yield from (_remark("leads-unusual", words) for words in doubts[:1])


def _remark(code: WarningCode, words: str) -> RecordingWarning:
    """The warning that says `words` as a sentence."""
    return RecordingWarning(code, words[0].upper() + words[1:] + ".")


def _offset_warning(analyses: Sequence[SegmentAnalysis]) -> Iterator[RecordingWarning]:
    """That leads were far from the zero line."""
    if (offset := max(analysis.offset_mv for analysis in analyses)) >= REMOVE_ABOVE_MV:
        text = f"Leads lie up to {offset:.2g} mV off the zero line; that was taken off before the model saw them."
        yield RecordingWarning("offset-removed", text)


def _assumptions(prevalence: Mapping[str, float]) -> list[RecordingWarning]:
    """What the probabilities assume beside what the infarct-pattern answer says of itself."""
    others = [f"{label} {100 * share:.2g} %" for label, share in prevalence.items() if label != MI]
    text = f"Prevalence assumed as asked: {', '.join(others)}."
    return [RecordingWarning("assumed-prevalence", text)] if others else []


def _most_abnormal(
    analyses: Sequence[SegmentAnalysis], probabilities: Float64Array, rule: DecisionRule
) -> Excerpt | None:
    """The most abnormal 30 s: consecutive segments, all interpreted, that are least normal on average."""
    row_of = np.cumsum([analysis.interpretable for analysis in analyses]) - 1  # in `probabilities`
    places = range(len(analyses) - _EXCERPT + 1)
    starts = [k for k in places if all(analysis.interpretable for analysis in analyses[k : k + _EXCERPT])]
    if not starts:
        return None
    runs = {k: probabilities[row_of[k] : row_of[k] + _EXCERPT] for k in starts}
    least = min(starts, key=lambda k: float(rule.normality(runs[k]).mean()))
    answer = rule(np.median(runs[least], axis=0))
    return Excerpt(
        mi=answer.mi,
        findings=answer.findings,
        statements=answer.statements,
        scores_only=answer.scores_only,
        start_s=round(analyses[least].segment.start_s, 2),
        end_s=round(analyses[least + _EXCERPT - 1].segment.end_s, 2),
    )


def _explanations(
    bundle: Bundle, labels: Sequence[str], analyses: Sequence[SegmentAnalysis], probabilities: Float64Array
) -> tuple[Explanation, ...]:
    """The explanation of each of `labels` in the one of the interpreted segments in which it is most probable."""
    card = bundle.card
    maps, found = dict[int, Float64Array](), []  # segment -> what it says of all labels
    for label in labels:
        k = card.labels.index(label)
        most = int(probabilities[:, k].argmax())
        if most not in maps:
            maps[most] = occlusion(bundle, analyses[most].model_input)
        found.append(_explanation(label, analyses[most].segment, card.leads, maps[most][k]))
    return tuple(found)


def _explanation(label: str, segment: Segment, leads: tuple[str, ...], values: Float64Array) -> Explanation:
    """Rounded: the values to four digits, where 0.0 stands also for -0.0."""
    return Explanation(
        label=label,
        start_s=round(segment.start_s, 2),
        seconds_per_bin=round((segment.end_s - segment.start_s) / values.shape[1], 6),
        leads=leads,
        values=tuple([tuple([round(float(value), 4) + 0.0 for value in row]) for row in values]),
    )
