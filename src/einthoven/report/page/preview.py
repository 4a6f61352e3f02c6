"""A recording on ECG paper as a small SVG, for notebooks."""

from dataclasses import replace

from einthoven.recording import Recording
from einthoven.report.page.drawing import Drawing, Text
from einthoven.report.page.ecg_grid import WIDTH, Scale, ecg_grid, fitting_scale
from einthoven.report.page.layout import TRACE_MM, Window, strips
from einthoven.report.page.svg import as_svg
from einthoven.report.page.text_column import GREY
from einthoven.signal.resampling import resample
from einthoven.text import format_duration

_RATE = 125
"""Hz that are drawn: 0.2 mm on paper, and a quarter of the size of 500 Hz."""
_HEIGHT, _CAPTION = 90.0, 5.0  # mm
_SPEED, _GAIN = 25.0, 10.0


def preview(recording: Recording) -> str:
    """Draw the first 10 s of a recording: 3x4 leads with a rhythm strip.

    Parameters
    ----------
    recording
        Recording with at least one standard lead.

    Returns
    -------
    str
        SVG without fonts and scripts; nothing in it names the patient.
    """
    duration = recording.seconds
    window = Window(0.0, min(duration, TRACE_MM / _SPEED))
    signal = recording.signal[:, : round(window.end_s * recording.rate)]
    shown = replace(recording, signal=signal)
    if recording.rate > _RATE:
        shown = replace(recording, signal=resample(signal, recording.rate, _RATE), rate=_RATE)
    places, _ = strips("3x4", recording.leads, window, _SPEED)
    scale = fitting_scale(shown, places, Scale(_SPEED, _GAIN), _HEIGHT)
    items, _ = ecg_grid(shown, places, scale, (0.0, 0.0, _HEIGHT), {})
    chest = "" if scale.chest_gain is None else f", chest leads {scale.chest_gain:g} mm/mV"
    caption = f"{_SPEED:g} mm/s, {scale.gain:g} mm/mV{chest}, {format_duration(window.end_s)}"
    if duration > window.end_s + 0.1:
        caption += f" of {format_duration(duration)}"
    if any(warning.code == "simulated" for warning in recording.warnings):
        caption = f"SIMULATED, {caption}"
    text = Text(0.0, _HEIGHT + 3.8, caption, 3.0, colour=GREY)
    return as_svg(Drawing(WIDTH, _HEIGHT + _CAPTION, "12-lead ECG", [*items, text]), fonts=False)
