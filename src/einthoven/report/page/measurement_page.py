"""The second page of a report: median beats, all measurements of each lead, and the criteria that are met."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import LEADS, Recording
from einthoven.report.answer_text import conclusion_text, criterion_text, finding_reason, rhythm_text, sentence
from einthoven.report.clinical_order import met_criteria, sections
from einthoven.report.page.beat_panel import beat_panel, measured_beat
from einthoven.report.page.drawing import Drawing, Text
from einthoven.report.page.ecg_grid import WIDTH
from einthoven.report.page.font import fitted
from einthoven.report.page.layout import Window
from einthoven.report.page.recording_panel import patient_pairs
from einthoven.report.page.text_column import GREY, NOTE_SIZE, TextColumn
from einthoven.report.summary import format_time
from einthoven.signal.measurements.values import LEAD_NAMES, LeadMeasurements, Measurements
from einthoven.text import format_duration, printable

_TOP, _BEATS_HEIGHT, _BELOW = 19.0, 95.0, 13.5  # mm
_MATRIX_WIDTH, _GUTTER = 150.0, 8.0
_FIRST = 15.0  # mm of the names of measurements
_NAMES: Mapping[str, str] = {
    "heart_rate_bpm": "Heart rate",
    "p_ms": "P",
    "pr_ms": "PR",
    "qrs_ms": "QRS",
    "qt_ms": "QT",
    "qtc_bazett_ms": "QTcB",
    "qtc_fridericia_ms": "QTcF",
    "qtc_framingham_ms": "QTcFram",
    "qtc_hodges_ms": "QTcH",
    "p_axis_degrees": "P axis",
    "qrs_axis_degrees": "QRS axis",
    "t_axis_degrees": "T axis",
}


def measurement_page(
    frame: Drawing, recording: Recording, interpretation: Interpretation, window: Window, *, identify: bool = False
) -> Drawing:
    """Fill the second page of a report.

    Parameters
    ----------
    frame
        A page with header and footer.
    recording
        The recording.
    interpretation
        Interpretation of the recording, with measurements.
    window
        The part of the recording that the first page shows; its median beats are drawn.
    identify
        Whether to show the patient's name, ID and birth date.

    Returns
    -------
    Drawing
        The frame, filled.
    """
    left = (frame.width - WIDTH) / 2
    facts = " · ".join(_facts(recording, interpretation, identify))
    frame.items.append(Text(left, _TOP - 3.4, fitted(facts, 2.6, WIDTH), 2.6))
    top = _TOP
    if measured := measured_beat(recording, window):
        beats, note = beat_panel(measured, recording.leads, (left, _TOP, WIDTH - 1, _BEATS_HEIGHT))
        if interpretation.segments:
            note += f"   ·   of {format_duration(window.start_s)} to {format_duration(window.end_s)}"
        if measured.understated:
            note += "   ·   sampled below 250 Hz: R and S are understated"
        top += _BEATS_HEIGHT + 3.4
        frame.items += [*beats, Text(left, top - 0.4, fitted(note, 2.4, WIDTH), 2.4)]
    bottom = frame.height - _BELOW + 2
    matrix = TextColumn(left, top + 1, _MATRIX_WIDTH, bottom)
    criteria = TextColumn(left + _MATRIX_WIDTH + _GUTTER, top + 1, WIDTH - _MATRIX_WIDTH - _GUTTER, bottom)
    _measurements(matrix, interpretation)
    _reasons(criteria, interpretation)
    frame.items += [*matrix.items, *criteria.items]
    return frame


def _facts(recording: Recording, interpretation: Interpretation, identify: bool) -> Iterator[str]:
    info = interpretation.recording
    for name, value in patient_pairs(recording.patient, identify):
        yield value if name == "Patient" else f"{name} {value}"
    yield printable(PurePath(info.source).name)
    if info.recorded_at:
        yield f"recorded {format_time(info.recorded_at)}"
    yield rhythm_text(interpretation.rhythm)


def _measurements(column: TextColumn, interpretation: Interpretation) -> None:
    measurements = interpretation.measurements or Measurements()
    title = "medians over all segments" if interpretation.segments else "of the median beat"
    column.heading(f"Intervals and axes, {title}")
    column.pairs([(name, _global(measurements, key)) for key, name in _NAMES.items()], 18, abreast=4)
    column.space(2.0)
    column.heading("Leads: amplitudes in mV from the level at the QRS onset, durations in ms")
    leads = [lead for lead in LEADS if lead in measurements.leads]
    width = (column.width - _FIRST) / 12
    header = ["", *leads]
    rows = [[_title(name), *(_cell(measurements.leads[lead], name) for lead in leads)] for name in LEAD_NAMES]
    column.table([header, *rows], [_FIRST] + [width] * len(leads))
    column.close()


def _global(measurements: Measurements, name: str) -> str:
    value = getattr(measurements, name)
    if value is None:
        return "unclear"
    unit = " bpm" if name.endswith("_bpm") else "°" if name.endswith("_degrees") else " ms"
    return f"{value:.0f}{unit}".replace("-", "−")


def _title(name: str) -> str:
    """Return the name of a measurement of a lead, such as "ST J+60" or "Q ms"."""
    wave, *point, unit = name.split("_")
    if not point:
        return f"{wave.upper()} {unit.replace('mv', 'mV')}"
    return f"ST J{'+' + point[0][1:] if point[0] != 'j' else ''} mV"


def _cell(measured: LeadMeasurements, name: str) -> str:
    value = getattr(measured, name)
    if value is None:
        return "–"
    text = f"{round(value, 2) + 0.0:.2f}" if name.endswith("_mv") else f"{value:.0f}"
    return text.replace("-", "−")


def _reasons(column: TextColumn, interpretation: Interpretation) -> None:
    column.heading("Criteria met")
    criteria = met_criteria(interpretation.criteria)
    for criterion in criteria:
        column.text(f"– {criterion_text(criterion)}", NOTE_SIZE)
        column.text(printable(criterion.source), 2.0, colour=GREY, indent=2.0)
    if not criteria:
        column.text("None.", NOTE_SIZE)
    measured = [
        sentence(f"{finding.title}: {reason}")
        for section in sections(interpretation)
        for finding in section.findings
        if (reason := finding_reason(finding))
    ]
    if measured:
        column.space()
        column.heading("Statements by measurement")
        column.bullets(measured)
    column.space()
    column.heading("Conclusion")
    column.text(conclusion_text(interpretation), NOTE_SIZE)
    column.close()
