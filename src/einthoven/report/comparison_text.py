"""Text about a comparison with a previous ECG; the comparison itself has the changes in words."""

from einthoven.interpret.comparison.values import Comparison
from einthoven.report.summary import format_time


def comparison_heading(comparison: Comparison, source: str = "") -> str:
    """Return a heading that names the ECG of a comparison.

    Parameters
    ----------
    comparison
        The comparison.
    source
        Name of the previous ECG, for readers who may see it.

    Returns
    -------
    str
        Text such as "Compared with the previous ECG, recorded 2026-11-18 09:30, 10 days earlier".
    """
    parts = [f"Compared with {source or 'the previous ECG'}"]
    if comparison.recorded_at:
        parts.append(f"recorded {format_time(comparison.recorded_at)}")
    if comparison.interval_s:
        parts.append(f"{_format_interval(abs(comparison.interval_s))} {_order(comparison.interval_s)}")
    return ", ".join(parts)


def _order(interval_s: float) -> str:
    return "earlier" if interval_s > 0 else "later"


def _format_interval(seconds: float) -> str:
    """Format a time between ECGs in the largest unit in which it is at least two."""
    for unit, length in (("years", 365.25 * 86400), ("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
