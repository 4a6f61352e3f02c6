"""The leads whose ST segment deviates, as an answer names them."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from einthoven.interpret.acute.st_levels import Levels, StLevels, largest_pair
from einthoven.interpret.criteria.criterion import LeadTime, LeadValue
from einthoven.interpret.criteria.ecg import CHEST_LEADS, CONTIGUOUS, FRONTAL_LEADS, contiguous
from einthoven.interpret.criteria.st_segment import DEPRESSION_MV
from einthoven.interpret.criteria.verdicts import Verdict, at_least
from einthoven.interpret.evidence import Evidence

_NEAR_LIMIT_MV = -0.05  # an elevation that is at most half a millimetre below its limit is named
_RIGHT_CHEST = ("V1", "V2", "V3")
_INFERIOR = ("II", "aVF", "III")


class StFindings:
    """Deviations of the measured ST segment of an ECG.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.levels = (
            StLevels.of(evidence.measurements, evidence.patient) if evidence.measurements else StLevels({}, {}, {})
        )

    @cached_property
    def may_reach_limits(self) -> Verdict:
        """Whether two contiguous leads reach the limits of ST elevation, even with a confounder; None if unknown."""
        levels = self.levels
        names = (*CHEST_LEADS, *FRONTAL_LEADS)
        return contiguous({name: _reaches(levels.at_j, levels.limits, name) for name in names})[0]

    @cached_property
    def stemi(self) -> bool:
        """Whether the criteria of ST elevation are met."""
        return self._evidence.met("STEMI-UDMI4") is True

    @cached_property
    def elevated(self) -> Mapping[str, float]:
        """Leads that meet the criteria, in mV; else the pair that comes nearest to them; without aVR."""
        if self.stemi:
            return self.criterion_leads("STEMI-UDMI4")
        pair = largest_pair(self.levels.margins(self.levels.at_j))
        near = pair is not None and pair[0] >= _NEAR_LIMIT_MV
        return {lead: self.levels.at_j[lead] for lead in pair[1] if lead != "-aVR"} if pair and near else {}

    @cached_property
    def depressed(self) -> Mapping[str, float]:
        """Leads with ST depression, in mV, that have a depressed neighbour; without aVR."""
        at_j = self.levels.at_j
        low = {lead for lead, value in at_j.items() if value <= DEPRESSION_MV}
        pairs = [pair for pair in CONTIGUOUS if low.issuperset(pair)]
        members = {lead for pair in pairs for lead in pair} - {"-aVR"}
        return {lead: value for lead, value in at_j.items() if lead in members}

    @property
    def inferior_elevation(self) -> bool:
        """Whether two contiguous inferior leads reach the limit of elevation."""
        reached = [lead for lead in _INFERIOR if _reaches(self.levels.at_j, self.levels.limits, lead)]
        return "aVF" in reached and len(reached) > 1

    @property
    def right_chest_depression(self) -> bool:
        """Whether two neighbours of V1 to V3 are depressed, the mirror image of a posterior elevation."""
        return len(set(_RIGHT_CHEST) & self.depressed.keys()) > 1

    def criterion_leads(self, code: str) -> dict[str, float]:
        """Return the leads of a criterion.

        Parameters
        ----------
        code
            Code of a criterion about ST levels.

        Returns
        -------
        dict of str to float
            ST levels in mV by lead, without aVR; empty if the criterion is not met.
        """
        criterion = self._evidence.criterion(code)
        if criterion is None or not criterion.met:
            return {}
        values: Iterable[tuple[str, LeadValue | LeadTime]] = criterion.leads.items()
        return {lead: value.value_mv for lead, value in values if isinstance(value, LeadValue) and lead != "aVR"}

    def recorded(self, leads: Collection[str]) -> bool:
        """Return whether any of some leads was measured.

        Parameters
        ----------
        leads
            Standard names of the leads.

        Returns
        -------
        bool
            False without measurements.
        """
        measurements = self._evidence.measurements
        return measurements is not None and not measurements.leads.keys().isdisjoint(leads)


def _reaches(at_j: Levels, limits: Levels, lead: str) -> Verdict:
    return at_least(at_j.get(lead), limits[lead]) if limits else None
