"""Numbers, leads and reasons as criteria print them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from einthoven.interpret.criteria.verdicts import Verdict


@lru_cache(1000)  # most are limits
def number(value: float) -> str:
    """Return a number with at most three decimals.

    Parameters
    ----------
    value
        In mV, ms or another unit.

    Returns
    -------
    str
        Without trailing zeros. A value below a limit does not read as the limit.
    """
    return f"{round(value, 3) + 0.0:.6g}"  # + 0.0: no "-0"


def percent(share: float | None) -> str:
    """Return a probability in percent.

    Parameters
    ----------
    share
        From 0 to 1; None if there is none.

    Returns
    -------
    str
        With two digits below 10 %.
    """
    if share is None:
        return "without a probability"
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def measured(values: Mapping[str, float], unit: str = "mV") -> str:
    """Return leads with their values.

    Parameters
    ----------
    values
        By lead or name.
    unit
        Of all of them.

    Returns
    -------
    str
        Such as "II 0.24, III 0.22 mV"; empty without values.
    """
    return f"{', '.join([f'{name} {number(value)}' for name, value in values.items()])} {unit}" if values else ""


def lacking(values: Mapping[str, object]) -> str:
    """Return what was not measured.

    Parameters
    ----------
    values
        By name, None for what was not measured.

    Returns
    -------
    str
        A sentence.
    """
    return f"Not measured or unknown: {', '.join([name for name, value in values.items() if value is None])}."


def either(names: Iterable[str]) -> str:
    """Join names by commas and "or".

    Parameters
    ----------
    names
        At least one.

    Returns
    -------
    str
        Such as "II, aVF or III".
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
        Why these do not hold, if so.
    yes, no
        The reason if it is met, and if it is not.
    needed
        By name, None for what was not measured.

    Returns
    -------
    tuple of bool or None and str
        None with a confounder.
    """
    if confounder:
        return None, f"Does not hold with {confounder}."
    if met is None:
        return None, lacking(needed)
    return met, yes if met else no
