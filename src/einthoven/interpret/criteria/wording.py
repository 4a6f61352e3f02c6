"""Format numbers, leads and reasons of criteria."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from einthoven.interpret.criteria.verdicts import Verdict


@lru_cache(1000)  # most are limits
def number(value: float) -> str:
    """Return a number with at most three decimals.

    Parameters
    ----------
    value
        A value in mV, ms or another unit.

    Returns
    -------
    str
        The number without trailing zeros. A value below a limit does not read as the limit.
    """
    return f"{round(value, 3) + 0.0:.6g}"  # + 0.0: no "-0"


def percent(share: float | None) -> str:
    """Return a probability as a percentage.

    Parameters
    ----------
    share
        Probability from 0 to 1; None if there is none.

    Returns
    -------
    str
        The percentage, with two digits below 10 %.
    """
    if share is None:
        return "without a probability"
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def measured(values: Mapping[str, float], unit: str = "mV") -> str:
    """Return leads with their values.

    Parameters
    ----------
    values
        Values by lead or name.
    unit
        Unit of all values.

    Returns
    -------
    str
        Text such as "II 0.24, III 0.22 mV"; empty without values.
    """
    return f"{', '.join([f'{name} {number(value)}' for name, value in values.items()])} {unit}" if values else ""


def lacking(values: Mapping[str, object]) -> str:
    """Return the names of values that were not measured.

    Parameters
    ----------
    values
        Values by name, None for those that were not measured.

    Returns
    -------
    str
        A sentence.
    """
    return f"Not measured or unknown: {', '.join([name for name, value in values.items() if value is None])}."


def either(names: Iterable[str]) -> str:
    """Join names with commas and "or".

    Parameters
    ----------
    names
        At least one name.

    Returns
    -------
    str
        Text such as "II, aVF or III".
    """
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def verdict_and_reason(
    met: Verdict, confounder: str | None, yes: str, no: str, needed: Mapping[str, object]
) -> tuple[Verdict, str]:
    """Return whether a criterion is met, and the reason.

    Parameters
    ----------
    met
        Whether its limits are reached.
    confounder
        Reason why the limits do not apply; None if they do.
    yes, no
        The reason if it is met, and if it is not.
    needed
        Values by name, None for those that were not measured.

    Returns
    -------
    tuple of bool or None and str
        Whether the criterion is met, and the reason; None with a confounder.
    """
    if confounder:
        return None, f"Does not hold with {confounder}."
    if met is None:
        return None, lacking(needed)
    return met, yes if met else no
