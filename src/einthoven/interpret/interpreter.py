"""The Interpreter: a bundle applied to recordings."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.errors import RecordingError
from einthoven.interpret.decisions import MI, NO_P_WAVES, PACED, Answers, present
from einthoven.interpret.explanation import Explanation, explanations
from einthoven.interpret.interpretation import Answer, Interpretation, SegmentResult, Stretch
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import MODEL
from einthoven.model.calibration import Floats
from einthoven.model.occlusion import label_of
from einthoven.recording import Recording
from einthoven.signal.analysis import Look, looks
from einthoven.signal.baseline import TAKEN
from einthoven.signal.intervals import Intervals, median_intervals
from einthoven.signal.quality import Quality, together
from einthoven.signal.segments import SECONDS, SHORTEST, segments

ADULT = 18  # years
_STRETCH = 3  # segments in the most abnormal 30 s
_TOGETHER = 8  # recordings that `batch` holds at a time
_SAMPLES = 2**20  # beyond which it takes no further one, so that long recordings need no more memory than alone


class Interpreter:
    """Interprets recordings with one bundle; safe to use from several threads.

    >>> interpreter = Interpreter.load("default", prevalence={"MI": 0.05})
    >>> interpreter(einthoven.read("ecg.dcm")).answer.mi.decision
    'rule-out'
    """

    def __init__(self, bundle: Bundle, prevalence: Mapping[str, float] | None = None) -> None:
        """`prevalence`: of labels where the recordings come from, such as {"MI": 0.05}; else the training data's.

        Raises EinthovenError where it names a label that has none, or is no share.
        """
        self.bundle = bundle
        card = bundle.card
        self._answers = Answers(card, prevalence or {})
        self._assumptions = _assumptions(self._answers.assumed)
        self.model = {"name": card.name, "version": str(card.facts["version"]), "sha256": card.files[MODEL]}

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
            looked = looks(chain.from_iterable(pieces), card.leads, force=force, intervals=intervals)
            seen = [list(islice(looked, len(of))) for of in pieces]
            scores = self.bundle.scores_of([look.signal for of in seen for look in of if look.wanted])
            found = map(self._answers.probabilities, scores)
            for recording, of in zip(some, seen, strict=True):
                yield self._together(recording, of, list(islice(found, sum(look.wanted for look in of))), labels)

    def check(self, recording: Recording) -> None:
        """Raise RecordingError if `recording` lacks leads that the bundle needs, or is shorter than its window."""
        card = self.bundle.card
        seconds, needed = recording.signal.shape[1] / recording.rate, card.window / card.rate
        if seconds < needed and needed > SHORTEST:  # shorter ones are made as long as SHORTEST
            source = recording.source or "recording"
            raise RecordingError(f"{source}: lasts {seconds:.3g} s, and the model {card.name} needs {needed:g} s.")
        missing = [lead for lead in card.leads if lead not in recording.leads]
        if missing:
            raise RecordingError(
                f"{recording.source or 'recording'}: lacks {', '.join(missing)}, which the model {card.name} needs; "
                f"it holds {', '.join(recording.leads)}."
            )

    def _together(
        self, recording: Recording, seen: Sequence[Look], found: Sequence[Floats], explain: Sequence[str]
    ) -> Interpretation:
        """One answer of the looks at all segments, and of the probabilities (labels,) of those that are wanted."""
        rest = iter(found)
        results = [_result(look, self._answers(next(rest)) if look.wanted else None) for look in seen]
        probabilities = np.array(found)
        answer = self._overall(results, probabilities)
        rates = [result.heart_rate_bpm for result in results if result.heart_rate_bpm is not None]
        quality = together([result.quality for result in results])
        shown: tuple[Explanation, ...] = ()
        if explain and answer:
            interpreted = [look for look in seen if look.wanted]
            shown = explanations(self.bundle, explain, interpreted, probabilities)
        return Interpretation(
            model=self.model,
            recording=_facts(recording),
            quality=quality,
            abstained_because=() if answer else _common_reasons(results),
            warnings=(
                *_warnings(recording, results, quality, answer),
                *(_taken_off(seen) if answer else ()),
                *(self._assumptions if answer else ()),
            ),
            answer=answer,
            heart_rate_bpm=statistics.median(rates) if rates else None,
            segments=tuple(results),
            most_abnormal=_most_abnormal(results, probabilities, self._answers),
            explanations=shown,
            intervals=_intervals(results, answer),
        )

    def _overall(self, results: list[SegmentResult], probabilities: Floats) -> Answer | None:
        if len(results) == 1:
            return results[0].answer
        return self._answers(np.median(probabilities, axis=0)) if len(probabilities) else None


def _some(recordings: Iterable[Recording]) -> Iterator[list[Recording]]:
    """The recordings, a few together, but no more than so many samples."""
    some, samples = list[Recording](), 0
    for recording in recordings:
        some.append(recording)
        samples += recording.signal.size
        if len(some) == _TOGETHER or samples > _SAMPLES:
            yield some
            some, samples = [], 0
    if some:
        yield some


def _result(look: Look, answer: Answer | None) -> SegmentResult:
    start, end = look.segment.start_s, look.segment.end_s
    return SegmentResult(start, end, look.quality, look.unfit, look.doubts, answer, look.heart_rate_bpm, look.intervals)


def _facts(recording: Recording) -> dict[str, Any]:
    """What a reader of the answer needs to know of the recording; nothing that names the patient."""
    return {
        "source": recording.source,
        "format": recording.format,
        "rate_hz": round(recording.rate, 3),
        "duration_s": round(recording.seconds, 3),
        "short": recording.seconds < SECONDS - 0.1,
        "leads": list(recording.leads),
        "derived_leads": list(recording.derived_leads),
        "warnings": list(recording.warnings),
    }


def _intervals(results: Sequence[SegmentResult], answer: Answer | None) -> Intervals | None:
    """Those of all segments together; no PR where the atria do not lead the beats, whatever was measured."""
    parts = [result.intervals for result in results if result.intervals]
    if not (parts and answer):
        return None
    whole = median_intervals(parts)
    return replace(whole, pr_ms=None) if present(answer, NO_P_WAVES) else whole


def _common_reasons(results: Sequence[SegmentResult]) -> tuple[str, ...]:
    """Why nothing is fit to be interpreted, each reason once."""
    return tuple(dict.fromkeys(reason for result in results for reason in result.abstained_because))


def _warnings(
    recording: Recording, results: Sequence[SegmentResult], quality: Quality, answer: Answer | None
) -> Iterator[str]:
    """What a reader of the answer should know, a sentence each."""
    unfit = [result for result in results if result.abstained_because]
    if answer and unfit and unfit[0].answer:
        yield f"Interpreted because asked, though unfit: {'; '.join(_common_reasons(results))}."
    elif answer and unfit:
        yield f"{len(unfit)} of {len(results)} segments are unfit and left out."
    if recording.seconds < SECONDS - 0.1:
        yield f"Only {recording.seconds:.3g} s were recorded; the model learnt from {SECONDS} s."
    if recording.patient.age is not None and recording.patient.age < ADULT:
        yield f"The patient is under {ADULT}; the model learnt from adults."
    if recording.patient.pacemaker or (answer and present(answer, PACED)):
        yield "Paced rhythm: it hides infarct patterns and imitates them."
    doubts = [doubt for result in results for doubt in result.doubts if result.answer]
    for remark in (*quality.remarks, *doubts[:1]):
        yield remark[0].upper() + remark[1:] + "."


def _taken_off(seen: Sequence[Look]) -> Iterator[str]:
    """That leads did not lie on the zero line, where they were far from it."""
    if (offset := max(look.offset_mv for look in seen)) >= TAKEN:
        yield f"Leads lie up to {offset:.2g} mV off the zero line; that was taken off before the model saw them."


def _assumptions(prevalence: Mapping[str, float]) -> list[str]:
    """What the probabilities assume beside what the infarct-pattern answer says of itself."""
    others = [f"{label} {100 * share:.2g} %" for label, share in prevalence.items() if label != MI]
    return [f"Prevalence assumed as asked: {', '.join(others)}."] if others else []


def _most_abnormal(results: Sequence[SegmentResult], probabilities: Floats, answers: Answers) -> Stretch | None:
    """The most abnormal 30 s: consecutive segments, all interpreted, that are least normal on average."""
    interpreted = [result for result in results if result.answer]
    where = {id(result): k for k, result in enumerate(interpreted)}
    runs = [results[k : k + _STRETCH] for k in range(len(results) - _STRETCH + 1)]
    runs = [run for run in runs if all(result.answer for result in run)]
    if not runs:
        return None
    rows = [[where[id(result)] for result in run] for run in runs]
    k = int(np.argmin([answers.normality(probabilities[of]).mean() for of in rows]))
    return Stretch(runs[k][0].start_s, runs[k][-1].end_s, answers(np.median(probabilities[rows[k]], axis=0)))
