"""Numbers as people read them."""

from collections.abc import Iterator, Mapping

INTERVALS: Mapping[str, str] = {
    "pr_ms": "PR",
    "qrs_ms": "QRS",
    "qt_ms": "QT",
    "qtc_bazett_ms": "QTcB",
    "qtc_fridericia_ms": "QTcF",
}


def percent(share: float) -> str:
    """Whole percents, but never 0 % or 100 %, which no model knows."""
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def seconds(seconds: float) -> str:
    """A time or a duration."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"


def measured(intervals: Mapping[str, float | None]) -> Iterator[str]:
    """The intervals and the axis of an answer, each with its unit; "unclear" where it could not be told."""
    for key, name in INTERVALS.items():
        value = intervals[key]
        yield f"{name} unclear" if value is None else f"{name} {value:.0f} ms"
    axis = intervals["axis_degrees"]
    yield "axis unclear" if axis is None else f"axis {axis:.0f}°"
