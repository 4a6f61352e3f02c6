"""The ST segment of each lead as a table, with the limits that it reaches."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from einthoven.interpret.criteria import Criterion
from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import LEADS
from einthoven.signal.measurements.values import LeadMeasurements

POINTS: Mapping[str, str] = {"J": "st_j_mv", "J+60": "st_j60_mv", "J+80": "st_j80_mv"}
"""Points of the ST segment: the J point, and 60 and 80 ms after it."""
ST_CRITERIA = frozenset(
    {
        "STEMI-UDMI4",
        "STEMI-POSTERIOR-V1V3",
        "STEMI-V7V9",
        "STEMI-V3RV4R",
        "STEMI-RV-V1",
        "STEMI-RECIPROCAL",
        "STD-UDMI4",
        "STD6-AVR",
        "SGARBOSSA-1996",
        "SGARBOSSA-SMITH",
        "BARCELONA-2020",
    }
)
"""Codes of the criteria about the ST segment."""
LIMIT_NOTE = "* reaches the limit of an ST criterion that is met"
"""Footnote that explains the mark in the table."""


class StRow(NamedTuple):
    """The ST segment of one lead in mV; None if unclear."""

    lead: str
    values: tuple[float | None, ...]
    """Amplitudes at each of POINTS."""
    limit_reached: bool
    """Whether the ST segment reaches its limit at the J point."""


def st_table(interpretation: Interpretation) -> list[StRow]:
    """Return the ST segment of each lead.

    Parameters
    ----------
    interpretation
        The interpretation.

    Returns
    -------
    list of StRow
        Rows in the order of the leads; empty if no lead was measured.
    """
    measurements = interpretation.measurements
    if measurements is None:
        return []
    reached = _st_leads_beyond_limit(interpretation)
    extra = [lead for lead in measurements.leads if lead not in LEADS]
    rows = []
    for lead in (*LEADS, *extra):
        measured = measurements.leads.get(lead, LeadMeasurements())
        values = tuple([getattr(measured, name) for name in POINTS.values()])
        if any(value is not None for value in values):
            rows.append(StRow(lead, values, lead in reached))
    return rows


def _st_leads_beyond_limit(interpretation: Interpretation) -> set[str]:
    """Return the leads whose ST segment reaches the limit of a criterion that is met."""
    return {lead.removeprefix("-") for criterion in _met(interpretation) for lead in criterion.leads}


def st_is_abnormal(interpretation: Interpretation) -> bool:
    """Return whether a reader should see the ST table unasked.

    Parameters
    ----------
    interpretation
        The interpretation.

    Returns
    -------
    bool
        If an acute infarct pattern is ruled in, or a criterion about the ST segment is met.
    """
    acute = interpretation.acute
    return (acute is not None and acute.decision == "rule-in") or any(True for _ in _met(interpretation))


def _met(interpretation: Interpretation) -> Iterator[Criterion]:
    return (c for c in interpretation.criteria if c.met and c.code in ST_CRITERIA)


def format_mv(value: float | None) -> str:
    """Format an amplitude of the ST segment.

    Parameters
    ----------
    value
        Amplitude in mV; None if unclear.

    Returns
    -------
    str
        Text such as "+0.24", "−0.05" or "–".
    """
    if value is None:
        return "–"
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text in ("+0.00", "−0.00") else text
