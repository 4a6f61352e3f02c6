"""Words for an interpretation: formatted numbers, and the findings to report."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from einthoven.interpret.answer import Answer, Finding
from einthoven.interpret.recording_info import RecordingInfo
from einthoven.recording import Filters
from einthoven.signal.measurements.values import Measurements

INTERVAL_LABELS: Mapping[str, tuple[str, str]] = {
    "pr_ms": ("PR", " ms"),
    "qrs_ms": ("QRS", " ms"),
    "qt_ms": ("QT", " ms"),
    "qtc_bazett_ms": ("QTcB", " ms"),
    "qtc_fridericia_ms": ("QTcF", " ms"),
    "qrs_axis_degrees": ("axis", "°"),
}
"""Name and unit of the measurements on one line; QTc by Bazett and Fridericia."""
_NAMESPACE = UUID("5957b100-fa08-4aee-a94f-2e4ca69695bd")


def content_uuid(*content: str) -> UUID:
    """Return an identifier of what strings describe.

    Parameters
    ----------
    *content
        The description.

    Returns
    -------
    UUID
        Identifier that depends only on the description.
    """
    return uuid5(_NAMESPACE, "\n".join(content))


def format_percent(share: float | None) -> str:
    """Format a share in whole percent, but never as 0 % or 100 %, because no model is certain.

    Parameters
    ----------
    share
        Share from 0 to 1; None if it is unknown.

    Returns
    -------
    str
        Text such as "58 %", "<1 %" or ">99 %"; "–" for None.
    """
    if share is None:
        return "–"
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def format_rare_percent(share: float) -> str:
    """Format a share in whole percent, or with one digit below 1 %, as thresholds for a rare finding can be.

    Parameters
    ----------
    share
        Share from 0 to 1.

    Returns
    -------
    str
        Text such as "58 %", "0.3 %" or ">99 %".
    """
    return format_percent(share) if share >= 0.01 else f"{Decimal(f'{100 * share:.1g}'):f} %"


def format_time(recorded_at: datetime) -> str:
    """Format the time of a recording.

    Parameters
    ----------
    recorded_at
        Time with or without time zone.

    Returns
    -------
    str
        Text such as "2026-11-28 10:42" or "2026-11-28 10:42 UTC+01:00".
    """
    return f"{recorded_at:%Y-%m-%d %H:%M %Z}".rstrip()


def format_filters(filters: Filters) -> str:
    """Format the filters of a recording.

    Parameters
    ----------
    filters
        Filters as the file states them.

    Returns
    -------
    str
        Text such as "0.05-150 Hz, notch 50 Hz", or "to 35 Hz" if the file does not state the lower limit.
    """
    high, low, notch = filters
    parts = []
    if high and low:
        parts.append(f"{high:g}-{low:g} Hz")
    elif high or low:
        parts.append(f"from {high:g} Hz" if high else f"to {low:g} Hz")
    if notch:
        parts.append(f"notch {notch:g} Hz")
    return ", ".join(parts)


def recorded_texts(recording: RecordingInfo) -> Iterator[str]:
    """Describe the time, recorder and filters of an ECG, as far as the file states them.

    Parameters
    ----------
    recording
        The recording.

    Yields
    ------
    str
        Texts such as "recorded 2026-11-28 10:42", "Philips PageWriter TC70" and "0.05-150 Hz".
    """
    if recording.recorded_at:
        yield f"recorded {format_time(recording.recorded_at)}"
    if recording.device:
        yield recording.device
    if recording.filters:
        yield format_filters(recording.filters)


def interval_texts(measurements: Measurements) -> Iterator[tuple[str, str]]:
    """Format the intervals and the axis of the QRS complex.

    Parameters
    ----------
    measurements
        Measured values.

    Yields
    ------
    tuple of str
        Name, and value with unit; "unclear" for a value that could not be measured.
    """
    for key, (name, unit) in INTERVAL_LABELS.items():
        value = getattr(measurements, key)
        yield name, "unclear" if value is None else f"{value}{unit}".replace("-", "−")


def findings_except_mi(answer: Answer) -> list[Finding]:
    """Return the superclasses, without MI if there is an infarct pattern, which uses other thresholds.

    Parameters
    ----------
    answer
        Findings for a recording or an excerpt.

    Returns
    -------
    list of Finding
        Present or not.
    """
    return [finding for finding in answer.findings if not (answer.mi and finding.label == "MI")]


def _present_statements(answer: Answer) -> list[Finding]:
    """Return the statements that are present, without superclasses, the most probable first."""
    named = {finding.label for finding in answer.findings}
    present = [statement for statement in answer.statements if statement.reported and statement.label not in named]
    return sorted(present, key=lambda statement: -(1 if statement.probability is None else statement.probability))


def reported_findings(answer: Answer) -> list[Finding]:
    """Return the superclasses without MI, present or not, then the statements that are present.

    Parameters
    ----------
    answer
        Findings for a recording or an excerpt.

    Returns
    -------
    list of Finding
        Statements with the most probable first.
    """
    return findings_except_mi(answer) + _present_statements(answer)
