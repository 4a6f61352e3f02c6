"""Three-valued logic: True, False, or None for unknown (Kleene)."""

from collections.abc import Callable, Iterable

Verdict = bool | None


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return whether one of several conditions holds.

    Parameters
    ----------
    verdicts
        Whether each holds.

    Returns
    -------
    bool or None
        True if at least one holds; None if one may hold.
    """
    result: Verdict = False
    for verdict in verdicts:
        if verdict:
            return True
        if verdict is None:
            result = None
    return result


def all_of(*verdicts: Verdict) -> Verdict:
    """Return whether several conditions hold.

    Parameters
    ----------
    *verdicts
        Whether each holds.

    Returns
    -------
    bool or None
        False if at least one does not hold; None if one may not hold.
    """
    return False if False in verdicts else None if None in verdicts else True


def negate(verdict: Verdict) -> Verdict:
    """Return the opposite of a verdict.

    Parameters
    ----------
    verdict
        Whether a condition holds.

    Returns
    -------
    bool or None
        None for None.
    """
    return None if verdict is None else not verdict


def at_least(value: float | None, limit: float) -> Verdict:
    """Return whether a value reaches a limit.

    Parameters
    ----------
    value
        Measured value; None if there is none.
    limit
        Limit in the unit of the value.

    Returns
    -------
    bool or None
        None without a value.
    """
    return None if value is None else value >= limit


def above(value: float | None, limit: float) -> Verdict:
    """Return whether a value exceeds a limit.

    Parameters
    ----------
    value
        Measured value; None if there is none.
    limit
        Limit in the unit of the value.

    Returns
    -------
    bool or None
        None without a value.
    """
    return None if value is None else value > limit


def below(value: float | None, limit: float) -> Verdict:
    """Return whether a value is below a limit.

    Parameters
    ----------
    value
        Measured value; None if there is none.
    limit
        Limit in the unit of the value.

    Returns
    -------
    bool or None
        None without a value.
    """
    return None if value is None else value < limit


def at_most(value: float | None, limit: float) -> Verdict:
    """Return whether a value is at or below a limit.

    Parameters
    ----------
    value
        Measured value; None if there is none.
    limit
        Limit in the unit of the value.

    Returns
    -------
    bool or None
        None without a value.
    """
    return None if value is None else value <= limit


def beyond(
    value: float | None, low: float, high: float, exceeds: Callable[[float | None, float], Verdict] = at_least
) -> Verdict:
    """Return whether a value exceeds a limit that is known to lie between two.

    Parameters
    ----------
    value
        Measured value; None if there is none.
    low, high
        The lowest and the highest limit that may apply, such as those of women and men for an unknown sex.
    exceeds
        `at_least` or `above`.

    Returns
    -------
    bool or None
        True beyond the high limit, False if not beyond the low one, else None.
    """
    if exceeds(value, high):
        return True
    return False if exceeds(value, low) is False else None
