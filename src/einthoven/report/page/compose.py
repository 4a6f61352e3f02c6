"""Compose the report: a page with the tracing on ECG paper and its interpretation, and a page of measurements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from einthoven import __version__
from einthoven.interpret.interpretation import NOTICE, Interpretation, ModelInfo
from einthoven.interpret.segment_results import Explanation
from einthoven.recording import Recording
from einthoven.report.explanation_text import label_name, positive_contributions
from einthoven.report.page.answer_panel import ST_HEIGHT, answer_panel, criteria_panel, st_panel
from einthoven.report.page.drawing import Drawing, Item, Text
from einthoven.report.page.ecg_grid import WIDTH, Scale, Shading, ecg_grid, fitting_scale
from einthoven.report.page.findings_panel import findings_panel
from einthoven.report.page.font import fitted, text_width
from einthoven.report.page.layout import TRACE_MM, Window, choose_window, strips
from einthoven.report.page.measurement_page import measurement_page
from einthoven.report.page.overview import HEIGHT as OVERVIEW
from einthoven.report.page.overview import overview
from einthoven.report.page.recording_panel import lead_problem_text, recording_panel
from einthoven.report.page.text_column import GREY, TextColumn, badge
from einthoven.report.st_table import st_is_abnormal
from einthoven.text import format_duration

Layout = Literal["3x4", "6x2", "12x1"]
SIZES: Mapping[str, tuple[float, float]] = {"A4": (297.0, 210.0), "letter": (279.4, 215.9)}
"""Width and height of the page in mm, by paper size."""
_GAIN = 10.0  # mm/mV
_MARGIN, _PANELS, _BELOW = 6.5, 14.0, 13.5
"""Distances in mm: from the page's edge to its content and to the columns, and from the paper to the lower edge."""
_PAPER: Mapping[Layout, float] = {"3x4": 80.5, "6x2": 75.5, "12x1": 75.5}
"""Distance in mm from the upper edge to the paper, by layout."""
_COLUMNS = ((0.0, 56.0), (63.0, 107.0), (175.0, WIDTH - 175.0))
"""Left edge and width of each column in mm."""


def compose_pages(
    recording: Recording,
    interpretation: Interpretation,
    *,
    size: Literal["A4", "letter"] = "A4",
    identify: bool = False,
    **options: Any,
) -> list[Drawing]:
    """Compose all pages of the report of a recording.

    Parameters
    ----------
    recording
        The recording.
    interpretation
        Interpretation of the recording.
    size
        Paper size.
    identify
        Whether to show the patient's name, ID and birth date.
    **options
        Further options of `compose_page`.

    Returns
    -------
    list of Drawing
        The page of `compose_page`, then a page of measurements if there are any.
    """
    first = compose_page(recording, interpretation, size=size, identify=identify, **options)
    if interpretation.measurements is None:
        return [first]
    window = choose_window(interpretation, TRACE_MM / options.get("speed", 25))
    header = _header((first.width - WIDTH) / 2, "Measurements")
    footer = _footer((first.width - WIDTH) / 2, first.height - _MARGIN, interpretation.model)
    frame = Drawing(first.width, first.height, first.title, [*header, *footer])
    return [first, measurement_page(frame, recording, interpretation, window, identify=identify)]


def compose_page(
    recording: Recording,
    interpretation: Interpretation,
    *,
    speed: float = 25,
    gain: float | None = None,
    layout: Layout | None = None,
    size: Literal["A4", "letter"] = "A4",
    identify: bool = False,
    model_rate: float | None = None,
) -> Drawing:
    """Compose the report page of a recording, landscape and to scale.

    Parameters
    ----------
    recording
        The recording.
    interpretation
        Interpretation of the recording. Its first explanation is drawn as shading.
    speed
        Paper speed in mm/s.
    gain
        Gain in mm/mV. None for 10; if rows would overlap, half of it in the chest leads or in all leads.
    layout
        Layout of the leads: 3x4 with a rhythm strip, 6x2 or 12x1. None for 3x4, or 6x2 at 50 mm/s and above.
    size
        Paper size.
    identify
        Whether to show the patient's name, ID and birth date.
    model_rate
        Sampling rate of the model's input in Hz.

    Returns
    -------
    Drawing
        Page for `einthoven.report.page.render.render`.
    """
    explanation = next(iter(interpretation.explanations), None)
    shading = None
    if explanation:
        shading = _shading(recording.leads, explanation, label_name(interpretation, explanation.label))
    layout = layout or ("3x4" if speed < 50 else "6x2")
    width, height = SIZES[size]
    left = (width - WIDTH) / 2
    window = choose_window(interpretation, TRACE_MM / speed)
    page_strips, consecutive = strips(layout, recording.leads, window, speed)
    is_longer = recording.seconds > window.end_s - window.start_s + 0.1
    paper = _PAPER[layout]
    paper_height = (height - paper - _BELOW - is_longer * (OVERVIEW + 1)) // 5 * 5
    scale = Scale(speed, gain or _GAIN)
    if gain is None:
        scale = fitting_scale(recording, page_strips, scale, paper_height)
    lead_notes = {lead.lead: lead_problem_text(lead) for lead in interpretation.quality.leads}
    tracing, clipped_leads = ecg_grid(recording, page_strips, scale, (left, paper, paper_height), lead_notes, shading)
    notes = [f"{', '.join(clipped_leads)}: the line exceeds the paper; choose a lower gain."] if clipped_leads else []
    page = Drawing(width, height, "12-lead ECG, interpreted by Einthoven", _header(left))
    columns = [TextColumn(left + x, _PANELS, across, paper - 1.5) for x, across in _COLUMNS]
    recording_panel(columns[0], interpretation, recording.patient, identify, model_rate, notes)
    _fill(columns[1], columns[2], interpretation, window)
    page.items += [item for column in columns for item in column.items]
    page.items += tracing
    y = paper + paper_height + 3.2
    page.items += _legend(left, y, _legend_texts(recording, window, consecutive, scale, shading))
    if is_longer:
        page.items += overview(recording, window, left, y + 1.4)
    page.items += _footer(left, height - _MARGIN, interpretation.model)
    return page


def _fill(answer: TextColumn, findings: TextColumn, interpretation: Interpretation, window: Window) -> None:
    """Fill the columns of the answer and of the findings; an abnormal ST segment is shown in any case."""
    answer_panel(answer, interpretation)
    shown = st_panel(answer, interpretation)
    criteria_panel(answer, interpretation)
    answer.close()
    reserved = ST_HEIGHT if not shown and st_is_abnormal(interpretation) else 0.0
    findings.bottom -= reserved
    findings_panel(findings, interpretation, window)
    findings.bottom += reserved
    if not shown:
        st_panel(findings, interpretation)
    findings.close()


def _shading(leads: Sequence[str], explanation: Explanation, name: str) -> Shading:
    """Arrange the contributions to a label by the recording's leads."""
    values = positive_contributions(explanation)
    importance = np.zeros((len(leads), values.shape[1]))
    importance[[leads.index(lead) for lead in explanation.leads]] = values
    start = explanation.start_s
    return Shading(importance, name, start, start + explanation.seconds_per_bin * values.shape[1])


def _header(left: float, title: str = "12-lead ECG") -> list[Item]:
    y = _MARGIN + 4
    return [
        Text(left, y, title, 4.2, bold=True),
        Text(
            left + text_width(title, 4.2, bold=True) + 3,
            y,
            "interpreted by software, to be reviewed by a physician",
            2.8,
            colour=GREY,
        ),
        *badge(left + WIDTH, y - 3.8, f"RESEARCH USE ONLY · {NOTICE}"),
    ]


def _legend_texts(
    recording: Recording, window: Window, consecutive: bool, scale: Scale, shading: Shading | None
) -> Iterator[str]:
    """Yield the texts below the paper: scale, part of the recording, filter, shading."""
    chest = "" if scale.chest_gain is None else f"   chest leads {scale.chest_gain:g} mm/mV"
    yield f"{scale.speed:g} mm/s   {scale.gain:g} mm/mV{chest}   pulse 1 mV, 200 ms"
    part = f"{window.start_s:.3g} to {window.end_s:.3g} s"
    yield f"{part} of {format_duration(recording.seconds)}: {window.reason}" if window.reason else part
    if not consecutive:
        yield "short recording: all columns begin at the same time"
    yield "as recorded, no further filter" + ("; drawn at 500 Hz with all peaks" if recording.rate > 500 else "")
    if shading:
        yield f"shaded: what supports {shading.label}"


def _legend(left: float, y: float, sentences: Iterable[str]) -> list[Item]:
    to_scale = "to scale when printed at 100 %"
    room = WIDTH - text_width(to_scale, 2.4) - 4
    return [
        Text(left, y, fitted("   ·   ".join(sentences), 2.4, room), 2.4),
        Text(left + WIDTH, y, to_scale, 2.4, colour=GREY, right=True),
    ]


def _footer(left: float, y: float, model: ModelInfo) -> list[Item]:
    text = (
        f"Einthoven {__version__}, model {model} (SHA-256 {model.sha256[:12]}).  "
        "Infarct pattern: an infarct statement on the ECG, of any age; not an acute coronary occlusion. "
        "No ECG excludes infarction."
    )
    return [Text(left, y, fitted(text, 2.2, WIDTH), 2.2, colour=GREY)]
