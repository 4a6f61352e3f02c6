"""The tracing on ECG paper: grid, calibration pulses, leads, and what shades them."""

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
"""What the calibration pulses take, left of the rows."""
WIDTH = PULSE_MM + TRACE_MM
_PULSE_MV, _PULSE_S = 1.0, 0.2
_FINE, _BOLD = "#f7d4d4", "#eda6a6"
_INK, _PROBLEM, _SHADE = "#000000", "#b35900", "#1f77d0"
_PLACE = 5.0  # mm along a row, within which lines may not meet
_SHADED = 0.1  # share of the darkest shade below which nothing is drawn: noise
_SHADE_MM = 8.0  # above and below a row
_NAME = 3.0  # mm, size of a lead's name
_NOTE_SIZE = 2.3
_NEAR, _FAR = 12.0, 16.0  # mm: a name stands above the first part of its line, but not farther up than this


@dataclass(frozen=True)
class Shading:
    """How much each lead and time counted for an answer, to be shown behind the tracing."""

    importance: FloatArray
    """(leads, bins), in the order of the recording's leads; 0 is not shown, the greatest is darkest."""
    label: str
    """What for, such as "infarct pattern"."""
    start_s: float = 0.0
    """The bins are equal parts of this stretch of the recording."""
    end_s: float = 10.0


@dataclass(frozen=True)
class Scale:
    """Of the paper."""

    speed: float
    """mm/s."""
    gain: float
    """mm/mV."""


@dataclass(frozen=True)
class Row:
    """The line of a strip."""

    strip: Strip
    x: Float64Array
    """(points,) in mm from where the rows begin."""
    up: Float64Array
    """(points,) in mm above the baseline, which is the strip's median."""


def strip_rows(recording: Recording, strips: Sequence[Strip], scale: Scale) -> list[Row]:
    """The strips' lines."""
    found = []
    for strip in strips:
        first = round(strip.start_s * recording.rate)
        last = max(round(strip.end_s * recording.rate), first + 1)
        values = recording.signal[recording.leads.index(strip.lead), first:last]
        times, drawn = polyline(values, recording.rate)
        found.append(Row(strip, strip.left_mm + times * scale.speed, (drawn - np.median(values)) * scale.gain))
    return found


def ecg_grid(
    recording: Recording,
    strips: Sequence[Strip],
    scale: Scale,
    at: tuple[float, float, float],
    lead_notes: dict[str, str],
    shading: Shading | None = None,
) -> tuple[list[Item], list[str]]:
    """The paper with its tracings, and the leads whose lines leave it.

    `at` is left, top and height in mm; `lead_notes` stand behind the names of leads.
    """
    left, top, height = at
    rows = strip_rows(recording, strips, scale)
    zero = top + _rows_at(rows, height, scale)
    begin = left + PULSE_MM
    traces = [np.column_stack([begin + row.x, zero[row.strip.row] - row.up]) for row in rows]
    inside: list[Lines | Box | Text] = []
    if shading:
        inside += _shades(recording, strips, scale, shading, begin, zero)
    for row, points in zip(rows, traces, strict=True):  # below the lines: nothing may hide a tracing
        inside += _name(row.strip.lead, lead_notes.get(row.strip.lead, ""), points, zero[row.strip.row], top)
    inside.append(Lines([_pulse(left, y, scale) for y in zero], 0.25, _INK))
    inside.append(Lines(_separators(strips, begin, zero), 0.2, _INK))
    inside.append(Lines(traces, 0.25, _INK))
    beyond = [row.strip.lead for row, y in zip(rows, traces, strict=True) if _leaves(y[:, 1], top, height)]
    return [*_grid(left, top, height), Clipped(left, top, WIDTH, height, inside)], list(dict.fromkeys(beyond))


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


def _leaves(y: Float64Array, top: float, height: float) -> bool:
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
    """1 mV for 200 ms."""
    rise = left + (PULSE_MM - _PULSE_S * scale.speed) // 2
    fall, high = rise + _PULSE_S * scale.speed, y - _PULSE_MV * scale.gain
    ends = (rise - 1.5, fall + 1.5)
    return np.array([[ends[0], y], [rise, y], [rise, high], [fall, high], [fall, y], [ends[1], y]])


def _separators(strips: Sequence[Strip], begin: float, zero: Float64Array) -> list[Points]:
    """Short strokes above and below a row's line, where one lead ends and the next begins."""
    found = []
    for strip in strips:
        if strip.left_mm > 0:
            x, y = begin + strip.left_mm, zero[strip.row]
            found += [segment(x, y - 6, x, y - 3), segment(x, y + 3, x, y + 6)]
    return found


def _name(lead: str, note: str, points: Points, zero: float, top: float) -> list[Box | Text]:
    """A lead's name above where its line begins, and a note behind it, both on pale ground."""
    x = float(points[0, 0]) + 1.2
    highest = float(points[points[:, 0] < points[0, 0] + _NEAR, 1].min())
    y = max(min(highest - 1.2, zero - 2), zero - _FAR, top + _NAME)
    behind = x + text_width(lead, _NAME, bold=True) + 1.2
    end = behind + text_width(note, _NOTE_SIZE) if note else behind - 1.2
    return [
        Box(x - 0.5, y - _NAME + 0.5, end - x + 1, _NAME, "#ffffff", 0.8),
        Text(x, y, lead, _NAME, bold=True),
        *([Text(behind, y, note, _NOTE_SIZE, colour=_PROBLEM)] if note else []),
    ]


def _shades(
    recording: Recording, strips: Sequence[Strip], scale: Scale, shading: Shading, begin: float, zero: Float64Array
) -> list[Lines | Box | Text]:
    """Boxes behind the strips, the darker the more a bin counted, none as high as to touch the next row's."""
    importance = np.clip(np.nan_to_num(np.asarray(shading.importance, float)), 0, None)
    importance /= max(float(importance.max(initial=0)), 1e-12)
    edges = np.linspace(shading.start_s, shading.end_s, importance.shape[1] + 1)
    between = (zero[:-1] + zero[1:]) / 2
    upper = np.maximum(zero - _SHADE_MM, np.append(-np.inf, between))
    lower = np.minimum(zero + _SHADE_MM, np.append(between, np.inf))
    found: list[Lines | Box | Text] = []
    for strip in strips:
        y, height = float(upper[strip.row]), float((lower - upper)[strip.row])
        for k, opacity in enumerate(importance[recording.leads.index(strip.lead)]):
            start, end = max(edges[k], strip.start_s), min(edges[k + 1], strip.end_s)
            if start < end and opacity > _SHADED:
                x = begin + strip.left_mm + (start - strip.start_s) * scale.speed
                found.append(Box(x, y, (end - start) * scale.speed, height, _SHADE, 0.45 * float(opacity)))
    return found
