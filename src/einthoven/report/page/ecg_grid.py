"""Draw the tracing on ECG paper: grid, calibration pulses, leads and shading."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import Float64Array, FloatArray
from einthoven.recording import Recording
from einthoven.report.page.drawing import Box, Clipped, Item, Lines, Points, Text, segment
from einthoven.report.page.font import text_width
from einthoven.report.page.layout import TRACE_MM, Strip
from einthoven.report.page.trace import baselines, polyline

PULSE_MM = 15.0
"""Width of the calibration pulses, left of the rows."""
WIDTH = PULSE_MM + TRACE_MM
_PULSE_MV, _PULSE_S = 1.0, 0.2
_FINE, _BOLD = "#f7d4d4", "#eda6a6"
_INK, _PROBLEM, _SHADE = "#000000", "#b35900", "#1f77d0"
_PLACE = 5.0  # mm along a row, within which lines may not meet
_SHADED = 0.1  # share of the darkest shade below which nothing is drawn, because it is noise
_SHADE_MM = 8.0  # above and below a row
_NAME = 3.0  # mm, size of a lead's name
_NOTE_SIZE = 2.3
_NEAR, _FAR = 12.0, 16.0  # mm: a name is above the first part of its line, but at most this far


@dataclass(frozen=True)
class Shading:
    """How much each lead and time contributes to a label, shown behind the tracing."""

    importance: FloatArray
    """Shape (leads, bins), in the order of the recording's leads; 0 is not shown, the largest is darkest."""
    label: str
    """Name of the label in words."""
    start_s: float = 0.0
    """The bins divide this part of the recording equally."""
    end_s: float = 10.0


@dataclass(frozen=True)
class Scale:
    """Scale of the paper."""

    speed: float
    """mm/s."""
    gain: float
    """mm/mV."""


@dataclass(frozen=True)
class Row:
    """The line of a strip."""

    strip: Strip
    x: Float64Array
    """Shape (points,), in mm from the start of the rows."""
    up: Float64Array
    """Shape (points,), in mm above the baseline, which is the strip's median."""


def strip_rows(recording: Recording, strips: Sequence[Strip], scale: Scale) -> list[Row]:
    """Return the lines of strips.

    Parameters
    ----------
    recording
        The recording.
    strips
        Sections of its leads.
    scale
        Speed and gain of the paper.

    Returns
    -------
    list of Row
        One per strip.
    """
    rows = []
    for strip in strips:
        first = round(strip.start_s * recording.rate)
        last = max(round(strip.end_s * recording.rate), first + 1)
        values = recording.signal[recording.leads.index(strip.lead), first:last]
        times, drawn = polyline(values, recording.rate)
        rows.append(Row(strip, strip.left_mm + times * scale.speed, (drawn - np.median(values)) * scale.gain))
    return rows


def ecg_grid(
    recording: Recording,
    strips: Sequence[Strip],
    scale: Scale,
    area: tuple[float, float, float],
    lead_notes: dict[str, str],
    shading: Shading | None = None,
) -> tuple[list[Item], list[str]]:
    """Draw tracings on ECG paper.

    Parameters
    ----------
    recording
        The recording.
    strips
        Sections of its leads.
    scale
        Speed and gain of the paper.
    area
        Left, top and height in mm.
    lead_notes
        Text after the name of a lead, by lead.
    shading
        Shading behind the tracings.

    Returns
    -------
    list of Item
        Grid and tracings.
    list of str
        Leads whose lines exceed the paper.
    """
    left, top, height = area
    rows = strip_rows(recording, strips, scale)
    zero = top + _rows_at(rows, height, scale)
    begin = left + PULSE_MM
    traces = [np.column_stack([begin + row.x, zero[row.strip.row] - row.up]) for row in rows]
    items: list[Lines | Box | Text] = []
    if shading:
        items += _shades(recording, strips, scale, shading, begin, zero)
    for row, points in zip(rows, traces, strict=True):  # below the lines, so that nothing hides a tracing
        items += _name(row.strip.lead, lead_notes.get(row.strip.lead, ""), points, zero[row.strip.row], top)
    items.append(Lines([_pulse(left, y, scale) for y in zero], 0.25, _INK))
    items.append(Lines(_separators(strips, begin, zero), 0.2, _INK))
    items.append(Lines(traces, 0.25, _INK))
    exceeding = [row.strip.lead for row, y in zip(rows, traces, strict=True) if _exceeds_paper(y[:, 1], top, height)]
    return [*_grid(left, top, height), Clipped(left, top, WIDTH, height, items)], list(dict.fromkeys(exceeding))


def _rows_at(rows: Sequence[Row], height: float, scale: Scale) -> Float64Array:
    count = 1 + max(row.strip.row for row in rows)
    above = np.zeros((count, int(np.ceil(TRACE_MM / _PLACE))))
    below = np.zeros_like(above)
    for row in rows:
        place = np.clip((row.x / _PLACE).astype(int), 0, above.shape[1] - 1)
        np.maximum.at(above[row.strip.row], place, row.up)
        np.maximum.at(below[row.strip.row], place, -row.up)
    above[0] = np.maximum(above[0], _PULSE_MV * scale.gain + 1)
    return baselines(above, below, height)


def _exceeds_paper(y: Float64Array, top: float, height: float) -> bool:
    return bool(y.min() < top or y.max() > top + height)


def _grid(left: float, top: float, height: float) -> list[Item]:
    right, bottom = left + WIDTH, top + height
    across, down = np.arange(round(WIDTH) + 1), np.arange(round(height) + 1)

    def drawn(bold: bool) -> list[Points]:
        return [segment(left + x, top, left + x, bottom) for x in across if (x % 5 == 0) == bold] + [
            segment(left, top + y, right, top + y) for y in down if (y % 5 == 0) == bold
        ]

    return [Lines(drawn(False), 0.1, _FINE), Lines(drawn(True), 0.18, _BOLD)]


def _pulse(left: float, y: float, scale: Scale) -> Points:
    """Return the calibration pulse of 1 mV for 200 ms."""
    rise = left + (PULSE_MM - _PULSE_S * scale.speed) // 2
    fall, high = rise + _PULSE_S * scale.speed, y - _PULSE_MV * scale.gain
    ends = (rise - 1.5, fall + 1.5)
    return np.array([[ends[0], y], [rise, y], [rise, high], [fall, high], [fall, y], [ends[1], y]])


def _separators(strips: Sequence[Strip], begin: float, zero: Float64Array) -> list[Points]:
    """Return short strokes above and below a line, at the border between two leads."""
    separators = []
    for strip in strips:
        if strip.left_mm > 0:
            x, y = begin + strip.left_mm, zero[strip.row]
            separators += [segment(x, y - 6, x, y - 3), segment(x, y + 3, x, y + 6)]
    return separators


def _name(lead: str, note: str, points: Points, zero: float, top: float) -> list[Box | Text]:
    """Return the name of a lead above the start of its line, with a note, on a light background."""
    x = float(points[0, 0]) + 1.2
    highest = float(points[points[:, 0] < points[0, 0] + _NEAR, 1].min())
    y = max(min(highest - 1.2, zero - 2), zero - _FAR, top + _NAME)
    note_x = x + text_width(lead, _NAME, bold=True) + 1.2
    end = note_x + text_width(note, _NOTE_SIZE) if note else note_x - 1.2
    return [
        Box(x - 0.5, y - _NAME + 0.5, end - x + 1, _NAME, "#ffffff", 0.8),
        Text(x, y, lead, _NAME, bold=True),
        *([Text(note_x, y, note, _NOTE_SIZE, colour=_PROBLEM)] if note else []),
    ]


def _shades(
    recording: Recording, strips: Sequence[Strip], scale: Scale, shading: Shading, begin: float, zero: Float64Array
) -> list[Lines | Box | Text]:
    """Return boxes behind the strips, darker for larger contributions, that do not touch the next row's."""
    importance = np.clip(np.nan_to_num(np.asarray(shading.importance, float)), 0, None)
    importance /= max(float(importance.max(initial=0)), 1e-12)
    edges = np.linspace(shading.start_s, shading.end_s, importance.shape[1] + 1)
    midway = (zero[:-1] + zero[1:]) / 2
    upper = np.maximum(zero - _SHADE_MM, np.append(-np.inf, midway))
    lower = np.minimum(zero + _SHADE_MM, np.append(midway, np.inf))
    boxes: list[Lines | Box | Text] = []
    for strip in strips:
        y, height = float(upper[strip.row]), float((lower - upper)[strip.row])
        for k, opacity in enumerate(importance[recording.leads.index(strip.lead)]):
            start, end = max(edges[k], strip.start_s), min(edges[k + 1], strip.end_s)
            if start < end and opacity > _SHADED:
                x = begin + strip.left_mm + (start - strip.start_s) * scale.speed
                boxes.append(Box(x, y, (end - start) * scale.speed, height, _SHADE, 0.45 * float(opacity)))
    return boxes
