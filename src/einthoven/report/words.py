"""Numbers as people read them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

INTERVALS: Mapping[str, tuple[str, str]] = {
    "pr_ms": ("PR", " ms"),
    "qrs_ms": ("QRS", " ms"),
    "qt_ms": ("QT", " ms"),
    "qtc_bazett_ms": ("QTcB", " ms"),
    "qtc_fridericia_ms": ("QTcF", " ms"),
    "axis_degrees": ("axis", "°"),
}
"""Names and units of `intervals`; QTc after Bazett and Fridericia."""


def percent(share: float) -> str:
    """Whole percents, but never 0 % or 100 %, which no model knows."""
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def fine_percent(share: float) -> str:
    """Whole percents, and below 1 % one digit: what is screened for may be rare, and its thresholds low."""
    return percent(share) if share >= 0.01 else f"{Decimal(f'{100 * share:.1g}'):f} %"


def seconds(seconds: float) -> str:
    """A time or a duration."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"


def measured(intervals: Mapping[str, int | None]) -> Iterator[tuple[str, str]]:
    """The intervals and the axis of an answer, each with its unit; "unclear" where it could not be told."""
    for key, (name, unit) in INTERVALS.items():
        value = intervals[key]
        yield name, "unclear" if value is None else f"{value}{unit}".replace("-", "−")
