"""The walls of the heart that an acute pattern affects."""

from einthoven.interpret.acute.features import INJURY
from einthoven.interpret.acute.st_findings import StFindings
from einthoven.interpret.criteria.st_elevation import territories
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.walls import WALLS_OF_STATEMENT, in_order

_LIKELY = 0.1  # probability from which the likeliest statement names a wall


def elevation_territory(evidence: Evidence, st: StFindings) -> tuple[str, ...]:
    """Return the walls of an infarct with ST elevation.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    st
        ST findings of the ECG.

    Returns
    -------
    tuple of str
        Walls by the leads that meet the criteria; otherwise by the leads that come nearest, and the likeliest infarct
        statement.
    """
    walls = set(territories(st.elevated))
    if not st.stemi:
        walls |= _likeliest(evidence, [label for label in WALLS_OF_STATEMENT if label not in INJURY])
    if evidence.met("STEMI-POSTERIOR-V1V3") or evidence.met("STEMI-V7V9"):
        walls.add("posterior")
    if evidence.met("STEMI-RV-V1") or evidence.met("STEMI-V3RV4R"):
        walls.add("right ventricular")
    return in_order(walls)


def injury_territory(evidence: Evidence, st: StFindings) -> tuple[str, ...]:
    """Return the walls of an injury with ST depression.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    st
        ST findings of the ECG.

    Returns
    -------
    tuple of str
        Walls by the likeliest statement about injury; otherwise by the depressed leads.
    """
    return in_order(_likeliest(evidence, INJURY) or set(territories(st.depressed)))


def _likeliest(evidence: Evidence, labels: tuple[str, ...] | list[str]) -> set[str]:
    probability, label = max([(evidence.probability(label) or 0.0, label) for label in labels])
    return set(WALLS_OF_STATEMENT[label]) if probability >= _LIKELY else set()
