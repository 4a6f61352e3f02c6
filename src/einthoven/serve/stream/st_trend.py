"""The ST segment of each lead over time, against the stream's first minute.

Monitors alarm when the ST segment moves by 0.1 to 0.2 mV from a patient's own baseline for at least a minute (AHA
practice standards for electrocardiographic monitoring, Sandau et al., Circulation 2017, 136:e273).
"""

from collections.abc import Mapping
from statistics import median
from typing import Any

from einthoven.interpret.criteria.ecg import CHEST_LEADS, FRONTAL_LEADS, contiguous

BASELINE_S = 60.0
"""The baseline is the median of the first answers of this time."""
CHANGE_MV = 0.1
"""A change of at least this in two contiguous leads, in the same direction, counts towards an alert."""
SUSTAINED_S = 60.0
"""Time for which every answer has such a change before the alert is raised, or none before it is cleared."""

St = Mapping[str, float]
"""ST 60 ms after J in mV, by lead."""


class StTrend:
    """Follows the ST segment of a stream."""

    def __init__(self) -> None:
        self._first: dict[str, list[float]] = {}
        self._first_s: float | None = None
        self._baseline: dict[str, float] | None = None
        self._latest: dict[str, float] = {}
        self._leads: list[str] = []
        self._changed_s: float | None = None  # from when on every answer has a change
        self._steady_s: float | None = None  # from when on no answer has one
        self._alert_s: float | None = None

    def update(self, time_s: float, st_mv: St) -> None:
        """Take in an answer.

        Parameters
        ----------
        time_s
            End of the window in s from the stream's start; it never falls.
        st_mv
            ST in mV of each lead that was measured; empty if none was, which neither raises nor clears an alert.
        """
        self._latest = dict(st_mv)
        if not st_mv:
            return
        if self._first_s is None:
            self._first_s = time_s
        if self._baseline is None:
            for lead, value in st_mv.items():
                self._first.setdefault(lead, []).append(value)
            if time_s - self._first_s >= BASELINE_S:
                self._baseline = {lead: median(values) for lead, values in self._first.items()}
            return
        self._judge(time_s, self.changes())

    def _judge(self, time_s: float, changes: St) -> None:
        """Raise or clear the alert."""
        leads = changed_leads(changes)
        if leads:
            self._steady_s = None
            self._changed_s = time_s if self._changed_s is None else self._changed_s
            if time_s - self._changed_s >= SUSTAINED_S:
                self._leads = leads
                self._alert_s = self._changed_s if self._alert_s is None else self._alert_s
            return
        self._changed_s = None
        self._steady_s = time_s if self._steady_s is None else self._steady_s
        if time_s - self._steady_s >= SUSTAINED_S:
            self._alert_s, self._leads = None, []

    def changes(self) -> dict[str, float]:
        """Return the change of each lead against the baseline.

        Returns
        -------
        dict of str to float
            Change in mV by lead; empty before there is a baseline.
        """
        baseline = self._baseline or {}
        return {lead: value - baseline[lead] for lead, value in self._latest.items() if lead in baseline}

    def to_dict(self) -> dict[str, Any]:
        """Return the trend for JSON.

        Returns
        -------
        dict
            ST and its change of each lead in mV, and the alert; changes are null before the baseline is complete.
        """
        changes = self.changes()
        leads = {
            lead: {"st_mv": round(value, 3), "change_mv": round(changes[lead], 3) if lead in changes else None}
            for lead, value in self._latest.items()
        }
        alert = self._alert_s is not None
        return {
            "baseline": self._baseline is not None,
            "leads": leads,
            "alert": {"since_s": round(self._alert_s or 0, 2), "leads": self._leads} if alert else None,
        }


def changed_leads(changes_mv: St) -> list[str]:
    """Return the contiguous leads whose ST segment has changed in the same direction.

    Parameters
    ----------
    changes_mv
        Change in mV by lead.

    Returns
    -------
    list of str
        Leads in the order in which they are printed; empty if no two contiguous leads have changed enough.
    """
    known = dict(changes_mv) | ({"-aVR": -changes_mv["aVR"]} if "aVR" in changes_mv else {})
    found: list[str] = []
    for sign in (1, -1):
        verdicts = {
            lead: sign * known[lead] >= CHANGE_MV if lead in known else None for lead in (*CHEST_LEADS, *FRONTAL_LEADS)
        }
        met, leads = contiguous(verdicts)
        found += leads if met else []
    return found
