"""Draw the tracing on ECG paper: grid, calibration pulses, leads and shading."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import Float64Array, FloatArray
from einthoven.recording import Recording
from einthoven.report.page.drawing import Box, Clipped, Item, Lines, Points, Text, segment
from einthoven.report.page.labels import LabelMap, label_region
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
_NAME, _SMALL_NAME = 3.0, 2.2  # mm, size of a lead's name; and if there is little room
_NOTE_SIZE = 2.3
_TOUCH_MM = 1.0  # by which the lines of two rows may overlap: rows stand at whole mm


@dataclass(frozen=True)
class Shading:
    """Contribution of each lead and time to a label, shown behind the tracing."""

    importance: FloatArray
    """Contributions (leads, bins), in the order of the recording's leads; 0 is not shown, the largest is darkest."""
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
    chest_gain: float | None = None
    """mm/mV of the chest leads; None for `gain`."""

    def gain_of(self, lead: str) -> float:
        """Return the gain of a lead.

        Parameters
        ----------
        lead
            Standard name.

        Returns
        -------
        float
            Gain in mm/mV.
        """
        return self.gain if self.chest_gain is None or not lead.startswith("V") else self.chest_gain


@dataclass(frozen=True)
class Row:
    """The line of a strip."""

    strip: Strip
    x: Float64Array
    """Positions of shape (points,) in mm from the start of the rows."""
    up: Float64Array
    """Heights of shape (points,) in mm above the baseline, which is the strip's median."""


def _strip_rows(recording: Recording, strips: Sequence[Strip], scale: Scale) -> list[Row]:
    """Return the line of each strip."""
    rows = []
    for strip in strips:
        first = round(strip.start_s * recording.rate)
        last = max(round(strip.end_s * recording.rate), first + 1)
        values = recording.signal[recording.leads.index(strip.lead), first:last]
        times, drawn = polyline(values, recording.rate)
        rows.append(
            Row(strip, strip.left_mm + times * scale.speed, (drawn - np.median(values)) * scale.gain_of(strip.lead))
        )
    return rows


def fitting_scale(recording: Recording, strips: Sequence[Strip], scale: Scale, height: float) -> Scale:
    """Return a scale at which rows do not overlap: if necessary, with half the gain of the chest leads, or of all.

    Parameters
    ----------
    recording
        The recording.
    strips
        Sections of its leads.
    scale
        The preferred scale.
    height
        Height of the paper in mm.

    Returns
    -------
    Scale
        The first of the three at which rows overlap least.
    """
    half = scale.gain / 2
    scales = (scale, Scale(scale.speed, scale.gain, half), Scale(scale.speed, half))
    return min(scales, key=lambda candidate: _overlaps(recording, strips, candidate, height))


def _overlaps(recording: Recording, strips: Sequence[Strip], scale: Scale, height: float) -> int:
    """Return at how many places a line meets that of the next row, or leaves the paper."""
    above, below = _heights(_strip_rows(recording, strips, scale))
    zero = baselines(above, below, height)
    between = below[:-1] + above[1:] - _TOUCH_MM > np.diff(zero)[:, None]
    outside = (above[0] - _TOUCH_MM > zero[0]).sum() + (below[-1] - _TOUCH_MM > height - zero[-1]).sum()
    return int(between.sum() + outside)


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
    rows = _strip_rows(recording, strips, scale)
    zero = top + _rows_at(rows, height, scale)
    begin = left + PULSE_MM
    traces = [np.column_stack([begin + row.x, zero[row.strip.row] - row.up]) for row in rows]
    pulses = [
        _pulse(left, y, scale, [row.strip.lead for row in rows if row.strip.row == k]) for k, y in enumerate(zero)
    ]
    separators = _separators(strips, begin, zero)
    items: list[Lines | Box | Text] = []
    if shading:
        items += _shades(recording, strips, scale, shading, begin, zero)
    labels = LabelMap(left, top, WIDTH, height)
    labels.add_lines([*traces, *separators])
    labels.add_pulses(pulses)
    items += _names(labels, rows, zero, left, lead_notes)
    items.append(Lines(pulses, 0.25, _INK))
    items.append(Lines(separators, 0.2, _INK))
    items.append(Lines(traces, 0.25, _INK))
    exceeding = [row.strip.lead for row, y in zip(rows, traces, strict=True) if _exceeds_paper(y[:, 1], top, height)]
    return [*paper(left, top, WIDTH, height), Clipped(left, top, WIDTH, height, items)], list(dict.fromkeys(exceeding))


def _rows_at(rows: Sequence[Row], height: float, scale: Scale) -> Float64Array:
    above, below = _heights(rows)
    above[0] = np.maximum(above[0], _PULSE_MV * scale.gain + 1)
    return baselines(above, below, height)


def _heights(rows: Sequence[Row]) -> tuple[Float64Array, Float64Array]:
    """Return the height of each row (rows, places) above and below its baseline."""
    count = 1 + max(row.strip.row for row in rows)
    above = np.zeros((count, int(np.ceil(TRACE_MM / _PLACE))))
    below = np.zeros_like(above)
    for row in rows:
        place = np.clip((row.x / _PLACE).astype(int), 0, above.shape[1] - 1)
        np.maximum.at(above[row.strip.row], place, row.up)
        np.maximum.at(below[row.strip.row], place, -row.up)
    return above, below


def _exceeds_paper(y: Float64Array, top: float, height: float) -> bool:
    return bool(y.min() < top or y.max() > top + height)


def paper(left: float, top: float, width: float, height: float) -> list[Item]:
    """Draw the grid of ECG paper: squares of 1 mm and of 5 mm.

    Parameters
    ----------
    left, top
        Upper left corner in mm.
    width, height
        Width and height in whole mm.

    Returns
    -------
    list of Item
        Lines.
    """
    right, bottom = left + width, top + height
    across, down = np.arange(round(width) + 1), np.arange(round(height) + 1)

    def drawn(bold: bool) -> list[Points]:
        return [segment(left + x, top, left + x, bottom) for x in across if (x % 5 == 0) == bold] + [
            segment(left, top + y, right, top + y) for y in down if (y % 5 == 0) == bold
        ]

    return [Lines(drawn(False), 0.1, _FINE), Lines(drawn(True), 0.18, _BOLD)]


def _pulse(left: float, y: float, scale: Scale, leads: Sequence[str]) -> Points:
    """Return the calibration pulse of 1 mV for 200 ms: with a step in a row of two gains."""
    width = _PULSE_S * scale.speed
    rise = left + max(PULSE_MM - 2.0 - width, 1.5) // 1
    middle, fall = rise + width / 2, rise + width
    gains = [scale.gain_of(lead) for lead in leads] or [scale.gain]
    first, last = (y - _PULSE_MV * gain for gain in (max(gains), min(gains)))
    step = [[middle, first], [middle, last]] if first != last else []
    return np.array([[rise - 1, y], [rise, y], [rise, first], *step, [fall, last], [fall, y], [fall + 1, y]])


def _separators(strips: Sequence[Strip], begin: float, zero: Float64Array) -> list[Points]:
    """Return short strokes above and below a line, at the border between two leads."""
    separators = []
    for strip in strips:
        if strip.left_mm > 0:
            x, y = begin + strip.left_mm, zero[strip.row]
            separators += [segment(x, y - 6, x, y - 3), segment(x, y + 3, x, y + 6)]
    return separators


def _names(
    labels: LabelMap, rows: Sequence[Row], zero: Float64Array, left: float, lead_notes: dict[str, str]
) -> list[Text]:
    """Return the names of the leads, and their notes where there is room, all next to the lines.

    The first lead of a row is named left of its line. The others are named where their line leaves room, or else left
    of the row, too.
    """
    baselines_mm = zero.tolist()
    texts = []
    margin = (left + 0.2, left + PULSE_MM - 0.2)
    for row in rows:
        strip = row.strip
        begin = left + PULSE_MM + strip.left_mm
        region = label_region(begin, float(row.x[-1] - row.x[0]))
        tries = [(_NAME, margin), (_SMALL_NAME, margin)]
        tries = tries if strip.left_mm == 0 else [(_NAME, region), *tries]
        for size, where in tries:
            centred = where == margin
            if place := labels.place(strip.lead, size, where, baselines_mm, strip.row, bold=True, centred=centred):
                texts.append(Text(place.x, place.y, strip.lead, size, bold=True))
                break
    for row in rows:
        if note := lead_notes.get(row.strip.lead, ""):
            begin = left + PULSE_MM + row.strip.left_mm
            region = label_region(begin, float(row.x[-1] - row.x[0]))
            if place := labels.place(note, _NOTE_SIZE, region, baselines_mm, row.strip.row):
                texts.append(Text(place.x, place.y, note, _NOTE_SIZE, colour=_PROBLEM))
    return texts


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
