"""Draw the median beat of each lead on ECG paper, with the marks at which it was measured."""

from collections.abc import Iterator, Sequence

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import LEADS, Recording
from einthoven.report.page.drawing import Box, Clipped, Item, Lines, Text, segment
from einthoven.report.page.ecg_grid import paper
from einthoven.report.page.font import text_width
from einthoven.report.page.layout import Window
from einthoven.report.st_table import format_mv
from einthoven.signal.measurements.delineate import Boundaries
from einthoven.signal.measurements.measure import SignalMeasurements, measure_signal
from einthoven.signal.measurements.median_beat import AFTER, BEFORE, RATE
from einthoven.signal.pacing import find_spikes, remove_spikes

_ROWS = (LEADS[:6], LEADS[6:])
_SPEEDS, _GAINS = (50.0, 25.0), (20.0, 10.0, 5.0, 2.5)  # mm/s and mm/mV, the best first
_EDGE_S = 0.04  # shown before the first mark and after the last
_UNCLEAR_S = 0.2, 0.4  # shown before the QRS complex without a P wave, and after it without an end of the T wave
_TOP = 4.0  # mm of a cell for names
_LEGEND = "marks: P onset, QRS onset, J (red), end of T; blue: level at the QRS onset"
_MARK, _J, _ZERO = "#7a7a7a", "#b3261e", "#1f77d0"


def measured_beat(recording: Recording, window: Window) -> SignalMeasurements | None:
    """Measure the median beat of the part of a recording that a page shows, as the interpretation does.

    Parameters
    ----------
    recording
        The recording.
    window
        The part.

    Returns
    -------
    SignalMeasurements or None
        Measurements; None without a clear median beat.
    """
    rate = recording.rate
    part = slice(round(window.start_s * rate), round(window.end_s * rate))
    signal = np.ascontiguousarray(recording.signal[:, part], np.float32)
    try:
        unpaced = remove_spikes(signal, rate, find_spikes(signal, rate))
        measured = measure_signal(unpaced, rate, recording.leads)
    except ValueError:  # too short, or not finite
        return None
    return measured if measured.beat is not None and measured.boundaries else None


def beat_panel(
    measured: SignalMeasurements, leads: Sequence[str], area: tuple[float, float, float, float]
) -> tuple[list[Item], str]:
    """Draw the median beats.

    Parameters
    ----------
    measured
        Measurements from `measured_beat`.
    leads
        Names of the rows of its beat.
    area
        Left, top, width and height in mm.

    Returns
    -------
    list of Item
        Six leads in a row.
    str
        Scale, and meaning of the marks.
    """
    beat, boundaries = measured.beat, measured.boundaries
    if beat is None or boundaries is None:
        return [], ""
    left, top, width, height = area
    cell, row_height = width / 6, height / 2
    start, end = _shown(boundaries)
    speed = next((mm for mm in _SPEEDS if (end - start) / RATE * mm <= cell - 2), _SPEEDS[-1])
    items: list[Item] = paper(left, top, width, height)
    gains = []
    for k, names in enumerate(_ROWS):
        recorded = [lead for lead in names if lead in leads]
        lines = {lead: beat[leads.index(lead), start:end] for lead in recorded}
        gains.append(_gain(list(lines.values()), row_height - _TOP - 2))
        zero = _zero(list(lines.values()), gains[k], top + k * row_height, row_height)
        for j, lead in enumerate(names):
            if lead in lines:
                x = left + j * cell + 1
                points = np.column_stack([x + np.arange(end - start) / RATE * speed, zero - lines[lead] * gains[k]])
                box = (left + j * cell, top + k * row_height, cell, row_height)
                items.append(Clipped(*box, [*_marks(boundaries, start, x, speed, box, zero), Lines([points], 0.25)]))
                items += _captions(lead, measured, box)
    limbs, chest = gains
    scale = f"{limbs:g} mm/mV" if limbs == chest else f"limb leads {limbs:g} mm/mV   chest leads {chest:g} mm/mV"
    return items, f"{speed:g} mm/s   {scale}   ·   {_LEGEND}"


def _shown(boundaries: Boundaries) -> tuple[int, int]:
    before, after = _UNCLEAR_S
    first = boundaries.qrs_onset - before * RATE if boundaries.p_onset is None else boundaries.p_onset
    last = boundaries.qrs_offset + after * RATE if boundaries.t_offset is None else boundaries.t_offset
    return max(round(first - _EDGE_S * RATE), 0), min(round(last + _EDGE_S * RATE), BEFORE + AFTER)


def _gain(lines: Sequence[Float32Array], room: float) -> float:
    """The largest gain at which a row has room."""
    high, low = _extremes(lines)
    return next((gain for gain in _GAINS if (high - low) * gain <= room), _GAINS[-1])


def _extremes(lines: Sequence[Float32Array]) -> tuple[float, float]:
    """The highest and the lowest value, or 0 if that is beyond."""
    values = np.concatenate([np.zeros(1, np.float32), *lines])
    return float(values.max()), float(values.min())


def _zero(lines: Sequence[Float32Array], gain: float, top: float, height: float) -> float:
    """Position of 0 mV in whole mm, so that the lines of a row are centred vertically."""
    high, low = _extremes(lines)
    return float(round(top + _TOP + (height - _TOP) / 2 + (high + low) / 2 * gain))


def _marks(
    boundaries: Boundaries, start: int, x: float, speed: float, box: tuple[float, float, float, float], zero: float
) -> Iterator[Lines]:
    left, top, width, height = box
    yield Lines([segment(left, zero, left + width, zero)], 0.1, _ZERO)
    others = (boundaries.p_onset, boundaries.qrs_onset, boundaries.t_offset)
    for places, colour in ((others, _MARK), ((boundaries.qrs_offset,), _J)):
        lines = []
        for place in places:
            if place is not None:
                at = x + (place - start) / RATE * speed
                lines.append(segment(at, top + _TOP, at, top + height))
        if lines:
            yield Lines(lines, 0.15, colour)


def _captions(lead: str, measured: SignalMeasurements, box: tuple[float, float, float, float]) -> Iterator[Item]:
    left, top, width, _ = box
    yield Box(left + 0.6, top + 0.5, text_width(lead, 2.8, bold=True) + 0.8, 3.2, "#ffffff", 0.8)
    yield Text(left + 1, top + 3.2, lead, 2.8, bold=True)
    values = measured.rounded().leads.get(lead)
    if values and values.st_j_mv is not None:
        yield Text(left + width - 1, top + 3.2, f"J {format_mv(values.st_j_mv)} mV", 2.2, right=True)
