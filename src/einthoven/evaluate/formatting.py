"""Numbers and intervals as text, for plots, the results page and tables."""

from einthoven.model.figures import Interval

DASH = "–"
"""Text for an undefined value."""


def number(value: float | None, digits: int = 3) -> str:
    """Format a number.

    Parameters
    ----------
    value
        Any number; None or NaN if it is undefined.
    digits
        Decimals.

    Returns
    -------
    str
        A dash if it is undefined.
    """
    return DASH if value is None or value != value else f"{value:.{digits}f}"


def interval(estimate: Interval | None) -> str:
    """Format a value with its interval.

    Parameters
    ----------
    estimate
        Value with its interval; None if it is undefined.

    Returns
    -------
    str
        Text such as `0.937 (0.927–0.947)`, or a dash.
    """
    if estimate is None:
        return DASH
    return f"{number(estimate.value)} ({number(estimate.low)}–{number(estimate.high)})"
