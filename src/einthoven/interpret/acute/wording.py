"""The answer about an acute pattern in words."""

from collections.abc import Mapping
from typing import NamedTuple

from einthoven.interpret.acute.probability import PatternProbabilities
from einthoven.interpret.acute.st_findings import StFindings
from einthoven.interpret.answer import Decision
from einthoven.interpret.criteria.ecg import in_order
from einthoven.interpret.evidence import Evidence
from einthoven.text import capitalize

RULE_OUT = "no acute infarct pattern found; this does not exclude infarction"
REPEAT = "Repeat the ECG in 5 to 10 minutes."
_IF_SYMPTOMS = "If symptoms persist, repeat the ECG in 5 to 10 minutes."
_RIGHT_VENTRICLE = "Record V4R (right ventricle)."
_POSTERIOR = "Record V7 to V9 (posterior wall)."
_BRUGADA = "A Brugada pattern can imitate an anteroseptal infarct; have a cardiologist read the ECG."
_TALL_T = "Tall T waves: check potassium, and repeat the ECG in 5 minutes."
_NAMED = (
    "STEMI-UDMI4",
    "STEMI-RECIPROCAL",
    "STEMI-POSTERIOR-V1V3",
    "STEMI-V7V9",
    "STEMI-V3RV4R",
    "STEMI-RV-V1",
    "STD-UDMI4",
    "STD6-AVR",
    "SGARBOSSA-1996",
    "SGARBOSSA-SMITH",
    "BARCELONA-2020",
)
"""Criteria that appear among the reasons."""


class AcuteDecision(NamedTuple):
    """The decision about an acute pattern, before it is put into words."""

    decision: Decision
    probabilities: PatternProbabilities | None
    territory: tuple[str, ...] = ()
    block: str | None = None
    """The left bundle branch block or pacing whose criteria rule the pattern in."""
    withheld_because: str | None = None

    @property
    def is_injury(self) -> bool:
        """Whether the pattern is likelier one of ST depression than one of ST elevation."""
        return self.probabilities is not None and self.probabilities.injury > self.probabilities.elevation


def in_words(decision: AcuteDecision, evidence: Evidence, st: StFindings) -> str:
    """Return the answer in words.

    Parameters
    ----------
    decision
        The decision.
    evidence
        Evidence of the ECG, with its criteria.
    st
        ST findings of the ECG.

    Returns
    -------
    str
        A clause without a full stop.
    """
    old = evidence.answer.mi is not None and evidence.answer.mi.decision == "rule-in"
    if decision.decision == "rule-out":
        return f"infarct pattern, more likely old; {RULE_OUT}" if old else RULE_OUT
    if decision.decision == "rule-in":
        return _rule_in_words(decision, evidence, st)
    words = "infarct pattern of undetermined age" if old else "acute infarct pattern undecided"
    if st.stemi:
        words += f"; {_stemi_words(st)}"
    return f"{words}; {decision.withheld_because}" if decision.withheld_because else words


def advice(decision: AcuteDecision, evidence: Evidence, st: StFindings) -> tuple[str, ...]:
    """Return the next steps.

    Parameters
    ----------
    decision
        The decision.
    evidence
        Evidence of the ECG, with its criteria.
    st
        ST findings of the ECG.

    Returns
    -------
    tuple of str
        The steps, in sentences.
    """
    if evidence.electrodes.suspected:
        return (f"{evidence.electrodes.advice}.",)
    sentences = []
    if st.inferior_elevation and not st.recorded(("V4R",)):
        sentences.append(_RIGHT_VENTRICLE)
    if st.right_chest_depression and not st.recorded(("V7", "V8", "V9")):
        sentences.append(_POSTERIOR)
    if evidence.met("TALL-T"):
        sentences.append(_TALL_T)
    if evidence.met("BRUGADA-1"):
        sentences.append(_BRUGADA)
    if decision.decision != "rule-in":
        sentences.append(REPEAT if decision.decision == "undecided" else _IF_SYMPTOMS)
    return tuple(sentences)


def reasons(decision: AcuteDecision, evidence: Evidence, st: StFindings) -> tuple[str, ...]:
    """Return the reasons for the decision.

    Parameters
    ----------
    decision
        The decision.
    evidence
        Evidence of the ECG, with its criteria.
    st
        ST findings of the ECG.

    Returns
    -------
    tuple of str
        Sentences with measured values and limits.
    """
    met = [criterion for criterion in evidence.criteria if criterion.met and criterion.code in _NAMED]
    sentences = [f"{capitalize(criterion.name)}: {criterion.reason}" for criterion in met]
    gate = evidence.criterion("GATE-GOEBEL")
    if decision.decision == "rule-in" and st.stemi and gate is not None:
        sentences.append(f"Pre-hospital gate: {gate.reason}")
    return tuple(sentences)


def _rule_in_words(decision: AcuteDecision, evidence: Evidence, st: StFindings) -> str:
    *walls, last = decision.territory or ("",)
    where = f", {', '.join(walls)} and {last}" if walls else f", {last}" if last else ""
    if decision.block:
        code = "SGARBOSSA-1996" if evidence.met("SGARBOSSA-1996") else "SGARBOSSA-SMITH"
        rule = "Sgarbossa" if code == "SGARBOSSA-1996" else "modified Sgarbossa (Smith)"
        return f"acute infarct pattern in {decision.block}{where}; {rule} criteria met{_in(st.criterion_leads(code))}"
    if st.stemi:
        return f"ST-elevation infarct pattern{where}; {_stemi_words(st)}"
    if decision.is_injury:
        return (
            f"acute injury pattern{where}; ST depression{_in(st.depressed)}"
            if st.depressed
            else (f"acute injury pattern{where}")
        )
    elevation = f", ST elevation{_in(st.elevated)}" if st.elevated else ""
    return f"acute infarct pattern{where}; STEMI criteria not met{elevation}"


def _stemi_words(st: StFindings) -> str:
    opposite = st.criterion_leads("STEMI-RECIPROCAL")
    reciprocal = ", ".join([f"{lead} {_mm(opposite[lead])}" for lead in in_order(opposite)])
    return f"STEMI criteria met{_in(st.elevated)}" + (f", reciprocal {reciprocal}" if reciprocal else "")


def _in(leads: Mapping[str, float]) -> str:
    """Return text such as " in II, III, aVF (up to 2.4 mm)", with the largest deviation in either direction."""
    if not leads:
        return ""
    largest = max(leads.values(), key=abs)
    return f" in {', '.join(in_order(leads))} ({'up' if largest > 0 else 'down'} to {_mm(largest)})"


def _mm(value_mv: float) -> str:
    """Return a length on ECG paper, on which 1 mV is 10 mm."""
    return f"{10 * value_mv:.1f} mm"
