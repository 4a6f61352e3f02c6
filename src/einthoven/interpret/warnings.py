"""The warnings of an interpretation for its reader, in addition to the warnings of reading the file."""

from collections.abc import Iterator, Mapping, Sequence

from einthoven.interpret.answer import Answer
from einthoven.interpret.consistency.withheld import PACED_HIDES
from einthoven.interpret.decisions import MI, PACED, any_likely
from einthoven.recording import Recording, RecordingWarning, WarningCode
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.baseline import REMOVE_ABOVE_MV
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.fitness import NO_ORGANIZED_BEATS
from einthoven.signal.measurements.measure import MIN_AMPLITUDE_RATE
from einthoven.signal.quality import Quality
from einthoven.signal.segments import SECONDS
from einthoven.text import capitalize

ADULT = 18
"""Age in years; PTB-XL has hardly any children."""


def interpretation_warnings(
    recording: Recording,
    analyses: Sequence[SegmentAnalysis],
    quality: Quality,
    electrodes: Electrodes,
    answer: Answer | None,
    assumed: Mapping[str, float],
) -> Iterator[RecordingWarning]:
    """Collect the warnings of an interpretation.

    Parameters
    ----------
    recording
        The interpreted recording.
    analyses
        Analyses of its segments.
    quality
        The overall quality.
    electrodes
        Result about exchanged electrodes for the whole recording.
    answer
        Answer about the whole recording; None if it is not interpreted.
    assumed
        Prevalence by label, if it differs from that of the training data.

    Yields
    ------
    RecordingWarning
        A warning; the warnings come in the order in which a reader needs them.
    """
    unfit = [analysis for analysis in analyses if analysis.refusal_reasons]
    if answer and unfit and unfit[0].interpretable:
        text = f"Interpreted as requested, although unfit: {'; '.join(refusal_reasons(analyses))}."
        yield RecordingWarning("forced", text)
    elif answer and unfit:
        yield RecordingWarning("segments-left-out", f"{len(unfit)} of {len(analyses)} segments are unfit and left out.")
    if len(analyses) > 1 and analyses[1].segment.start_s > analyses[0].segment.end_s:
        seconds = analyses[1].segment.start_s - analyses[0].segment.start_s
        text = f"One segment of 10 s is interpreted every {seconds:g} s; what lies between is not."
        yield RecordingWarning("segments-sampled", text)
    if is_short(recording):
        text = f"The recording lasts only {recording.seconds:.3g} s; the model was trained on {SECONDS} s."
        yield RecordingWarning("short", text)
    if recording.patient.age is not None and recording.patient.age < ADULT:
        yield RecordingWarning("child", f"The patient is under {ADULT}; the model was trained on adults.")
    if any(analysis.pacing.captured is False for analysis in analyses):
        text = "Pacing spikes without capture: no QRS complex follows most of them, so no heart rate is stated there."
        yield RecordingWarning("pacing-spikes-without-capture", text)
    if recording.patient.pacemaker or (answer and any_likely(answer, PACED)):
        yield _sentence("paced", PACED_HIDES)
    yield from (_sentence("lead-quality", words) for words in quality.lead_problems)
    if not any(analysis.beats.organized for analysis in analyses):
        yield _sentence("no-beats", NO_ORGANIZED_BEATS)
    if electrodes.suspected:
        yield _sentence("electrodes-exchanged", electrodes.in_words)
    if answer and answer.mi and answer.mi.decision == "undecided" and answer.mi.withheld_because:
        text = f"An infarct pattern is neither ruled in nor out: {answer.mi.withheld_because}."
        yield RecordingWarning("infarct-withheld", text)
    yield from _doubt_warnings(analyses, recording)
    if answer:
        if recording.rate < MIN_AMPLITUDE_RATE:
            text = f"At {recording.rate:g} Hz R and S waves are understated; voltage criteria may be missed."
            yield RecordingWarning("amplitudes-understated", text)
        yield from _offset_warning(analyses)
        yield from _prevalence_warning(assumed)


def refusal_reasons(analyses: Sequence[SegmentAnalysis]) -> tuple[str, ...]:
    """Return the reasons why segments are unfit.

    Parameters
    ----------
    analyses
        Analyses of the segments of a recording.

    Returns
    -------
    tuple of str
        The reasons, each once.
    """
    return tuple(dict.fromkeys(reason for analysis in analyses for reason in analysis.refusal_reasons))


def is_short(recording: Recording) -> bool:
    """Return whether a recording is shorter than those on which the model was trained.

    Parameters
    ----------
    recording
        A recording of any length.

    Returns
    -------
    bool
        True below 10 s, with a tenth of a second of tolerance.
    """
    return recording.seconds < SECONDS - 0.1


def _sentence(code: WarningCode, words: str) -> RecordingWarning:
    return RecordingWarning(code, f"{capitalize(words)}.")


def _doubt_warnings(analyses: Sequence[SegmentAnalysis], recording: Recording) -> Iterator[RecordingWarning]:
    """Yield a warning for each kind of doubt, with the number of segments if it is not about all of them."""
    doubts = {doubt.code: doubt for analysis in analyses for doubt in reversed(analysis.doubts)}
    for code, doubt in doubts.items():
        count = sum(code in {other.code for other in analysis.doubts} for analysis in analyses)
        where = "" if count == len(analyses) else f" ({count} of {len(analyses)} segments)"
        yield _sentence(code, doubt.text + where + _hint(code, recording))


def _hint(code: WarningCode, recording: Recording) -> str:
    """Return advice about a doubt, as a further sentence."""
    if code == "leads-scaled-separately" and recording.format == "WFDB":
        return ". If the stored units are the same in all leads, read the record with --scale uv-per-unit"
    return ". Check the file's unit and scale" if code == "amplitude-unusual" else ""


def _offset_warning(analyses: Sequence[SegmentAnalysis]) -> Iterator[RecordingWarning]:
    if (offset := max(analysis.offset_mv for analysis in analyses)) >= REMOVE_ABOVE_MV:
        text = f"Leads are up to {offset:.2g} mV off the zero line; the offset was removed for the model."
        yield RecordingWarning("offset-removed", text)


def _prevalence_warning(assumed: Mapping[str, float]) -> Iterator[RecordingWarning]:
    """Yield the assumed prevalence, except that of MI, which its answer states."""
    if others := [f"{label} {100 * share:.2g} %" for label, share in assumed.items() if label != MI]:
        yield RecordingWarning("assumed-prevalence", f"Assumed prevalence, as requested: {', '.join(others)}.")
