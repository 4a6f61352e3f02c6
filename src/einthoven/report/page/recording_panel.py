"""The column with recording, measurements, signal quality and notes."""

from collections.abc import Iterator
from pathlib import PurePath

from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.recording_info import LeadProblems, RecordingInfo
from einthoven.recording import Patient
from einthoven.report.page.font import wrapped
from einthoven.report.page.text_column import NOTE_SIZE, TEXT_SIZE, TextColumn
from einthoven.report.summary import format_filters, format_time, interval_texts
from einthoven.signal.quality.gate import PROBLEM_TEXTS
from einthoven.text import capitalize, format_duration, printable

_LABEL_WIDTH = 15.0
"""Width of the column of names, in mm."""
_STATED_ELSEWHERE = ("lead-quality", "infarct-withheld")  # in the lines on signal quality, and in the answer


def recording_panel(
    column: TextColumn,
    interpretation: Interpretation,
    patient: Patient,
    identify: bool,
    model_rate: float | None,
    notes: list[str],
) -> None:
    """Fill a column with patient, recording, measurements, signal quality and notes.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.
    patient
        Age and sex are always shown.
    identify
        Whether to show name, ID and birth date.
    model_rate
        Sampling rate of the model's input in Hz.
    notes
        Further notes, before the warnings.
    """
    recording = interpretation.recording
    leads = f"{len(recording.leads)} leads"
    column.heading("Recording")
    column.pairs(
        [
            *([("Recorded", format_time(recording.recorded_at))] if recording.recorded_at else []),
            *patient_pairs(patient, identify),
            ("Source", printable(PurePath(recording.source).name)),
            *_recorder(recording, column.width - _LABEL_WIDTH),
            ("Format", f"{recording.format}, {format_duration(recording.duration_s)}, {leads}"),
            ("Sampling", f"{recording.rate_hz:g} Hz" + (f" (model: {model_rate:g} Hz)" if model_rate else "")),
            *([("Derived", ", ".join(recording.derived_leads))] if recording.derived_leads else []),
        ],
        label=_LABEL_WIDTH,
    )
    column.space()
    column.heading("Measurements")
    rate = interpretation.heart_rate_bpm
    heart_rate = ("Heart rate", "unclear" if rate is None else f"{rate:.0f} bpm")
    intervals = interval_texts(interpretation.measurements) if interpretation.measurements else ()
    column.pairs([heart_rate, *((capitalize(name), value) for name, value in intervals)], 14, abreast=2)
    column.space()
    column.heading("Signal quality")
    column.text(" ".join(_quality(interpretation)), NOTE_SIZE)
    warnings = [warning.text for warning in interpretation.all_warnings if warning.code not in _STATED_ELSEWHERE]
    if all_notes := [*notes, *warnings]:
        column.space()
        column.heading("Notes")
        column.bullets(map(printable, all_notes))
    column.close()


def _recorder(recording: RecordingInfo, width: float) -> Iterator[tuple[str, str]]:
    filters = format_filters(recording.filters) if recording.filters else ""
    lines = wrapped(", ".join(filter(None, (recording.device, filters))), TEXT_SIZE, width)
    yield from zip(("Recorder", "", ""), lines, strict=False)


def patient_pairs(patient: Patient, identify: bool) -> Iterator[tuple[str, str]]:
    """Describe the patient.

    Parameters
    ----------
    patient
        Age and sex are always described.
    identify
        Whether to describe name, ID and birth date.

    Yields
    ------
    tuple of str
        Name of an item, and its value.
    """
    known = []
    if identify:
        yield "Name", printable(patient.name) or "not in the file"
        yield "ID", printable(patient.id) or "not in the file"
        known += [f"born {patient.birth_date.isoformat()}"] if patient.birth_date else []
    known += [f"{patient.age:.0f} years"] if patient.age is not None else []
    known += [patient.sex] if patient.sex else []
    if known:
        yield "Patient", ", ".join(known)


def _quality(interpretation: Interpretation) -> Iterator[str]:
    """Describe the leads. The answer states whether the recording is interpreted."""
    alike: dict[str, list[str]] = {}
    partly = not all(segment.quality.acceptable for segment in interpretation.segments)
    for lead in interpretation.quality.leads:
        alike.setdefault(lead_problem_text(lead) or "good", []).append(lead.lead)
    for words, leads in sorted(alike.items(), key=lambda item: item[0] == "good"):
        if alike.keys() == {words}:
            yield f"All leads are {words}{' in most segments' if words == 'good' and partly else ''}."
        elif words == "good":
            yield "Other leads: good."
        else:
            yield f"{', '.join(leads)}: {words}."


def lead_problem_text(lead: LeadProblems) -> str:
    """Describe the problems of a lead.

    Parameters
    ----------
    lead
        The lead with its problems.

    Returns
    -------
    str
        Separated by commas; "" for a good lead.
    """
    return ", ".join(PROBLEM_TEXTS.get(problem, problem) for problem in lead.problems)
